"use strict";
// j, k: next and previous paper; o: open or close what is folded in it; t: to the top; Esc: let go of a quote.
{
  const papers = [...document.querySelectorAll("article.paper")];
  const current = () => papers.findLastIndex((paper) => paper.getBoundingClientRect().top < 80);
  const go = (index) => {
    const paper = papers[Math.max(0, Math.min(papers.length - 1, index))];
    paper.tabIndex = -1;
    paper.scrollIntoView();
    paper.focus({ preventScroll: true });
  };
  const fold = (paper) => {
    const folded = [...(paper ?? document).querySelectorAll("details")];
    const open = folded.some((part) => !part.open);
    for (const part of folded) part.open = open;
  };
  const keys = {
    j: () => go(current() + 1),
    k: () => go(current() - 1),
    o: () => fold(papers[current()]),
    t: () => scrollTo(0, 0),
    Escape: () => document.activeElement.blur(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !papers.length) return;
    keys[event.key]?.();
  });
}
