"""Papers come in ahead of the run that reads them."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import PAPERS
from tests.loopback import Answer, LoopbackServer
from tests.sources.test_arxiv import entry, feed


@pytest.fixture
def arxiv(workspace, papers):
    """A loopback arXiv with the three papers, and the host of their PDFs; the song is the one that the profile avoids."""
    names = dict(zip(PAPERS, ("2611.00001v1", "2611.00002v1", "2611.00003v2"), strict=True))
    with LoopbackServer() as server:
        rows = []
        for name, paper_id in names.items():
            pdf = server.route(f"/pdf/{paper_id}", (papers / f"{name}.pdf").read_bytes())
            row = entry(paper_id, published="2026-11-20T10:00:00Z", title=PAPERS[name][0], abstract=PAPERS[name][1])
            rows.append(row.replace(f"https://arxiv.org/pdf/{paper_id}", pdf))
        url = server.route("/api/query", feed(*rows))
        settings = workspace / "digest.toml"
        given = f'[sources]\narxiv_url = "{url}"\narxiv_rss_url = ""\ndelay_seconds = 0\n'
        settings.write_text(settings.read_text(encoding="utf-8") + given, encoding="utf-8")
        yield server


def test_pdfs_are_brought_ahead_and_the_run_opens_no_socket(digest, workspace, arxiv):
    fetched = digest("fetch", "--date", "2026-11-20", "--pdfs", "--json")
    assert fetched.exit_code == 0, fetched.stderr
    assert "PDFs: 2 chosen, 0 there before, 2 came" in fetched.stderr
    files = {row["id"]: row["file"] for row in map(json.loads, fetched.stdout.splitlines())}
    assert {name for name, file in files.items() if file} == {"2611.00001v1", "2611.00002v1"}
    asked = len(arxiv.requests)
    result = digest("run", "--date", "2026-11-20", "--offline", "--engine", "extractive", "--json", "--quiet")
    assert len(arxiv.requests) == asked
    found = json.loads(result.stdout)
    assert [paper["id"] for paper in found["papers"]] == ["2611.00001v1", "2611.00002v1"]
    assert not [row for row in found["skipped"] if row["stage"] == "download"]


def test_the_same_command_brings_what_failed_and_nothing_twice(digest, workspace, arxiv):
    arxiv.route("/pdf/2611.00002v1", Answer(status=404), arxiv._routes["/pdf/2611.00002v1"][0])
    first = digest("fetch", "--date", "2026-11-20", "--pdfs", "3")
    assert first.exit_code == 4
    assert "PDFs: 3 chosen, 0 there before, 2 came, 1 failed" in first.stderr
    again = digest("fetch", "--date", "2026-11-20", "--pdfs", "3")
    assert again.exit_code == 0, again.stderr
    assert "PDFs: 3 chosen, 2 there before, 1 came" in again.stderr
    assert len(arxiv.asked("/pdf/2611.00001v1")) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "2026-11-21", "--date", "2026-11-20"], "--since 2026-11-21 is after --date 2026-11-20"),
        (["--source", "arxiv:"], "no arXiv id was given"),
        (["--source", "arxiv:0112019"], "not an arXiv id: 0112019"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_told(digest, workspace, arguments, said):
    result = digest("fetch", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_other_questions_brought_is_no_answer_to_this_one(digest, workspace, arxiv, tmp_path):
    digest("fetch", "--date", "2026-11-20", "--quiet")
    arxiv.route("/api/query", feed(total=1))
    named = digest("fetch", "--source", "arxiv:2611.00001,1201.56789", "--date", "2026-11-20")
    assert named.exit_code == 1
    assert [line.split("\t")[0] for line in named.stdout.splitlines()] == ["2611.00001v1"]
    (tmp_path / "empty").mkdir()
    for arguments in (["--source", tmp_path / "empty"], ["--query", "all:nothing", "--offline"]):
        result = digest("fetch", "--date", "2026-11-20", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")


def test_it_counts_what_came(digest, workspace, arxiv):
    assert "papers: 3 listed, 3 of them different and readable, 3 new" in digest("fetch", "--date", "2026-11-20").stderr
    assert "papers: 3 listed, 3 of them different and readable, 0 new" in digest("fetch", "--date", "2026-11-21").stderr
    arxiv.route("/api/query", feed())
    assert "papers: 0 listed" in digest("fetch", "--date", "2026-11-21").stderr


def test_a_bad_file_is_told_by_its_path(digest, workspace, papers):
    (papers / "bad.pdf").write_bytes(b"garbage")
    result = digest("fetch", "--source", papers, "--quiet")
    assert result.exit_code == 4
    assert f"digest: {papers / 'bad.pdf'}: read: unreadable" in result.stderr
