import dataclasses
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from digest.publishing import paper_text_lines, text_lines
from digest.publishing.inline import model_text
from digest.publishing.plain import plain, wrapped
from digest.publishing.wrapping import broken, cells
from tests.publishing import examples
from tests.publishing.examples import morning
from tests.publishing.hostile import everywhere, hostile_text


def shown(lines) -> str:
    return "".join(line.text.rstrip() + "\n" for line in lines)


def test_an_edition_and_one_paper_look_as_reviewed(golden):
    golden("publishing/daily.txt", shown(wrapped(text_lines(morning()), 80)))
    golden("publishing/paper.txt", shown(paper_text_lines(examples.FULL, "zh")))


def test_formulas_are_written_in_unicode():
    assert plain(model_text(r"$w_l(\xi)=1+\gamma_l\lVert\xi\rVert^{\alpha}$")) == "w_l(ξ)=1+γ_l‖ξ‖^α"
    assert plain(model_text(r"$\frac{a+b}{2}$ 与 $\sqrt{x_{LR}}$ 与 $\foo$")) == r"(a+b)/2 与 √(x_LR) 与 \foo"


def test_a_line_breaks_between_chinese_characters_and_words_but_before_no_comma():
    lines = broken([("body", "在频域补足高频，word wraps")], 12)
    assert ["".join(text for _, text in line) for line in lines] == ["在频域补足高", "频，word", "wraps"]


@given(st.text(alphabet="图像，。“”（） abc,.)(x\u0301", max_size=60), st.integers(min_value=4, max_value=30))
def test_no_line_is_too_wide_and_nothing_but_spaces_is_lost(text, width):
    lines = ["".join(part for _, part in line) for line in broken([("body", text[:20]), ("page", text[20:])], width)]
    assert all(sum(map(cells, line)) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(hostile_text)
def test_no_text_can_move_the_cursor_or_add_a_line(text):
    digest = everywhere(text)
    lines = [*text_lines(digest), *paper_text_lines(digest.entries[0], "zh")]
    calm = everywhere("word")
    assert len(lines) == len([*text_lines(calm), *paper_text_lines(calm.entries[0], "zh")])
    for character in "".join(line.text for line in lines):
        assert unicodedata.category(character) not in {"Cc", "Zl", "Zp"} or character == "\x85"


def test_the_lines_of_a_failed_paper_say_so():
    assert "下次运行会再试" in shown(paper_text_lines(examples.UNFINISHED, "zh"))
    unread = dataclasses.replace(examples.UNFINISHED, document=None, pdf="")
    assert "没有完成" in shown(text_lines(dataclasses.replace(morning(), entries=(unread,))))
