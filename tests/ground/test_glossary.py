from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.glossary import Glossary, has_chinese
from digest.workspace import Workspace

SMALL = Glossary({"diffusion model": ("扩散模型", "DDPM"), "diffusion": ("扩散",), "image restoration": ("图像复原", "图像恢复")})
SHIPPED = Glossary.load()


def test_the_longest_term_wins_and_english_stays():
    said = SMALL.translate("用扩散模型做图像恢复 (few-step, ODE)。")
    assert said.text == "diffusion model image restoration (few-step, ODE)."
    assert said.terms == (("扩散模型", "diffusion model"), ("图像恢复", "image restoration"))
    assert said.missed == ()


def test_what_no_term_covers_is_told_without_the_words_of_grammar():
    said = SMALL.translate("关于扩散的中国古代陶器研究")
    assert (said.text, said.missed) == ("diffusion", ("中国古代陶器",))


def test_terms_of_statistics_are_no_everyday_words():
    asked = "梯度提升树、支持向量机和主成分分析；叶子节点上的奇异值分解"
    english = "gradient boosting, support vector machine principal component analysis; leaf node singular value decomposition"
    assert Glossary.load(words=True).translate(asked).text == english


def test_the_first_chinese_form_is_the_one_to_use():
    assert SMALL.chinese("Image Restoration") == "图像复原"
    assert SMALL.chinese("pottery") == ""


@given(st.text("扩散模型图像复原的a. ，陶", max_size=30))
def test_a_translation_holds_no_chinese_and_loses_no_term(text):
    said = SMALL.translate(text)
    assert not has_chinese(said.text)
    assert all(english in said.text for _, english in said.terms)


def test_the_shipped_terms_are_many_and_no_chinese_form_means_two_things():
    forms = [form for forms in SHIPPED.terms.values() for form in forms if has_chinese(form)]
    assert len(SHIPPED.terms) >= 600
    assert len(forms) == len(set(forms))
    assert all(has_chinese(forms[0]) for forms in SHIPPED.terms.values())
    assert not any(has_chinese(english) for english in SHIPPED.terms)


def test_a_workspace_adds_terms_of_its_own(tmp_path):
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "glossary.toml").write_text('[mine]\n"celadon" = ["青瓷"]\n', encoding="utf-8")
    glossary = Glossary.load(Workspace(tmp_path))
    assert glossary.translate("青瓷的超分辨率").text == "celadon super-resolution"


@pytest.mark.parametrize("text", ["[a\n", '"celadon" = ["青瓷"]\n', '[mine]\n"celadon" = "青瓷"\n', '[mine]\n"celadon" = []\n'])
def test_a_malformed_glossary_is_named(tmp_path, text):
    (tmp_path / "prompts").mkdir()
    path = tmp_path / "prompts" / "glossary.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"glossary\.toml"):
        Glossary.load(Workspace(tmp_path))


def test_a_paper_is_about_the_compound_terms_of_its_title_then_of_its_abstract():
    abstract = "Knowledge distillation of diffusion models. Our knowledge distillation is a state-of-the-art model."
    assert SHIPPED.key_terms("Fast Diffusion Models: a Real-Time Method", abstract) == ("扩散模型", "知识蒸馏")
    assert SHIPPED.key_terms("Segmentation of Images", "", most=1) == ("分割",)
    assert SHIPPED.key_terms("The Unheard-of", "") == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_title_has_at_most_four_terms_none_within_another(title, abstract):
    terms = SHIPPED.key_terms(title, abstract)
    assert len(terms) <= 4
    assert not [term for term in terms for other in terms if term != other and term in other]
