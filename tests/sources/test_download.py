from __future__ import annotations

import errno
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from digest.errors import PaperError
from digest.records import Paper
from digest.sources.download import Downloads, download, forget_old_parts
from digest.sources.http import PoliteClient
from tests.loopback import Answer, closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Request

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
        (Answer(b"%PD"), "not a PDF", True),
        (Answer('{"error": "busy"}'), "a web page", True),
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


TAGGED = {"ETag": '"v1"', "Content-Type": "application/pdf"}


def rest(start: int, told: str = "") -> Answer:
    """What a server sends of the PDF from *start*."""
    return Answer(PDF[start:], status=206, headers=TAGGED | {"Content-Range": told or f"bytes {start}-{len(PDF) - 1}/{len(PDF)}"})


def broken_at(size: int) -> Answer:
    return Answer(PDF[:size], headers=TAGGED, announced_bytes=len(PDF))


def test_a_broken_transfer_goes_on_where_it_broke_off(server, http, tmp_path):
    url = server.route("/x", broken_at(2000), rest(2000))
    assert download(paper(url), tmp_path, http).read_bytes() == PDF
    first, second = server.requests
    assert "range" not in first.headers
    assert (second.headers["range"], second.headers["if-range"]) == ("bytes=2000-", '"v1"')
    assert [path.name for path in tmp_path.iterdir()] == ["2601.20742v1.pdf"]


def test_what_has_arrived_outlives_the_process(server, http, tmp_path):
    url = server.route("/x", broken_at(2000), Answer(status=404), rest(2000))
    with pytest.raises(PaperError, match="HTTP 404"):
        download(paper(url), tmp_path, http)
    with PoliteClient(delay_seconds=0) as another:
        assert download(paper(url), tmp_path, another).read_bytes() == PDF
    assert server.requests[-1].headers["range"] == "bytes=2000-"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(PDF, headers={"ETag": '"v2"'}),  # another version by now: all of it
        rest(1000),  # starts elsewhere
        rest(2000, "bytes 2000-2999/9999"),  # not all that is missing
        Answer(status=416),
    ],
)
def test_a_server_that_does_not_go_on_there_is_asked_for_all_of_it(server, http, tmp_path, answer):
    url = server.route("/x", broken_at(2000), answer, PDF)
    assert download(paper(url), tmp_path, http).read_bytes() == PDF


def test_a_server_that_names_no_version_is_asked_for_all_of_it(server, http, tmp_path):
    url = server.route("/x", Answer(PDF[:2000], headers={"ETag": 'W/"weak"'}, announced_bytes=len(PDF)), PDF)
    download(paper(url), tmp_path, http)
    assert "range" not in server.requests[1].headers


def test_a_pdf_cut_without_a_word_is_noticed_by_its_end(server, http, tmp_path):
    url = server.route("/x", Answer(PDF[:3000], announces=False), Answer(PDF[:4000]), PDF)
    assert download(paper(url), tmp_path, http).read_bytes() == PDF


def test_the_rest_sent_as_if_it_were_all_is_noticed_by_its_beginning(server, http, tmp_path):
    url = server.route("/x", broken_at(2000), Answer(PDF[2000:], headers=TAGGED), PDF)
    assert download(paper(url), tmp_path, http).read_bytes() == PDF


def test_a_pdf_that_always_ends_so_is_taken_as_it_is(server, http, tmp_path):
    assert download(paper(server.route("/x", PDF[:-7])), tmp_path, http).read_bytes() == PDF[:-7]


def test_rubbish_under_the_final_name_is_replaced(server, http, tmp_path):
    (tmp_path / "2601.20742v1.pdf").write_text("<html>")
    assert download(paper(server.route("/x", PDF)), tmp_path, http).read_bytes() == PDF


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "free some space, what has arrived is kept"), (errno.EACCES, "Permission denied")]
)
def test_a_disk_that_refuses_is_told_and_nothing_is_lost(server, http, tmp_path, monkeypatch, code, said):
    def refuse(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    url = server.route("/x", Answer(PDF, headers=TAGGED), Answer(status=416), Answer(PDF, headers=TAGGED))
    monkeypatch.setattr("digest.sources.download.os.fsync", refuse)
    with pytest.raises(PaperError, match=said) as caught:
        download(paper(url), tmp_path, http)
    monkeypatch.undo()
    assert caught.value.retry
    assert download(paper(url), tmp_path, http).read_bytes() == PDF


def test_a_host_that_refuses_says_when_to_come_back(server, http, tmp_path, clock):
    error = failure(http, tmp_path, server.route("/x", Answer(status=429, headers={"Retry-After": "7200"})))
    assert error.not_before
    assert error.not_before.timestamp() == pytest.approx(clock.now() + 7200)


def test_several_hosts_are_asked_at_once_and_one_host_one_at_a_time(server, http, tmp_path):
    gate = threading.Barrier(2, timeout=10)  # passed only by two requests that are there at the same time

    def meet(_: Request) -> Answer:
        gate.wait()
        return Answer(PDF)

    here = server.route("/a", meet)
    papers = [paper(here, "2601.00001"), paper(here.replace("127.0.0.1", "localhost"), "2601.00002")]
    downloads = Downloads(tmp_path, http)
    downloads.start(papers)
    assert [downloads.path(item).name for item in papers] == ["2601.00001v1.pdf", "2601.00002v1.pdf"]
    downloads.stop()


def test_downloads_that_are_stopped_leave_what_can_be_gone_on_with(server, http, tmp_path):
    begun = threading.Event()

    def drip(_: Request) -> Answer:
        begun.set()
        return Answer(PDF, headers=TAGGED, seconds_a_byte=0.01)

    downloads = Downloads(tmp_path, http)
    slow, waiting = paper(server.route("/x", drip), "2601.00001"), paper(server.route("/y", PDF), "2601.00002")
    downloads.start([slow, waiting])
    assert begun.wait(10)
    downloads.stop()
    assert len(server.requests) == 1
    assert not list(tmp_path.glob("*.pdf"))


def test_a_part_begun_before_the_version_was_known_does_not_stay(server, http, tmp_path):
    url = server.route("/x", broken_at(2000), Answer(status=404), PDF)
    unversioned = Paper(id="2601.20742", title="T", abstract="", pdf=url)
    with pytest.raises(PaperError):
        download(unversioned, tmp_path, http)
    download(paper(url), tmp_path, http)
    assert [path.name for path in tmp_path.iterdir()] == ["2601.20742v1.pdf"]


def test_parts_that_nobody_wants_any_more_are_removed_after_a_week(tmp_path):
    for name, age_days in ((".old.pdf.part", 8), (".old.pdf.part.json", 8), (".new.pdf.part", 6), ("2601.00001v1.pdf", 99)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age_days * 86_400,) * 2)
    forget_old_parts(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new.pdf.part", "2601.00001v1.pdf"]
