"""A small slice of ``python -m bench.verify``: statements made from real papers, and the same with one thing changed."""

from pathlib import Path

import pytest

from bench.verify import cases
from digest.analysing.judge import evidence_of
from digest.analysing.reply import Statement
from digest.reading import read

PAPERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdfs" / "cvpr2025"
SLICE = ("GoalFlow", "TAMT")


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers of ../shared/data/pdfs are not on this machine")
def test_planted_errors_are_flagged_and_true_statements_are_not():
    true = planted = doubted = caught = 0
    for seed, name in enumerate(SLICE):
        document = read(next(PAPERS.glob(f"{name}*.pdf")))
        evidence = evidence_of(document)
        for case, twin in cases(document, 20, seed):
            true, planted = true + 1, planted + 1
            doubted += not evidence.check(Statement(case.text)).verified
            caught += not evidence.check(Statement(twin.text)).verified
    assert true >= 20
    assert caught >= 0.9 * planted  # the whole sweep must reach 95 %; one case of a slice is 3 %
    assert doubted <= 1
