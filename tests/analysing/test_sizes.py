"""Papers of every size in contexts of every size: nothing overflows, what is read is told truly, and each question gets its part."""

from dataclasses import replace

import pytest

from digest.analysing import Request, analyse, load_style
from digest.analysing.engine import Job, Question
from digest.records import Document, Passage, ReadStatus, SectionKind, SectionStatus
from digest.workspace import Workspace, shipped
from tests.engines import ScriptedEngine, smollm2

GOOD = "- 编码器从低分辨率图像提取特征，采样 12 步 [p1]。"
KINDS = (SectionKind.ABSTRACT, SectionKind.INTRODUCTION, SectionKind.METHOD, SectionKind.EXPERIMENTS, SectionKind.CONCLUSION)
WORDS = "the encoder reads images of 12 scenes while a learned schedule places every sampling step where the error would be largest".split()


def paper(pages: int) -> Document:
    """A body of two passages of 160 words a page; the parts of a paper follow one another as they do in one."""
    passages = []
    for number in range(2 * pages):
        kind = KINDS[min(len(KINDS) - 1, number * len(KINDS) // (2 * pages))]
        text = " ".join(WORDS[(number + i) % len(WORDS)] for i in range(159)) + f" {number}."
        passages.append(Passage(id=f"p{number + 1}", page=number // 2 + 1, section=kind.title(), kind=kind, text=text))
    texts = tuple(" ".join(p.text for p in passages if p.page == page) for page in range(1, pages + 1))
    return Document(sha256="d" * 64, reader="1", status=ReadStatus.OK, pages=pages, passages=tuple(passages), page_texts=texts)


class Exact(ScriptedEngine):
    """Counts as SmolLM2 does, and refuses what does not fit."""

    def count(self, text: str) -> int:
        return smollm2(0.0).count(text)

    def _answered(self, job: Job, question: Question):
        assert self.count(job.paper) <= self.room(job.system, [question, *job.questions])
        return super()._answered(job, question)


@pytest.fixture
def whole(request_: Request) -> Request:
    """Chinese, every question of style ``method``."""
    return replace(request_, language="zh", style=load_style(Workspace(shipped()), "method"))


@pytest.mark.parametrize(("pages", "context_tokens"), [(2, 16384), (2, 6144), (40, 8192), (40, 32768), (260, 8192)])
def test_no_size_overflows_and_coverage_is_what_was_shown(whole, pages, context_tokens):
    document = paper(pages)
    engine = Exact({"*": [GOOD]}, context_tokens=context_tokens)
    analysis = analyse(replace(whole, document=document, context_tokens=context_tokens), engine)
    shown = engine.asked[0][1]
    read = [passage for passage in document.passages if f"[{passage.id}] {passage.text}" in shown]
    assert analysis.coverage.read_tokens == sum(engine.count(passage.text) for passage in read)
    assert analysis.coverage.total_tokens == sum(engine.count(passage.text) for passage in document.passages)
    assert (analysis.coverage.share == 1.0) == (len(read) == len(document.passages))
    assert {passage.kind for passage in read} >= {SectionKind.METHOD, SectionKind.EXPERIMENTS}
    assert len(analysis.sections) == len(whole.style.sections)


def test_a_context_of_2048_holds_the_daily_questions_and_the_best_passages(request_):
    daily = load_style(Workspace(shipped()), "daily")
    engine = ScriptedEngine({"*": ["- The encoder reads images of 12 scenes [p1]."]}, context_tokens=2048)
    analysis = analyse(replace(request_, style=daily, document=paper(40), context_tokens=2048), engine)
    assert 0 < analysis.coverage.share < 0.2
    assert engine.count(engine.asked[0][1]) <= engine.room(engine.asked[0][0], [question for _, _, question in engine.asked[:4]])


def test_an_empty_body_is_analysed_from_its_abstract_and_says_so(whole, document):
    analysis = analyse(
        replace(whole, document=replace(document, passages=(), page_texts=())), ScriptedEngine({"*": ["- 采样只需 12 步 [p1]。"]})
    )
    told = [section for section in analysis.sections if section.id != "title"]  # the reply is none
    assert {section.status for section in told} == {SectionStatus.ABSTRACT_ONLY}
    assert analysis.coverage.total_tokens == 0
