import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.publishing.inline import model_text
from digest.publishing.typography import typeset


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("用FNO,提升1.2 dB.", "用 FNO，提升 1.2 dB。"),
        ("模态再平衡(WFNO): 标准FNO截断高频模态;本文在第3层", "模态再平衡（WFNO）：标准 FNO 截断高频模态；本文在第 3 层"),
        ("占38.5%的计算量,在×4上由29.31升至29.70.", "占 38.5% 的计算量，在 ×4 上由 29.31 升至 29.70。"),
        ("FNO(傅里叶神经算子)见[3]的方法", "FNO（傅里叶神经算子）见 [3] 的方法"),
        ('所谓"模态" ，很好...', "所谓“模态”，很好……"),
        ("函数f(x)用model.eval()推理", "函数 f(x) 用 model.eval() 推理"),
        ("比例3:1,共1,000张,见 https://a.b/c,d?e=f", "比例 3:1，共 1,000 张，见 https://a.b/c,d?e=f"),
        ("已经很好：用 FNO，提升 1.2 dB。", "已经很好：用 FNO，提升 1.2 dB。"),
        ("The cost (a) is: b, c; f(x)...", "The cost (a) is: b, c; f(x)..."),
    ],
)
def test_chinese_is_spaced_and_punctuated_and_the_rest_is_kept(typed, shown):
    assert typeset(typed) == shown


def test_code_and_formulas_are_kept_and_stand_apart():
    spans = model_text("用`a,b(图)`在$x,y$层,**FNO**的").spans
    assert [span.text for span in spans] == ["用", " ", "a,b(图)", " ", "在", " ", "x,y", " ", "层，", "FNO", " ", "的"]


_TEXT = st.text(alphabet="图像在超AbZ019 ,.;:?!()[]\"'%×~+-/（），。：“”…$`*", max_size=40)


@given(_TEXT)
def test_setting_twice_changes_nothing_more(text):
    assert typeset(typeset(text)) == typeset(text)


@given(_TEXT)
def test_no_letter_and_no_figure_is_lost(text):
    assert list(filter(str.isalnum, typeset(text))) == list(filter(str.isalnum, text))


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=60))
def test_text_without_chinese_stays_as_it_is(text):
    assert typeset(text) == text
