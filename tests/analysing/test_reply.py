"""What is let through of a model's reply. Most of the replies are SmolLM2's or those of the reference digests."""

import pytest

from digest.analysing.reply import Reply, read_reply
from digest.analysing.screen import Screen

PROMPT = (
    "You are a careful assistant.\nWhat is the key contribution of this paper? "
    "The reader's interests: image super-resolution, diffusion models."
)


def told(text: str, *, kind: str = "bullets", language: str = "en", ended: bool = True) -> list[str]:
    return [statement.text for statement in reply(text, kind=kind, language=language, ended=ended).statements]


def reply(text: str, *, kind: str = "bullets", language: str = "en", ended: bool = True) -> Reply:
    return read_reply(text, kind=kind, ended=ended, screen=Screen(PROMPT, language))


@pytest.mark.parametrize(
    "text",
    [
        "- The encoder reads the image.\n- The decoder draws it anew.",
        "1. The encoder reads the image.\n2. The decoder draws it anew.",
        "Sure! Here are the main points:\n\n* The encoder reads the image.\n* The decoder draws it anew.",
        "The method operates as follows:\n1. The encoder reads the image.\n2. The decoder draws it anew.\n\nI hope this helps!",
        "## Method\n**Steps:**\n- The encoder reads the image.\n- The decoder draws it anew.\n\nAblation Studies",
        "<think>The reader wants steps.\n- no</think>- The encoder reads the image.\n- The decoder draws it anew.",
        "It may be\nso.</think>The encoder reads the image. The decoder draws it anew.",
        "- The encoder reads the image.\n- The decoder draws it anew.\n- The encoder reads the image.<|im_end|>",
        "- The reader's interests: image super-resolution, diffusion models.\n- The encoder reads the image.\n- The decoder draws it anew.",
    ],
)
def test_only_the_statements_of_a_reply_come_out(text):
    assert told(text) == ["The encoder reads the image.", "The decoder draws it anew."]


def test_evidence_marks_are_read_and_leave_no_trace():
    found = reply("- It runs well (see [p3]).\n- As shown in [p4, p5], it is fast.\n- It is small. [p6]").statements
    assert [(s.text, s.evidence) for s in found] == [("It runs well.", ("p3",)), ("It is fast.", ("p4", "p5")), ("It is small.", ("p6",))]


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before_it():
    found = reply("The encoder reads it all. [p2] The decoder draws it anew. [p3]", kind="prose").statements
    assert [(s.text, s.evidence) for s in found] == [("The encoder reads it all.", ("p2",)), ("The decoder draws it anew.", ("p3",))]


def test_a_sentence_that_was_only_a_mark_is_dropped():
    assert told("- The answer to this is [p25].\n- The encoder reads the image.") == ["The encoder reads the image."]


def test_numbers_of_the_papers_own_references_are_taken_out_but_intervals_stay():
    assert told("- A transformer [17, 20] maps pixels to the interval [0, 1].") == ["A transformer maps pixels to the interval [0, 1]."]


def test_one_long_bullet_becomes_a_statement_a_sentence():
    assert len(told("- The encoder reads it. The decoder draws it. The critic judges both results.")) == 3


def test_chinese_prose_is_cut_at_its_own_full_stops():
    text = "该方法用扩散模型做超分辨率[p1]。采样只需 12 步！误差为 2.48%。"
    assert told(text, kind="prose", language="zh") == ["该方法用扩散模型做超分辨率。", "采样只需 12 步！", "误差为 2.48%。"]


@pytest.mark.parametrize("tail", ["It can", "\n- The decoder also", " [p1", "\n2.", " See (Fig. 3)"])
def test_a_reply_that_was_cut_loses_its_last_half_sentence(tail):
    assert told(f"- The encoder reads the image. {tail}", ended=False) == ["The encoder reads the image."]


@pytest.mark.parametrize(
    "text",
    [
        "As a result, the method needs no labels.",
        "The tool retries when the rate limit is reached and logs the exception.",
        "Language models say I cannot help with that when they are asked for harm.",
        "An error of 429 px remains.",
        "The user study shows a clear preference.",
    ],
)
def test_honest_statements_that_sound_like_errors_stay(text):
    assert told(f"- {text}\n- The encoder reads the image.")[0] == text


@pytest.mark.parametrize(
    "text", ["作为一种即插即用模块，它不需要重新训练。", "好的初始化对收敛很重要。", "这篇论文的核心创新点是把采样减到 12 步。"]
)
def test_honest_chinese_statements_stay(text):
    assert told(text, kind="prose", language="zh") == [text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",
        "<think>I should",
        "请提供论文内容，以便我进行分析。",
        "好的，我将以计算机视觉专家的身份进行分析。",
        "作为一个AI语言模型，我无法访问该论文的全文。",
        "I'm sorry, but I cannot access the paper you mention.",
        "429 RESOURCE_EXHAUSTED: You exceeded your current quota.",
        "You exceeded your current quota, please check your plan and billing details.",
        "Error: the model is overloaded, try again.",
        "What is the key contribution of this paper?",
        "Here is the analysis:",
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_an_error_or_an_echo_is_a_fault_and_yields_no_text(text, language):
    found = reply(text, kind="prose", language=language)
    assert found.fault
    assert not found.statements


@pytest.mark.parametrize("text", ["文中未说明。", "Not stated in the paper.", "- The code is not mentioned in the paper."])
def test_not_stated_is_no_fault(text):
    found = reply(text)
    assert found.not_stated
    assert not found.fault
    assert not found.statements


def test_a_reply_in_another_language_is_a_fault():
    assert reply("The encoder reads the image and the decoder draws it.", language="zh").fault == "not in Chinese"
    assert reply("编码器读取图像，解码器重新绘制图像。", language="en").fault == "not in English"


def test_two_results_that_differ_in_a_number_are_two_statements():
    assert len(told("- On DIV2K at scale 2 it reaches 35.10 dB.\n- On DIV2K at scale 4 it reaches 30.88 dB.")) == 2
