"""The figures of a model, on analyses small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.analysing.evaluate import Key, load_keys, score
from digest.reading import read
from digest.records import Analysis, AnalysisSection, Claim, Coverage, Provenance, SectionStatus, Timing
from digest.workspace import shipped

PROVENANCE = Provenance(
    engine="scripted", model="m", model_sha256="", prompts_sha256="", document_sha256="", reader="", seed=7, context_tokens=1024
)


def analysis(*sections: AnalysisSection, language: str = "zh") -> Analysis:
    return Analysis(
        paper="p",
        style="daily",
        language=language,
        sections=sections,
        coverage=Coverage(read_tokens=50, total_tokens=100),
        provenance=PROVENANCE,
        timing=Timing(prompt_tokens=100, output_tokens=40, seconds=2.0),
    )


def section(*claims: Claim, status: SectionStatus = SectionStatus.OK) -> AnalysisSection:
    return AnalysisSection(id="s", title="S", status=status, claims=claims)


GOOD = Claim(text="在 DIV2K 上达到 30.88 dB。", verified=True)
WRONG = Claim(text="在 Set5 上达到 99.9 dB。", unfound=("99.9 dB",))
ENGLISH = Claim(text="It is a new method.", verified=True)


def test_a_model_that_is_right_passes_every_limit():
    found = score([(analysis(section(GOOD)), [Key(wordings=("30.88",))])], language="zh")
    assert (found.verified, found.wrong_numbers, found.language, found.faults, found.keys) == (1, 0, 1, 0, 1)
    assert (found.coverage, found.written_tokens_per_second, found.seconds) == (0.5, 20, 2)
    assert found.failures == ()


def test_what_is_wrong_is_counted_of_what_could_be():
    made = analysis(section(GOOD, WRONG, ENGLISH), section(GOOD), section(status=SectionStatus.FAILED))
    found = score([(made, [Key(wordings=("DIV2K",)), Key(wordings=("diffusion", "扩散"))])], language="zh")
    assert found.claims == 4
    assert found.verified == 3 / 4
    assert found.wrong_numbers == 1 / 3  # of those with a number; a name with digits is one
    assert found.language == 3 / 4
    assert found.faults == 1 / 3
    assert found.repeated == 1 / 4
    assert found.keys == 1 / 2
    assert found.failures == ("verified", "wrong_numbers", "language", "faults", "repeated")


def test_a_model_that_says_nothing_does_not_pass():
    assert {"verified", "language", "keys"} <= set(score([(analysis(section()), [Key(wordings=("a",))])], language="zh").failures)


def test_english_is_right_for_an_english_reader():
    assert score([(analysis(section(ENGLISH), language="en"), [])], language="en").language == 1


@pytest.mark.parametrize("file", sorted(load_keys(shipped("samples", "papers") / "keys.toml")))
def test_every_key_can_be_met_from_its_paper(file: str):
    """One wording at least stands in the paper, so a model that reads it can say it."""
    folder = Path(shipped("samples", "papers"))
    text = read(folder / file).text
    assert [key.wordings[0] for key in load_keys(folder / "keys.toml")[file] if not key.said_in(text)] == []
