"""Margins and bests of the prose against small tables whose differences a reader can take by hand."""

from dataclasses import replace

import pytest

from digest.analysing import load_style
from digest.analysing.margins import findings
from digest.analysing.prompts import Prompts
from digest.analysing.unasked import absent_claims, margin_claims
from digest.records import Document, Passage, ReadStatus, SectionKind, Table
from digest.workspace import Workspace, shipped

ROWS = (
    ("", "DIV2K ×2", "", "DIV2K ×4", ""),
    ("Method", "PSNR ↑", "LPIPS ↓", "PSNR ↑", "LPIPS ↓"),
    ("SwinIR [3]", "35.10", "0.120", "30.10", "0.210"),
    ("LIIF [4]", "34.60", "0.118", "29.90", "0.220"),
    ("Sharp Steps (ours)", "35.50", "0.119", "30.60", "0.200"),
)


def document(abstract: str, rows: tuple[tuple[str, ...], ...] = ROWS, caption: str = "Results on DIV2K.") -> Document:
    passage = Passage(id="p1", page=1, section="Abstract", kind=SectionKind.ABSTRACT, text=abstract)
    table = Table(label="Table 1", caption=caption, page=5, rows=rows)
    return Document(
        sha256="d" * 64,
        reader="1",
        status=ReadStatus.OK,
        title="Sharp Steps: Fast",
        abstract=abstract,
        passages=(passage,),
        page_texts=(abstract,),
        text=abstract,
        tables=(table,),
    )


def test_a_margin_that_no_column_reaches_is_told_with_the_differences_to_the_second_best():
    (finding,) = findings(document("Sharp Steps outperforms existing methods by a margin of 2–4 dB in PSNR."), ("Sharp Steps",))[:1]
    assert (finding.kind, finding.claimed, finding.pages) == ("shortfall", "2–4 dB", (1, 5))
    assert [(column.name, round(column.lead, 2), column.rival_name) for column in finding.columns] == [
        ("DIV2K ×2 PSNR ↑", 0.4, "SwinIR"),
        ("DIV2K ×4 PSNR ↑", 0.5, "SwinIR"),
    ]


@pytest.mark.parametrize(
    "abstract",
    [
        "Sharp Steps improves PSNR by 0.5 dB over existing methods.",
        "Sharp Steps improves PSNR by up to 0.45 dB.",
        "Sharp Steps surpasses LIIF by 2 dB in PSNR.",  # one method by name: the strongest is the wrong measure
        "Sharp Steps needs 12 steps.",
        "It improves accuracy by 3%.",  # no column of shares
        "Its average gain is 2 dB.",
    ],
)
def test_a_margin_that_a_column_reaches_or_that_is_about_something_else_is_left_alone(abstract):
    assert findings(document(abstract), ("Sharp Steps",)) == []


def test_to_be_on_par_with_the_best_is_no_claim_to_be_best():
    rows = (*ROWS[:-1], ("Sharp Steps (ours)", "34.50", "0.130", "29.60", "0.230"))
    best, par = (f"Sharp Steps shows {what} performance to SoTA at a low cost." for what in ("superior", "comparable"))
    assert [finding.kind for finding in findings(document(best, rows), ("Sharp Steps",))] == ["beaten"]
    assert findings(document(par, rows), ("Sharp Steps",)) == []


def test_where_less_is_better_a_smaller_entry_leads():
    (finding,) = findings(document("Sharp Steps achieves state-of-the-art results."), ("Sharp Steps",))
    assert finding.kind == "beaten"
    assert [(column.name, round(column.lead, 3), column.rival_name) for column in finding.columns] == [("DIV2K ×2 LPIPS ↓", -0.001, "LIIF")]


def test_an_ablation_is_no_comparison():
    assert findings(document("We outperform existing methods by 2 dB.", caption="Ablation of the steps."), ("Sharp Steps",)) == []


def test_entries_with_the_same_backbone_are_compared():
    rows = (("Model", "PSNR"), ("EDSR-LIIF", "30.0"), ("EDSR-Sharp (ours)", "30.4"), ("RDN-LIIF", "31.0"), ("RDN-Sharp (ours)", "31.5"))
    (finding,) = findings(document("We outperform existing methods by 2 dB.", rows), ())
    assert [(column.name, round(column.lead, 1)) for column in finding.columns] == [("PSNR (EDSR)", 0.4), ("PSNR (RDN)", 0.5)]


@pytest.mark.parametrize("rows", [(), ((),), (("a",),), (("", ""), ("ours", "1")), (("ours", "x"), ("other", "y")), (("1", "2"), ("3",))])
def test_a_table_that_holds_nothing_to_compare_is_no_trouble(rows):
    assert findings(document("We outperform existing methods by 2 dB.", rows), ()) == []


@pytest.mark.parametrize(("language", "words"), [("zh", "主张与表格不符"), ("en", "Claim against table")])
def test_the_finding_is_a_claim_with_its_sentence_and_marked_as_found_without_a_model(language, words):
    prompts = Prompts(load_style(Workspace(shipped()), "daily"), language)
    (claim,) = margin_claims(document("Sharp Steps outperforms existing methods by 2–4 dB in PSNR."), prompts)[:1]
    assert words in claim.text
    assert "0.40–0.50 dB" in claim.text
    assert (claim.basis, claim.verified, claim.pages) == ("tables", True, (1, 5))
    assert claim.quote.startswith("Sharp Steps outperforms")


def test_what_stands_nowhere_in_the_whole_text_is_said_with_the_words_that_were_looked_for():
    style = load_style(Workspace(shipped()), "daily")
    paper = document("We propose a network for super-resolution. An ablation and its limitations are shown; it takes 12 ms. PSNR ± 0.1.")
    (claim,) = absent_claims(paper, style.absent, Prompts(style, "zh"))
    assert claim.text == "全文未出现：感知质量指标。"
    assert claim.unfound[:2] == ("LPIPS", "FID")
    assert claim.basis == "search"
    assert absent_claims(replace(paper, page_texts=("Table 2. LPIPS on DIV2K",)), style.absent, Prompts(style, "zh")) == []
