"""Chinese statements without a number or a name, held against an English paper."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.analysing.judge import evidence_of
from digest.analysing.reply import Statement
from digest.glossary import Glossary
from digest.reading import read
from digest.records import Document, Passage, ReadStatus, SectionKind

if TYPE_CHECKING:
    from digest.analysing.verify import Evidence

ROOT = Path(__file__).resolve().parents[2]
TEXT = (
    "We freeze the encoder and train only small adapters on the target data, so that no retraining of the model is needed.",
    "Gated fusion combines spatial features with spectral features and improves high-frequency details.",
    "Token pruning reduces the memory of inference on mobile devices.",
    "Rain fell all day. The committee met in the afternoon. Nobody spoke of the harvest.",
    "Prices of grain rose. Ships came late. The harbour was closed for a week.",
)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    passages = tuple(
        Passage(id=f"p{n}", page=n, section="s", kind=SectionKind.METHOD, text=text) for n, text in enumerate((*TEXT, *TEXT[3:] * 3), 1)
    )
    document = Document(sha256="d", reader="1", status=ReadStatus.OK, pages=len(passages), passages=passages)
    return evidence_of(document, glossary=Glossary.load())


@pytest.mark.parametrize(
    ("statement", "page"),
    [
        ("门控融合把空间特征与频谱特征结合，改善细节。", 2),
        ("冻结编码器，只在目标数据上训练适配器，无需重新训练模型。", 1),
        ("词元剪枝降低了移动设备上推理的内存。", 3),
    ],
)
def test_a_statement_whose_terms_stand_together_is_borne_out_with_page_and_sentence(evidence, statement, page):
    claim = evidence.check(Statement(statement))
    assert claim.verified
    assert claim.pages == (page,)
    assert claim.quote == TEXT[page - 1]


@pytest.mark.parametrize(
    "statement",
    [
        "门控融合把空间特征与频谱特征结合，损害细节。",  # the other direction
        "冻结编码器，在目标数据上训练适配器和扩散模型。",  # a term too many
        "词元剪枝不能降低移动设备上推理的内存。",  # a "not" too many
        "冻结编码器，在目标数据上训练适配器，需要重新训练模型。",  # and one too few
        "该方法效果很好。",  # nothing that could be looked up
        "词元剪枝降低了推理的内存，门控融合把空间特征结合。",  # of two places
    ],
)
def test_a_statement_that_no_place_bears_out_is_not_verified(evidence, statement):
    assert not evidence.check(Statement(statement)).verified


def test_a_name_must_stand_in_the_same_place(evidence):
    assert not evidence.check(Statement("门控融合把空间特征与频谱特征结合，改善 ImageNet 的细节。")).verified


def test_no_false_statement_on_a_sample_paper_passes():
    """Not held out: `python -m bench claims` measures the others."""
    listed = tomllib.loads((ROOT / "bench" / "claims.toml").read_text(encoding="utf-8"))["paper"]
    for paper in listed:
        if paper["file"].startswith("samples/") and not paper.get("held_out"):
            name = paper["file"].partition("/")[2]
            evidence = evidence_of(read(ROOT / "samples" / "papers" / f"{name}.pdf"), glossary=Glossary.load())
            passed = {kind: [evidence.check(Statement(text)).verified for text in paper[kind]] for kind in ("true", "false")}
            assert not any(passed["false"])
            assert any(passed["true"])
