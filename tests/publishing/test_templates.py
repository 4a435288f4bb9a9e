import pytest

from digest.errors import UsageError
from digest.publishing import Look, check_templates, render_html, render_markdown
from tests.publishing.examples import morning


@pytest.fixture
def own(tmp_path):
    """Writes a template of a workspace; gives the look that uses it."""

    def write(name: str, text: str) -> Look:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return Look(templates=tmp_path)

    return write


def test_a_workspaces_template_replaces_the_shipped_one(own):
    look = own("paper.html.j2", "<p>{{ paper.title }}</p>")
    assert "<p>DiffFNO: Diffusion Fourier Neural Operator</p>" in render_html(morning(), look)
    assert "<article" in render_html(morning())


def test_it_can_extend_the_shipped_one_and_escapes_as_it_does(own):
    look = own("daily.html.j2", '{% extends "shipped/daily.html.j2" %}{% block papers %}{{ "<b>" }}{% endblock %}')
    page = render_html(morning(), look)
    assert "&lt;b&gt;" in page
    assert 'class="overview"' in page


def test_a_frame_of_ones_own_serves_the_style_of_that_name(own):
    look = own("review.md.j2", "# {{ page.title }}")
    assert render_markdown(morning(style="review", title="周读"), look) == "# 周读\n"


def test_a_style_sheet_of_ones_own_is_allowed_by_the_pages_policy(own):
    page = render_html(morning(), own("style.css", "body { color: red }"))
    assert "<style>body { color: red }</style>" in page
    assert "style-src 'sha256-" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# {{ page.title }}\n{% if %}", "daily.md.j2, line 2: Expected an expression"),
        ("# {{ page.title }}\n\n{{ page.nowhere }}", "daily.md.j2, line 3: .* has no attribute 'nowhere'"),
        ("{{ page.title + 1 }}", "daily.md.j2, line 1: "),
        ("{{ 1 // 0 }}", "daily.md.j2, line 1: "),
        ("\n{% include 'nowhere.j2' %}", "daily.md.j2, line 2: "),
        ("{{ page.title.__class__.__mro__ }}", "daily.md.j2, line 1: "),
    ],
)
def test_a_broken_one_says_file_and_line(own, text, said):
    with pytest.raises(UsageError, match=said):
        render_markdown(morning(), own("daily.md.j2", text))


def test_a_slip_is_found_before_any_work(own):
    look = own("daily.html.j2", "{% for x in page.papers %}")
    with pytest.raises(UsageError, match=r"daily\.html\.j2, line 1"):
        check_templates(look.templates)


def test_a_workspace_without_templates_is_fine(tmp_path):
    check_templates(tmp_path / "templates")
    assert render_markdown(morning(), Look(templates=tmp_path / "templates")) == render_markdown(morning())
