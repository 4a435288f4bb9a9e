"""The paper's title in Chinese: one line that keeps its names and numbers, or none."""

from dataclasses import replace

import pytest

from digest.analysing import analyse, load_style
from digest.analysing.extractive import ExtractiveEngine
from digest.analysing.heading import kept_title
from digest.records import SectionStatus
from digest.workspace import Workspace, shipped
from tests.engines import ScriptedEngine

TITLE = "DiffFNO: Diffusion Fourier Neural Operator in 30 Steps"


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("DiffFNO：30 步扩散傅里叶神经算子", "DiffFNO：30 步扩散傅里叶神经算子"),
        ("标题：《DiffFNO：30 步扩散傅里叶神经算子》\n", "DiffFNO：30 步扩散傅里叶神经算子"),
        ("<think>想</think>\nDiffFNO：扩散傅里叶神经算子，只需 30 步。", "DiffFNO：扩散傅里叶神经算子，只需 30 步"),
    ],
)
def test_a_line_that_keeps_names_and_numbers_is_the_title(reply, title):
    assert kept_title(reply, TITLE) == title


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "DiffFNO: Diffusion Fourier Neural Operator in 30 Steps",
        "扩散傅里叶神经算子，30 步",  # the name is lost
        "DiffFNO：50 步扩散傅里叶神经算子",  # another number
        "DiffFNO：扩散傅里叶神经算子",  # none
        "DiffFNO：30 步扩散傅里叶神经算子与 StyleGAN",  # a name too many
        "抱歉，请提供论文标题。",
        "这篇论文的标题是 DiffFNO：30 步扩散傅里叶神经算子",
        "DiffFNO：30 步扩散傅里叶神经算子\n它提出了一种新方法。",
        "DiffFNO 30 " + "很长的标题" * 20,
    ],
)
def test_anything_else_is_dropped(reply):
    assert kept_title(reply, TITLE) == ""


@pytest.mark.parametrize(("reply", "claims"), [("锐利步骤", ("锐利步骤",)), ("None", ())])
def test_a_title_is_a_section_of_its_own_and_its_lack_is_no_failure(request_, reply, claims):
    request = replace(request_, language="zh", style=load_style(Workspace(shipped()), "daily"))
    engine = ScriptedEngine({"title": [reply], "*": ["- 采样只需 12 步 [p1]。"]})
    section = analyse(request, engine).sections[-1]
    assert (section.id, tuple(claim.text for claim in section.claims)) == ("title", claims)
    assert section.status is (SectionStatus.OK if claims else SectionStatus.NOT_STATED)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_who_cannot_give_a_title_is_not_asked_for_one(request_, language):
    request = replace(request_, language=language, style=load_style(Workspace(shipped()), "daily"))
    engine = ExtractiveEngine() if language == "zh" else ScriptedEngine({"*": ["- Sharp Steps samples an image in 12 steps [p1]."]})
    assert "title" not in [section.id for section in analyse(request, engine).sections]
