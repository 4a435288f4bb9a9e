from hypothesis import given

from digest.publishing.html import inline_html
from digest.publishing.inline import literal, metadata, model_text
from tests.publishing.hostile import Page, has_math, hostile_text


def test_marks_become_elements():
    assert inline_html(model_text("**a** `b` <i>")) == "<strong>a</strong> <code>b</code> &lt;i&gt;"


def test_a_formula_that_cannot_be_converted_is_shown_as_code():
    assert inline_html(model_text(r"$\foo<x$")) == '<code class="tex">\\foo&lt;x</code>'


@given(hostile_text)
def test_what_a_model_writes_shows_as_itself(text):
    for inline in (model_text(text), metadata(text), literal(text)):
        page = Page(f"<p>{inline_html(inline)}</p>")
        assert all(tag in {"p", "strong", "code", "math"} or tag.startswith("m") for tag in page.tags)
        if not has_math(inline):
            assert page.text == inline.plain
