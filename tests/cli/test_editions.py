"""Past digests in the terminal and drawn again: no model, no network, no PDF."""

import base64
import json
import re

import pytest

from digest.library.store import NAME, Store
from tests.publishing.examples import FULL, morning


@pytest.fixture
def folder(workspace):
    """The folder of the one edition in the library; its method edition lies beside it."""
    store = Store(workspace / "index" / NAME)
    store.add_papers([entry.ranked.paper for entry in morning().entries], today=morning().date)
    for style, name in (("method", "2026-02-16-2"), ("daily", "2026-02-16")):
        store.add_digest(morning(style=style), sources="arxiv", folder=name)
    store.close()
    figure = workspace / "digests" / "2026-02-16" / FULL.figure
    figure.parent.mkdir(parents=True)
    figure.write_bytes(b"picture")
    return workspace / "digests" / "2026-02-16"


def test_the_newest_digest_is_shown_in_plain_lines(digest, folder):
    shown = digest("show")
    assert shown.stdout.startswith("CV 论文日报 · 2026-02-16\n")
    assert "\x1b" not in shown.stdout
    assert "w_l(ξ)=1+γ_l‖ξ‖^α" in shown.stdout
    assert digest("show", "2026-02-16", "--style", "method").stdout.startswith("Arxiv Computer Vision Papers")


def test_one_paper_is_shown_by_a_part_of_its_title_with_its_abstract(digest, folder):
    shown = digest("show", "fourier").stdout
    assert shown.startswith("DiffFNO: Diffusion Fourier Neural Operator\n")
    assert "We introduce DiffFNO" in shown
    assert str(folder / "papers" / "2411.09911v2.pdf") in shown


def test_json_is_one_line_and_one_paper_is_its_own_object(digest, folder):
    whole = digest("show", "--json").stdout
    assert whole.count("\n") == 1
    assert json.loads(whole)["schema"] == "digest/1"
    assert json.loads(digest("show", "2411.09911", "--json").stdout)["id"] == "2411.09911v2"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2020-01-01"], "no digest of 2020-01-01 in the library"),
        (["--style", "odd"], "no odd digest in the library"),
        (["nobody"], "no paper of the library matches"),
    ],
)
def test_what_is_not_there_is_told_with_what_helps(digest, folder, arguments, said):
    result = digest("show", *arguments)
    assert (result.exit_code, said in result.stderr, "help:" in result.stderr) == (2, True, True)


def test_a_digest_is_drawn_again_in_another_form_beside_its_own(digest, folder):
    result = digest("render", "2026-02-16", "--style", "brief", "--json")
    assert result.exit_code == 0
    assert {path.name for path in folder.iterdir()} >= {"digest.html", "digest.md", "digest.json", "brief.html", "brief.md"}
    assert json.loads(result.stdout.splitlines()[0])["html"] == str(folder / "brief.html")
    assert "no style to draw in is called 'odd'" in digest("render", "--style", "odd").stderr


def test_a_single_file_holds_its_figures_and_leads_to_pdfs_on_the_web(digest, folder):
    digest("render", "2026-02-16", "--single-file")
    page = (folder / "digest-single.html").read_text(encoding="utf-8")
    assert f'src="data:image/png;base64,{base64.b64encode(b"picture").decode()}"' in page
    local = [link for link in re.findall(r'(?:href|src)="([^"]*)"', page) if not link.startswith(("#", "https://", "data:"))]
    assert local == []
    assert "https://arxiv.org/pdf/2411.09911v2#page=5" in page


def test_a_broken_template_of_the_workspace_is_named_with_its_line(digest, folder, workspace):
    (workspace / "templates").mkdir()
    (workspace / "templates" / "daily.md.j2").write_text("# {{ page.title }}\n{{ page.nowhere }}\n", encoding="utf-8")
    result = digest("render", "2026-02-16")
    assert result.exit_code == 2
    assert "daily.md.j2, line 2" in result.stderr
    (workspace / "templates" / "daily.md.j2").unlink()
    assert digest("render", "2026-02-16").exit_code == 0
