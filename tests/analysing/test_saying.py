"""English statements held against single sentences: the same words are not enough."""

from __future__ import annotations

import pytest

from digest.analysing.reply import Statement
from digest.analysing.verify import Evidence
from digest.records import Passage, SectionKind

TEXT = (
    "A scoring mechanism selects the most appropriate goal from the candidates based on the scene.",
    "The deterministic sampler accelerates inference without sacrificing output quality.",
    "Low-rate spaces limit the fidelity of reconstruction, but high-rate spaces degrade editing.",
    "Existing pruning methods require extensive calibration of the tokens.",
    "We train the framework with cycle consistency losses.",
    "Rain fell all day. The committee met in the afternoon. Nobody spoke of the harvest.",
)
EVIDENCE = Evidence([Passage(id=f"p{n}", page=n, section="s", kind=SectionKind.METHOD, text=text) for n, text in enumerate(TEXT, 1)], TEXT)


@pytest.mark.parametrize(
    ("statement", "page"),
    [
        ("The scoring mechanism selects the goal from the candidates based on the scene.", 1),
        ("Based on the scene, the scoring mechanism selects the goal from the candidates.", 1),
        ("The sampler is deterministic and accelerates inference without sacrificing quality.", 2),
        ("High-rate spaces degrade the editing.", 3),
        ("Earlier pruning methods require extensive calibration.", 4),
        ("The framework is trained with cycle consistency losses.", 5),
    ],
)
def test_the_same_said_in_nearly_the_same_words_is_borne_out(statement, page):
    claim = EVIDENCE.check(Statement(statement))
    assert claim.verified
    assert claim.quote == TEXT[page - 1]


@pytest.mark.parametrize(
    "statement",
    [
        "The scene selects the scoring mechanism based on the goal of the candidates.",  # other roles
        "The deterministic sampler accelerates inference by sacrificing output quality.",  # a "without" too few
        "The deterministic sampler does not accelerate inference.",  # and a "not" too many
        "The deterministic sampler slows inference down without sacrificing output quality.",  # the other direction
        "High-rate spaces limit the fidelity of reconstruction.",  # from both sides of a "but"
        "Our pruning method requires extensive calibration of the tokens.",  # others do
        "All pruning methods require extensive calibration of the tokens.",  # not all
        "The framework is a framework of the losses with cycle quality.",  # words of the paper that say nothing
    ],
)
def test_the_same_words_that_say_something_else_are_not(statement):
    assert not EVIDENCE.check(Statement(statement)).verified
