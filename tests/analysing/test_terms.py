"""What the glossary has to do with prompts and with quotes."""

from dataclasses import replace

from digest.analysing import analyse
from digest.analysing.extractive import ExtractiveEngine
from digest.analysing.terms import terms_in
from digest.glossary import Glossary
from tests.engines import ScriptedEngine

GLOSSARY = Glossary(
    {
        "diffusion model": ("扩散模型",),
        "super-resolution": ("超分辨率", "超分"),
        "encoder": ("编码器",),
        "CNN": ("卷积神经网络",),
        "token": ("token", "词元"),
    }
)


def test_terms_are_found_as_whole_words_the_frequent_ones_first():
    text = "Diffusion models and one diffusion model do super-resolution; encoders of a CNN, an encoderless token."
    assert terms_in(text, GLOSSARY) == [("diffusion model", "扩散模型"), ("encoder", "编码器"), ("super-resolution", "超分辨率")]
    assert terms_in(text, GLOSSARY, least=2) == [("diffusion model", "扩散模型")]
    assert terms_in(text, None) == []


def test_a_chinese_prompt_names_the_terms_of_the_paper_and_is_the_same_for_every_question(request_):
    engine = ScriptedEngine({"*": ["- 采样只需 12 步 [p1]。"]})
    analyse(replace(request_, language="zh", glossary=GLOSSARY), engine)
    systems = {system for system, _, _ in engine.asked}
    assert len(systems) == 1
    assert "扩散模型（diffusion model）" in systems.pop()


def test_the_frame_of_a_quote_opens_with_the_terms_of_its_sentence(request_):
    analysis = analyse(replace(request_, language="zh", glossary=GLOSSARY), ExtractiveEngine())
    texts = [claim.text for section in analysis.sections for claim in section.claims if not claim.basis]
    assert any(text.startswith("扩散模型、超分辨率：“We present Sharp Steps") for text in texts)
