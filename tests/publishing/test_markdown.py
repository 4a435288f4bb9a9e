import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from digest.publishing.inline import literal, metadata, model_text
from digest.publishing.markdown import Markdown, inline_markdown, link
from tests.publishing.hostile import blocks, has_math, hostile_text, inline_tokens

_CONTEXTS = ["{}", "- {}", "### {}", "> {}", "| a |\n|---|\n| {} |", "**为什么推荐** {}"]
_ELEMENTS = {"<strong>", "</strong>", "<code>", "</code>", "<span>", "</span>"}


def written(text: str) -> str:
    return str(inline_markdown(model_text(text)))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# no heading", r"\# no heading"),
        ("- no item", r"\- no item"),
        ("12. no item", r"12\. no item"),
        ("12.5 dB, -0.3 dB", "12.5 dB, -0.3 dB"),
        ("---", r"\---"),
        ("> no quote", r"\> no quote"),
        ("a | b", r"a \| b"),
        ("line\n\n## next", r"line \#\# next"),
        ("<img src=x>", r"\<img src=x>"),
        ("![a](javascript:b)", r"!\[a\](javascript:b)"),
        ("see https://a.b and www.c.d", r"see https\://a.b and www\.c.d"),
        ("snake_case and _this_", r"snake_case and \_this\_"),
        ("#tag ==mark== %%gone%%", r"\#tag \=\=mark\=\= \%\%gone\%\%"),
        ("costs $5", r"costs <span>\$</span>5"),
        ("`a|b`", "<code>a&#124;b</code>"),
        ("中文and英文", "中文 and 英文"),
    ],
)
def test_what_would_be_markup_is_escaped_and_the_rest_is_left_alone(text, markdown):
    assert written(text) == markdown


def test_bold_uses_tags_where_asterisks_would_not_be_seen():
    assert written("**模块（X）**后") == "<strong>模块（X）</strong>后"
    assert written("**模块（X）**：后") == "**模块（X）**：后"


def test_a_formula_among_chinese_gets_the_spaces_that_github_needs():
    assert written("用$x$加权（$y$）") == "用 $x$ 加权（ $y$）"


def test_a_formula_says_the_same_without_what_markdown_would_eat():
    assert written(r"$\{a|b\}<c_{1}_{2}$") == r"$\lbrace a\vert b\rbrace \lt c _{1} _{2}$"


def test_formulas_reach_a_reader_that_knows_them():
    parser = MarkdownIt("commonmark").use(dollarmath_plugin, allow_space=False)
    tokens = [
        child for token in parser.parse(written(r"损失$\lVert\mathbf{x}_{1}\rVert$与 **$y_2$ 项**，5$")) for child in token.children or ()
    ]
    assert [token.content for token in tokens if token.type == "math_inline"] == [r"\lVert\mathbf{x} _{1}\rVert", "y_2"]


def test_a_link_without_a_target_is_its_text():
    assert link("p.5", "") == "p.5"
    assert link("a]b", "x y.pdf#page=5") == r"[a\]b](x%20y.pdf#page=5)"
    assert isinstance(link("a", "b"), Markdown)


@given(hostile_text)
def test_no_text_can_change_the_outline(text):
    for inline in (model_text(text), metadata(text), literal(text)):
        if inline.plain:
            markdown = inline_markdown(inline)
            assert "\n" not in markdown
            assert all(blocks(context.format(markdown)) == blocks(context.format("x")) for context in _CONTEXTS)


@given(hostile_text)
def test_no_text_becomes_a_link_an_image_or_an_element(text):
    for inline in (model_text(text), metadata(text), literal(text)):
        tokens = inline_tokens(f"- {inline_markdown(inline)}")
        assert {token.type for token in tokens} <= {"text", "code_inline", "strong_open", "strong_close", "html_inline"}
        assert {token.content for token in tokens if token.type == "html_inline"} <= _ELEMENTS


@given(hostile_text)
def test_what_a_model_writes_reads_as_itself(text):
    for inline in (model_text(text), metadata(text), literal(text)):
        tokens = inline_tokens(f"- {inline_markdown(inline)}")
        shown = "".join(token.content for token in tokens if token.type in {"text", "code_inline"})
        if not has_math(inline):
            assert shown == inline.plain
