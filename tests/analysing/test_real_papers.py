"""Three real papers: the prompts they make, and what their tables say to their abstracts. Nothing of their text stands here."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from digest.analysing import Request, analyse, load_style
from digest.analysing.margins import findings
from digest.glossary import Glossary
from digest.names import own_names
from digest.reading import read
from digest.records import Document, Paper, Table
from digest.workspace import Workspace, shipped
from tests.engines import ScriptedEngine

PAPERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdfs" / "cvpr2025"
NAMES = ("DiffFNO", "GoalFlow", "TAMT")
SHAPES = {"DiffFNO": (51, 51, 3), "GoalFlow": (56, 56, 5), "TAMT": (53, 54, 4)}  # passages shown, passages there, tables shown
pytestmark = pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers of ../shared/data/pdfs are not on this machine")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {name: read(next(PAPERS.glob(f"{name}*.pdf"))) for name in NAMES}


@pytest.mark.parametrize("style", ["daily", "method"])
@pytest.mark.parametrize("name", NAMES)
def test_the_prompts_of_a_real_paper_are_whole_and_alike_up_to_the_question(name, style, documents, request_: Request):
    document = documents[name]
    engine = ScriptedEngine({"*": ["- 采样只需 12 步 [p1]。"]}, context_tokens=16384)
    request = replace(
        request_,
        paper=Paper(id=name, title=document.title, abstract=document.abstract),
        document=document,
        style=load_style(Workspace(shipped()), style),
        language="zh",
        glossary=Glossary.load(),
    )
    analyse(request, engine)
    first = engine.asked[: len(request.style.sections)]
    assert len({system for system, _, _ in engine.asked}) == len({text for _, text, _ in engine.asked}) == 1
    system, text, _ = first[0]
    ids = re.findall(r"^\[(p\d+)\] ", text, re.MULTILINE)
    offered = {passage.id: passage.text for passage in request.material}
    assert ids == sorted(set(ids), key=lambda name: int(name[1:]))
    assert all(f"[{name}] {offered[name]}\n" in text for name in ids)
    assert text.startswith(document.title)
    assert "术语译名：" in system
    tables = sum(offered[name].startswith("Table ") for name in ids)
    assert (len(ids), len(offered), tables, len(system.split("、")) > 5) == (*SHAPES[name], True)
    assert [question.text.strip().splitlines()[-1] for _, _, question in first] == [s.question.zh for s in request.style.sections]


def test_the_lead_that_an_abstract_claims_is_held_against_its_table(documents):
    """DiffFNO: 2-4 dB claimed, 0.25 to 0.60 dB over the second best with the EDSR encoder. Rows as they stand on the page."""
    document = documents["DiffFNO"]
    text = " ".join(document.page_texts[6].split())
    rows = re.findall(r"((?:EDSR|RDN|HiNOTE)[^ ]* [(\[][^ ]+[)\]])((?: \d+\.\d+){12})", text)
    found = [(label, *numbers.split()) for label, numbers in rows]
    heads = (("", *(part for scale in (2, 3, 4, 6, 8, 12) for part in (f"×{scale}", f"×{scale}"))), ("Model", *("PSNR", "SSIM") * 6))
    table = Table(label="Table 1", caption="Comparison.", page=7, rows=(*heads, *found))
    (shortfall,) = [
        finding
        for finding in findings(replace(document, tables=(table,)), own_names(f"{document.title}. {document.abstract}"))
        if finding.kind == "shortfall"
    ]
    assert shortfall.claimed == "2–4 dB"
    leads = [round(column.lead, 2) for column in shortfall.columns if "EDSR" in column.name]
    assert (len(leads), min(leads), max(leads)) == (6, 0.25, 0.60)
