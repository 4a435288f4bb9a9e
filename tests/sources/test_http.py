from __future__ import annotations

import datetime as dt
import email.utils
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.errors import SourceError, SourcePaused, SourceUnreachable
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from tests.loopback import Answer, closed_port


def test_it_names_itself(server):
    url = server.route("/", "hello")
    with PoliteClient(delay_seconds=0, user_agent="digest-test/1") as http:
        assert http.get(url, source="test").body == b"hello"
    assert server.requests[0].headers["user-agent"] == "digest-test/1"


def test_an_answer_below_500_is_the_callers_to_judge(server, http):
    assert http.get(server.url + "/missing", source="test").status == 404


@pytest.mark.parametrize("status", [406, 429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(server, http, status):
    url = server.route("/", Answer(status=status), Answer(status=status, headers={"Retry-After": "0"}), "at last")
    assert http.get(url, source="test").body == b"at last"


def test_a_broken_connection_is_tried_again(server, http):
    url = server.route("/", Answer(reset=True), Answer("cut sh", announced_bytes=9), "cut short")
    assert http.get(url, source="test").body == b"cut short"


def test_it_gives_up_after_four_tries(server, http):
    url = server.route("/", Answer(status=503))
    with pytest.raises(SourceError, match=r"^test: 127\.0\.0\.1:\d+: HTTP 503, 4 times in a row$"):
        http.get(url, source="test")
    assert len(server.requests) == 4


def test_pauses_grow_and_retry_after_is_obeyed(server, http, clock):
    url = server.route("/", Answer(status=503), Answer(status=503), Answer(status=429, headers={"Retry-After": "17"}), "back")
    http.get(url, source="test")
    first, second, third = clock.slept
    assert 3.0 <= first <= 4.5  # half to one and a half of 3 s, but never less than the distance kept anyway
    assert 3.0 <= second <= 9.0
    assert third == pytest.approx(17.0)


def test_a_server_that_wants_a_long_wait_is_left_alone_for_so_long(server, http, clock):
    url = server.route("/", Answer(status=429, headers={"Retry-After": "3600"}), "back")
    with pytest.raises(SourcePaused, match="come back in 3600 s; it is left alone until") as caught:
        http.get(url, source="test")
    assert caught.value.until.timestamp() == pytest.approx(clock.now() + 3600)
    clock.time += 3500
    with pytest.raises(SourcePaused):
        http.get(url, source="test")
    assert len(server.requests) == 1
    clock.time += 101
    assert http.get(url, source="test").body == b"back"


@pytest.mark.parametrize("status", [406, 429])
def test_a_server_that_refuses_three_times_is_not_asked_a_fourth_time(server, http, status):
    url = server.route("/", Answer(status=status))
    for _ in range(2):
        with pytest.raises(SourcePaused, match=f"HTTP {status}; it is left alone until"):
            http.get(url, source="test")
    assert len(server.requests) == 3


def test_a_server_in_trouble_is_not_asked_for_ever(server, http):
    url = server.route("/", Answer(status=500))
    for _ in range(5):
        with pytest.raises(SourceError):
            http.get(url, source="test")
    assert len(server.requests) == 6


def test_retry_after_may_be_a_date(server, http, clock):
    tomorrow = dt.datetime.fromtimestamp(clock.now(), dt.UTC) + dt.timedelta(hours=20)
    url = server.route("/", Answer(status=503, headers={"Retry-After": email.utils.format_datetime(tomorrow, usegmt=True)}))
    with pytest.raises(SourceError, match="come back in 72000"):
        http.get(url, source="test")


@pytest.mark.parametrize("announces", [True, False])
def test_an_answer_that_drips_for_ever_is_cut(server, clock, announces):
    url = server.route("/", Answer(b"x" * 1000, announces=announces, seconds_a_byte=0.05))
    with (
        PoliteClient(delay_seconds=0, deadline_seconds=0.2, pace=Pace(delay_seconds=0, clock=clock)) as http,
        pytest.raises(SourceError, match="no whole answer within 0 s, 4 times"),
    ):
        http.get(url, source="test")


def test_headers_that_drip_for_ever_are_cut(server, clock):
    url = server.route("/", Answer(b"x", seconds_a_byte=0.05, drips_headers=True))
    with (
        PoliteClient(delay_seconds=0, deadline_seconds=0.2, pace=Pace(delay_seconds=0, clock=clock)) as http,
        pytest.raises(SourceError, match="no whole answer"),
    ):
        http.get(url, source="test")


def test_a_nonsense_retry_after_is_passed_over(server, http):
    url = server.route("/", Answer(status=503, headers={"Retry-After": "soon"}), "back")
    assert http.get(url, source="test").body == b"back"


def test_a_host_that_is_not_there_is_not_tried_again(http):
    with pytest.raises(SourceUnreachable, match="cannot be reached") as caught:
        http.get(f"http://127.0.0.1:{closed_port()}/", source="arxiv")
    assert caught.value.source == "arxiv"
    assert "--offline" in caught.value.hint


def test_requests_to_a_host_keep_their_distance_from_all_threads(server):
    arrivals = []

    def answer(_):
        arrivals.append(time.monotonic())
        return Answer("x")

    url = server.route("/", answer)
    with PoliteClient(delay_seconds=0.1) as http, ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: http.get(url, source="test"), range(3)))
    # Requests leave 0.1 s apart; how late each arrives is the machine's affair, so only the whole span can be checked.
    assert max(arrivals) - min(arrivals) > 0.1


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://[bad", "no address", "http://127.0.0.1:99999999/"])
def test_what_is_no_web_address_is_an_error_of_the_source(http, url):
    with pytest.raises(SourceError):
        http.get(url, source="test")


def test_redirects_without_end_are_an_error_of_the_source(server, http):
    url = server.route("/", Answer(status=302, headers={"Location": "/"}))
    with pytest.raises(SourceError, match="redirects"):
        http.get(url, source="test")


def test_an_endless_answer_is_cut_off(server, http, monkeypatch):
    monkeypatch.setattr("digest.sources.http._LARGEST_BODY_BYTES", 1 << 20)
    with pytest.raises(SourceError, match="more than 1 MiB"):
        http.get(server.route("/", b"x" * (2 << 20)), source="test")


@pytest.mark.parametrize("body", ["<html>hotel wifi</html>", "", "[" * 100_000, b"\xff\xfe"])
def test_what_is_not_json_is_an_error_of_the_source(server, http, body):
    with pytest.raises(SourceError, match="does not answer with JSON"):
        http.get_json(server.route("/", body), source="test")


def test_json_with_an_error_status_is_an_error_of_the_source(server, http):
    with pytest.raises(SourceError, match=r'HTTP 400: \{"error":"bad date"\}'):
        http.get_json(server.route("/", Answer('{"error":"bad date"}', status=400)), source="test")
