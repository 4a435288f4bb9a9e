"""Texts that try to be something else, and readers of what became of them."""

import dataclasses
from html.parser import HTMLParser

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from digest.publishing.inline import Inline, Mark
from digest.records import Claim, Digest, HiddenText, Ranked, Reason
from tests.publishing import examples
from tests.publishing.examples import analysis, morning, section

_FRAGMENTS = [
    *(
        "**",
        "*",
        "`",
        "```",
        "$",
        "$x$",
        "#",
        "# ",
        "- ",
        "+ ",
        "> ",
        "|",
        "---",
        "===",
        "\n",
        "\n\n",
        "    ",
        "_",
        "__",
        "~~",
        "==",
        "%%",
        "^a",
    ),
    *(
        "<script>",
        "</p>",
        "<b onclick=x>",
        "<!--",
        "-->",
        "&lt;",
        "&#60;",
        "![a](javascript:x)",
        "[a](b)",
        "[a]: b",
        "[[w]]",
        "(",
        ")",
        "]",
        "[",
    ),
    *(
        "\\",
        "\\(",
        "\\)",
        "\\text{<b>}",
        "1. ",
        "2) ",
        "www.a.b",
        "https://e.x",
        "a@b.cd",
        "!",
        ":",
        '"',
        "'",
        "{{ x }}",
        "{%",
        "\x00",
        "\u202e",
    ),
    *("中文", "（", "）", "。", "word", "é", "7", " ", "\t", "|---|", "\u2028", "\ud800", "\ue000"),
]
hostile_text = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=3)), max_size=12).map("".join)


class Page(HTMLParser):
    """The tags, attributes and visible text of a piece of HTML; closing tags must match."""

    _VOID = frozenset({"meta", "img", "link", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script", "title"}:
            self.text += data


def parse_markdown(markdown: str) -> list[Token]:
    """Tokens as GitHub's dialect has them, without formulas: those must be harmless even where nothing knows them."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def blocks(markdown: str) -> list[str]:
    """The outline: type and level of every block."""
    return [f"{token.type} {token.tag} {token.level}" for token in parse_markdown(markdown)]


def inline_tokens(markdown: str) -> list[Token]:
    return [child for token in parse_markdown(markdown) for child in token.children or ()]


def has_math(text: Inline) -> bool:
    return any(span.mark is Mark.MATH for span in text.spans)


def everywhere(text: str) -> Digest:
    """The full entry with *text* in every field that others write."""
    full = examples.FULL
    claims = (Claim(text=text + "x", pages=(1,), quote=text, unfound=(text,)),)
    paper = dataclasses.replace(
        full.ranked.paper,
        id=text,
        title=text + "x",
        abstract=text + "x",
        authors=(text + "x",) * 9,
        categories=(text + "x",),
        link=text,
        pdf=text,
    )
    document = examples.document(
        facts=(dataclasses.replace(full.document.facts[0], kind=text, value=text + "x", quote=text),) if full.document else (),
        hidden=(HiddenText(page=1, reason=text, text=text),),
        reasons=(text,),
    )
    entry = dataclasses.replace(
        full,
        ranked=dataclasses.replace(full.ranked, paper=paper, reasons=(Reason(interest=text, share=0.5, sentence=text + "x"),)),
        document=document,
        analysis=analysis(
            text,
            section("a", text + "x", *claims),
            section("b", "b", *claims, kind="prose"),
        ),
        pdf=text + "x",
        figure=text + "x",
        figure_caption=text + "x",
        neighbours=(paper,),
    )
    return dataclasses.replace(
        morning(), entries=(entry,), notices=(text + "x",), model=text, near=(Ranked(paper=paper, score=50, relevance=0.1),)
    )
