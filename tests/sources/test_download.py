from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.errors import PaperError
from digest.records import Paper
from digest.sources.download import download
from tests.loopback import Answer, closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from digest.sources.http import PoliteClient

PDF = b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF\n"


def paper(pdf: str, arxiv_id: str = "2601.20742", version: int = 1) -> Paper:
    return Paper(id=arxiv_id, version=version, title="T", abstract="", pdf=pdf)


def failure(http: PoliteClient, folder: Path, pdf: str) -> PaperError:
    with pytest.raises(PaperError) as caught:
        download(paper(pdf), folder, http)
    assert caught.value.stage == "download"
    assert not folder.exists() or list(folder.iterdir()) == []
    return caught.value


def test_a_pdf_arrives_whole_under_the_name_of_its_paper(server, http, tmp_path):
    path = download(paper(server.route("/pdf/x", PDF)), tmp_path / "papers", http)
    assert path == tmp_path / "papers" / "2601.20742v1.pdf"
    assert path.read_bytes() == PDF
    assert list(path.parent.iterdir()) == [path]


def test_an_old_id_is_one_file_name(server, http, tmp_path):
    path = download(paper(server.route("/x", PDF), arxiv_id="quant-ph/0112019", version=2), tmp_path, http)
    assert path == tmp_path / "quant-ph_0112019v2.pdf"


def test_what_lies_there_is_not_fetched_again(server, http, tmp_path):
    wanted = paper(server.route("/x", PDF))
    assert download(wanted, tmp_path, http) == download(wanted, tmp_path, http)
    assert len(server.requests) == 1


def test_a_local_pdf_stays_where_it_is(http, tmp_path):
    local = tmp_path / "mine.pdf"
    local.write_bytes(PDF)
    assert download(paper(str(local)), tmp_path / "papers", http) == local
    assert not (tmp_path / "papers").exists()


def test_a_broken_transfer_is_tried_again(server, http, tmp_path):
    url = server.route("/x", Answer(status=503), Answer(PDF[:2000], announced_bytes=len(PDF)), Answer(reset=True), PDF)
    assert download(paper(url), tmp_path, http).read_bytes() == PDF


def test_a_pdf_that_never_arrives_whole_leaves_nothing_behind(server, http, tmp_path):
    error = failure(http, tmp_path, server.route("/x", Answer(PDF[:2000], announced_bytes=len(PDF))))
    assert error.retry
    assert "2000 bytes" in error.reason


@pytest.mark.parametrize(
    ("answer", "reason", "retry"),
    [
        (Answer("<html>soon</html>", headers={"Content-Type": "text/html; charset=utf-8"}), "a web page", True),
        (Answer("\n<!DOCTYPE html><html>robot?</html>", headers={"Content-Type": "application/pdf"}), "a web page", True),
        (Answer(b"\x1f\x8b" + b"x" * 2000), "not a PDF", False),
        (Answer(b"x" * 1024 + PDF), "not a PDF", False),
        (Answer(b""), "an empty answer, 4 times", True),
        (Answer(status=404), "HTTP 404", False),
        (Answer(status=403), "HTTP 403", True),
        (Answer(status=503), "HTTP 503, 4 times", True),
        (Answer(PDF, announced_bytes=300 << 20), "larger than 200 MiB", False),
    ],
)
def test_what_is_not_a_pdf_is_a_failure_of_this_paper(server, http, tmp_path, answer, reason, retry):
    error = failure(http, tmp_path, server.route("/x", answer))
    assert reason in error.reason
    assert error.retry is retry


def test_junk_before_the_header_is_allowed(server, http, tmp_path):
    assert download(paper(server.route("/x", b"junk\n" + PDF)), tmp_path, http).is_file()


def test_an_endless_file_is_cut_off(server, http, tmp_path, monkeypatch):
    monkeypatch.setattr("digest.sources.download.LARGEST_BYTES", 3000)
    error = failure(http, tmp_path, server.route("/x", Answer(PDF, announces=False)))
    assert ("larger than" in error.reason, error.retry) == (True, False)


def test_no_network_is_a_failure_that_may_pass(http, tmp_path):
    assert failure(http, tmp_path, f"http://127.0.0.1:{closed_port()}/x").retry


@pytest.mark.parametrize("pdf", ["", "/nowhere/x.pdf"])
def test_a_paper_without_full_text_is_not_tried_again(http, tmp_path, pdf):
    assert not failure(http, tmp_path, pdf).retry


@pytest.mark.parametrize("pdf", ["ftp://example.org/x.pdf", "file:///etc/passwd"])
def test_only_the_web_is_downloaded_from(http, tmp_path, pdf):
    assert "protocol" in failure(http, tmp_path, pdf).reason


def test_a_place_that_cannot_be_written_is_told(server, http, tmp_path):
    (tmp_path / "papers").write_text("a file, not a folder")
    with pytest.raises(PaperError, match="cannot write"):
        download(paper(server.route("/x", PDF)), tmp_path / "papers", http)
