"""Statements held against a small paper: what is borne out, what is not, and where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.analysing.quantities import quantities
from digest.analysing.reply import Statement
from digest.analysing.verify import Evidence
from digest.records import Claim, Passage, SectionKind, Table

BODY = (
    "Sharp Steps samples an image in 12 steps with a ResNet-50 encoder. It was trained on four GPUs for 1.2 million iterations.",
    "On DIV2K the model reaches an error of 2.48% and runs 27x faster than Auto Mix at 256x256 pixels since 2021.",
)
PAGES = (
    f"{BODY[0]} On DIV2K the",
    "model reaches an error of 2.48% and runs 27x faster than Auto Mix at 256x256 pixels since 2021. PSNR 30.88 SSIM 0.870",
)
EVIDENCE_PASSAGES = [Passage(id=f"p{n}", page=1, section="1", kind=SectionKind.METHOD, text=text) for n, text in enumerate(BODY, 1)]
EVIDENCE = Evidence(EVIDENCE_PASSAGES, PAGES)


def check(text: str, *cited: str) -> Claim:
    return EVIDENCE.check(Statement(text, cited))


def test_a_paraphrase_is_borne_out_by_its_sentence():
    claim = check("The image is sampled in 12 steps by Sharp Steps with an encoder.")
    assert claim.verified
    assert claim.quote == "Sharp Steps samples an image in 12 steps with a ResNet-50 encoder."
    assert claim.pages == (1,)


def test_a_statement_whose_words_are_in_no_one_sentence_is_not_borne_out():
    claim = check("The texture of animal fur is reconstructed by global attention over the image.")
    assert not claim.verified
    assert claim.quote == ""
    assert claim.pages == ()


def test_a_true_sentence_does_not_save_a_false_neighbour():
    assert not check("Sharp Steps samples an image in 12 steps. Glass panels reflect the human body.").verified


def test_a_small_number_that_stands_elsewhere_in_the_paper_does_not_verify():
    claim = check("Sharp Steps samples an image in 27 steps with an encoder.")
    assert claim.unfound == ()
    assert not claim.verified


def test_a_measurement_from_a_table_brings_its_page():
    claim = check("Sharp Steps samples an image in 12 steps with 30.88 PSNR.")
    assert claim.pages == (1, 2)


def test_numbers_of_a_row_without_a_name_bear_nothing_out():
    row = "Sharp Steps ; 30.88 ; 0.870 ; 141"
    table = Table(label="Table 1", caption="PSNR, SSIM and time.", page=2, rows=(("Method", "PSNR", "SSIM", "ms"), tuple(row.split(" ; "))))
    evidence = Evidence(EVIDENCE_PASSAGES, PAGES, ("Sharp Steps",), [table])
    assert not evidence.check(Statement("Each sentence consists of words: 30.88 | 0.870 | 141.")).verified
    assert evidence.check(Statement("Sharp Steps needs 141 ms and has a PSNR of 30.88.")).verified


@pytest.mark.parametrize("number", ["13 steps", "2.480%", "2.48", "12%", "28x", "28×", "512x512", "2022", "1.3 million", "12,000"])
def test_a_number_that_the_paper_does_not_hold_is_flagged(number):
    assert check(f"It reaches {number}").unfound != ()
    assert check(f"它达到 {number}").unfound != ()


@pytest.mark.parametrize(
    "number",
    ["12 steps", "2.48%", "2.48 %", "27x", "27×", "27 倍", "256 × 256", "2021", "1,200,000", "1.2M", "120万", "4 GPUs"],
)
def test_a_number_written_another_way_is_found(number):
    assert check(f"它达到 {number}").unfound == ()


@pytest.mark.parametrize("name", ["ResNet50", "ResNet 50", "GPU", "GPUs", "AutoMix", "Auto-Mix", "DIV2K", "SSIM", "ResNet-50-encoder"])
def test_a_name_is_found_in_any_spelling(name):
    assert check(f"使用 {name}").unfound == ()


@pytest.mark.parametrize("name", ["LPIPS", "ResNet101", "ImageNet", "Mix2", "Stable Diffusion"])
def test_a_name_that_the_paper_does_not_hold_is_flagged(name):
    assert check(f"使用 {name}").unfound != ()


def test_a_name_inside_another_word_is_not_that_name():
    assert check("使用 STEP 和 AGES").unfound == ("AGES",)


def test_words_that_chinese_prose_borrows_are_no_names():
    assert check("整体 pipeline（e.g. 采样 vs 训练）沿用 baseline").unfound == ()


def test_commands_and_variables_of_formulas_are_no_names():
    assert check("目标为 $\\hat{z}_t$ 与 \\mathcal 项").unfound == ()


def test_a_chinese_statement_needs_two_things_in_common_with_a_sentence():
    assert check("Sharp Steps 只需 12 步采样。").verified
    assert not check("该方法采样很快。").verified
    assert not check("编码器为 ResNet-50 之外的网络。").pages or check("编码器为 ResNet-50。").verified


def test_a_chinese_statement_with_a_cited_passage_needs_one():
    assert check("在 DIV2K 上测试。", "p2").verified
    assert not check("在 DIV2K 上测试。", "p1").verified
    assert not check("该方法采样很快。", "p1").verified


def test_a_chinese_paper_is_compared_by_its_characters():
    passage = Passage(
        id="p1", page=4, section="一", kind=SectionKind.METHOD, text="本文提出一种扩散模型。采样过程只需要很少的步数即可完成。"
    )
    claim = Evidence([passage], []).check(Statement("采样过程需要的步数很少。"))
    assert claim.verified
    assert (claim.pages, claim.quote) == ((4,), "采样过程只需要很少的步数即可完成。")


def test_a_quote_points_to_the_page_it_begins_on():
    passage = Passage(
        id="p1", page=1, section="1", kind=SectionKind.METHOD, text="The encoder reads images. The decoder paints mountains in oil."
    )
    claim = Evidence([passage], ["The encoder reads images.", "The decoder paints mountains in oil."]).check(
        Statement("The decoder paints mountains.")
    )
    assert claim.pages == (2,)


def test_a_range_shares_its_sign():
    assert [set(quantity.values) for quantity in quantities("from 70.1 to 76.4%")] == [{"70.1", "70.1%"}, {"76.4%"}]


@given(st.text(max_size=200), st.text(max_size=300))
def test_a_quote_is_always_a_sentence_of_the_paper(statement, body):
    claim = Evidence([Passage(id="p1", page=1, section="", kind=SectionKind.OTHER, text=body)], [body]).check(Statement(statement))
    assert claim.quote in " ".join(body.split())
    assert bool(claim.quote) == bool(claim.pages)
    assert claim.quote or not claim.verified


def test_the_nearest_sentences_of_the_paper_stand_in_for_a_model_that_said_nothing_true():
    method, aside = (
        passage("We propose a gated fusion module that joins both branches of the network.", SectionKind.METHOD, "p1"),
        passage("The weather in the recorded scenes was mostly fine during the whole week.", SectionKind.OTHER, "p2"),
    )
    found = Evidence([aside, method], [aside.text, method.text]).nearest("gated module; network", (SectionKind.METHOD,), count=1)
    assert [(claim.text, claim.quote, claim.pages, claim.verified) for claim in found] == [(method.text, method.text, (2,), True)]


def test_a_question_that_no_sentence_touches_quotes_nothing():
    only = passage("The weather in the recorded scenes was mostly fine during the whole week.", SectionKind.OTHER, "p1")
    assert Evidence([only], [only.text]).nearest("diffusion sampling", (), count=2) == ()


def passage(text: str, kind: SectionKind, name: str) -> Passage:
    return Passage(id=name, page=2 if kind is SectionKind.METHOD else 1, section="Any", kind=kind, text=text)
