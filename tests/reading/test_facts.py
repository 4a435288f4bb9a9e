"""Facts and the grade."""

import pytest

from digest.reading.facts import facts
from digest.reading.grade import grade, language_of
from digest.records import Section, SectionKind


def found(sentence: str, title: str = "") -> list[tuple[str, str]]:
    return [(fact.kind, fact.value) for fact in facts(title, [(3, sentence)])]


@pytest.mark.parametrize(
    ("sentence", "kind", "value"),
    [
        ("We train on ImageNet for ten epochs.", "dataset", "ImageNet"),
        ("Results on the NewBench dataset are shown.", "dataset", "NewBench"),
        ("It reaches a PSNR of 30.88 dB there.", "metric", "PSNR of 30.88 dB"),
        ("It leads by 2–4 dB in PSNR there.", "metric", "2–4 dB in PSNR"),
        ("We obtain 81.5% top-1 accuracy there.", "metric", "81.5% top-1 accuracy"),
        ("Code: https://github.com/ada/gutters.", "code", "https://github.com/ada/gutters"),
        ("The code is available at https://github.com/ ada/gutters.", "code", "https://github.com/ ada/gutters"),
        ("Our project page is https://gutters.example.org/paper.", "code", "https://gutters.example.org/paper"),
        ("It is trained for 3.5 days on eight P100 GPUs.", "compute", "3.5 days"),
        ("We train on 8 NVIDIA A100 GPUs for a day.", "compute", "8 NVIDIA A100 GPUs"),
        ("It runs well (on an NVIDIA A100 80GB).", "compute", "NVIDIA A100 80GB"),
        ("It runs well on an A100 (80 GB) card.", "compute", "A100 (80 GB) card"),
        ("Our project page is https://gutters.example.org/ now.", "code", "https://gutters.example.org"),
        ("It is trained on a T4 GPU for a day.", "compute", "T4 GPU"),
        ("On an NVIDIA card, the T4, it is slow.", "compute", "T4"),
        ("It has an MAE of 0.75 there.", "metric", "MAE of 0.75"),
        ("The model has 1.3B trainable parameters.", "parameters", "1.3B trainable parameters"),
        ("We propose a network of gutters (GutterNet) here.", "method", "GutterNet"),
        ("In this paper we present Reader-X for columns.", "method", "Reader-X"),
    ],
)
def test_what_is_written_in_the_usual_ways_is_found(sentence: str, kind: str, value: str) -> None:
    assert (kind, value) in found(sentence)


def test_the_title_names_the_method_where_the_text_does_too() -> None:
    assert found("We show DiffFNO at work.", "DiffFNO: Diffusion Fourier Neural Operator") == [("method", "DiffFNO")]
    assert found("We show something else.", "Gutters: A Study") == []


def test_a_fact_is_stated_once_with_its_page_and_sentence() -> None:
    (fact,) = facts("", [(2, "We use DIV2K."), (5, "Again DIV2K is used.")])
    assert (fact.page, fact.quote) == (2, "We use DIV2K.")


def test_own_results_come_before_those_of_others() -> None:
    stated = [
        (2, "ResNet reaches an accuracy of 75.1%."),
        (6, "Our model reaches an accuracy of 81.5%."),
        (7, "GutterNet has a PSNR of 30.8 dB."),
    ]
    metrics = [fact for fact in facts("GutterNet: Two Columns", stated) if fact.kind == "metric"]
    assert [(fact.value, fact.own) for fact in metrics] == [
        ("accuracy of 81.5%", True),
        ("PSNR of 30.8 dB", True),
        ("accuracy of 75.1%", False),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "A reader finds the way through two columns of print.",
        "T4. Worker removal: more workers raise the throughput.",
        "The masking ratio of MAE is 75% there.",
        "It achieves 23.7%/21.9% ADE/FDE improvement there.",
        "The code will be available at https://github.com/ soon.",
    ],
)
def test_prose_without_facts_has_none(sentence: str) -> None:
    assert found(sentence) == []


ENGLISH = "The order of the file is not to be trusted and that is the point of it. " * 60
SECTIONS = [Section(title=title, kind=kind, level=1, page=1, text="") for title, kind in zip("ABC", SectionKind, strict=False)]


def test_an_ordinary_paper_gets_an_a() -> None:
    found = grade(ENGLISH, pages=2, unread=0, scanned=False, sections=SECTIONS)
    assert (found.letter, found.language, found.reasons) == ("A", "en", ())


def test_what_lowers_a_grade_is_said() -> None:
    found = grade(ENGLISH, pages=2, unread=0, scanned=True, sections=SECTIONS)
    assert (found.letter, found.reasons) == ("B", ("text recognised from a scan",))
    assert grade(ENGLISH, pages=2, unread=0, scanned=True, sections=[]).letter == "C"


def test_broken_characters_and_missing_pages_make_it_hopeless() -> None:
    assert grade("\ufffd" * 900 + ENGLISH[:900], pages=1, unread=0, scanned=False, sections=SECTIONS).letter == "F"
    assert grade(ENGLISH, pages=5, unread=3, scanned=False, sections=SECTIONS).letter == "F"


@pytest.mark.parametrize(
    ("text", "language"),
    [("the end of the road and of it", "en"), ("我们提出一种扩散模型 DiffFNO", "zh"), ("der Weg durch zwei Spalten", "other")],
)
def test_the_language_is_told_by_its_commonest_words(text: str, language: str) -> None:
    assert language_of(text) == language
