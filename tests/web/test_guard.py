"""Nothing leaves, nothing runs, nothing falls over."""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.library.feedback import Feedback
from digest.web.app import VIEWS
from digest.web.guard import LONGEST_ADDRESS, Door
from digest.web.server import _Patient
from tests.web.conftest import EVIL, SCRIPT, SHARP, Room, open_room

MANY = int(os.environ.get("DIGEST_MANY_REQUESTS", "60"))
PAGES = ["/", "/days", "/day/2026-02-16", "/search?q=aaa", f"/search?q={quote(SCRIPT)}", "/library", f"/library?title={quote(SCRIPT)}"]
PAGES += ["/run", "/profile", "/settings", "/nowhere", f"/paper/{quote(EVIL, safe='')}", f"/near/{quote(EVIL, safe='')}"]


def raw(room: Room, path: str, **headers: str) -> tuple[int, bytes]:
    """A request for exactly that path, with exactly those headers."""
    connection = http.client.HTTPConnection("127.0.0.1", room.door.port, timeout=30)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "", "[::1"]
)
def test_a_name_that_a_stranger_made_point_here_is_not_answered(room, host):
    status, body = raw(room, "/", Host=host.format(port=room.door.port))
    assert status == 421
    assert b"Sharp" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_the_names_of_this_machine_are_answered(room, host):
    assert raw(room, "/", Host=f"{host}:{room.door.port}")[0] == 200


def test_a_server_for_others_is_called_by_numbers_and_asks_for_its_address():
    door = Door(host="0.0.0.0", port=8765)
    assert door.is_called("192.168.1.7:8765")
    assert not door.is_called("rebound.example:8765")
    assert door.url == f"http://127.0.0.1:8765/?seat={door.seat}"


def test_from_another_machine_nothing_is_shown_without_the_printed_address(filled):
    for room in open_room(filled, host="0.0.0.0"):
        assert room.client.get("/").status_code == 403
        assert room.client.get("/", params={"seat": "guess"}).status_code == 403
        assert room.client.get("/static/room.js").status_code == 403
        let_in = room.client.get("/", params={"seat": room.door.seat})
        assert (let_in.status_code, let_in.headers["location"]) == (303, "/")
        assert "SHARP" in room.client.get("/").text.upper()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"X_Digest_Token": ""}, 403),
        ({"X_Digest_Token": "guess"}, 403),
        ({"Cookie": ""}, 403),
        ({"Cookie": "digest_1=x"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_another_site_writes_nothing(room, headers, status):
    assert room.post({"id": SHARP.id, "verdict": 1}, **headers).status_code == status
    assert Feedback(room.desk.store).of(SHARP.id) == 0


@pytest.mark.parametrize(
    "body", [[], 7, {"id": 7, "verdict": 1}, {"id": SHARP.id, "verdict": 9}, {"id": SHARP.id}, {"id": "no", "verdict": 1}]
)
def test_a_write_that_says_nothing_writes_nothing(room, body):
    assert room.post(body).status_code in {400, 404}
    assert Feedback(room.desk.store).of(SHARP.id) == 0


def test_a_large_or_endless_write_is_refused(room):
    assert room.post({"id": "x" * 3000, "verdict": 1}).status_code == 413
    own = {"Origin": f"http://127.0.0.1:{room.door.port}", "X-Digest-Token": room.door.token, "Content-Type": "application/json"}
    own["Cookie"] = f"{room.door.cookie}={room.door.seat}"
    assert room.client.post("/feedback", content=iter([b"{}"]), headers=own).status_code == 411


def test_another_site_may_link_here_but_not_embed_or_ask(room):
    assert room.client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 200
    for mode in ("no-cors", "cors", "websocket"):
        for path in ("/", "/pdf/2602.00001", "/static/room.js"):
            assert room.client.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode}).status_code == 403


def test_every_answer_forbids_scripts_frames_and_guessing(room):
    for path in [*PAGES, "/static/room.js", "/pdf/2602.00001", "/page/1/2602.00001", "/page/99/2602.00001"]:
        answer = room.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("kind", ["", "pdf/", "page/1/", "figure/0/", "overview/", "paper/", "static/", "day/", "boxes/1/", "order/"])
@pytest.mark.parametrize(
    "path",
    [
        "../../../etc/passwd",
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "....//etc/passwd",
        "%00",
        "..\\..\\",
    ],
)
def test_a_path_leads_to_no_file(room, kind, path):
    status, body = raw(room, f"/{kind}{path}")
    assert status == 404
    assert b"root:" not in body


def test_a_pdf_is_only_the_very_file_that_was_read(room, tmp_path):
    store = room.desk.store
    sha256, path = store.file_of(SHARP.id)
    assert room.client.get(f"/pdf/{SHARP.id}").content.startswith(b"%PDF")
    other = tmp_path / "secret.pdf"
    other.write_bytes(b"%PDF-1.7 secret")
    link = tmp_path / "link.pdf"
    link.symlink_to("/etc/passwd")
    try:
        for elsewhere in (other, link, tmp_path / "gone.pdf", tmp_path):
            store.connection.execute("UPDATE file SET path = ? WHERE paper = ?", (str(elsewhere), SHARP.id))
            for kind in ("pdf/", "page/1/", "boxes/1/"):
                assert room.client.get(f"/{kind}{SHARP.id}").status_code == 404
    finally:
        store.connection.execute("UPDATE file SET path = ? WHERE paper = ?", (path, SHARP.id))
    assert room.desk.pdf(SHARP) is not None
    assert sha256


class _Elements(HTMLParser):
    """What a page would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.bad: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs).get("src"))
        if tag in {"style", "iframe", "object", "embed", "base"}:
            self.bad.append((tag, "", None))
        for name, value in attrs:
            outside = name in {"src", "href", "action"} and value and not value.startswith(("/", "#", "https://arxiv.org/"))
            if name.startswith("on") or name == "style" or outside:
                self.bad.append((tag, name, value))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("part", ["", "part=1"])
def test_whatever_papers_hold_no_page_has_a_script_or_style_but_its_own(room, path, part):
    text = room.client.get(f"{path}{'&' if '?' in path else '?'}{part}").text
    found = _Elements()
    found.feed(text)
    assert found.scripts in ([], ["/static/room.js"])
    assert found.bad == []


@pytest.mark.parametrize("query", ["x" * 3000, "\0", '"', "a OR b NEAR(", "* ^ : - ( ) { }", "\ud83d\ude00" * 300, "AND " * 400, "%" * 600])
def test_any_query_is_answered(room, query):
    assert room.client.get("/search", params={"q": query.encode("utf-8", "replace").decode()}).status_code in {200, 414}
    assert room.client.get("/library", params={"title": query.encode("utf-8", "replace").decode()}).status_code in {200, 414}


def test_an_endless_address_is_refused(room):
    assert room.client.get("/search", params={"q": "x" * LONGEST_ADDRESS}).status_code == 414
    assert raw(room, "/" + "x" * 100_000)[0] in {400, 414}


def test_a_search_that_was_given_up_is_not_begun(room):
    go = threading.Event()
    busy = [room.desk._threads.submit(go.wait, 30) for _ in range(room.desk._threads._max_workers)]
    with socket.create_connection(("127.0.0.1", room.door.port)) as browser:
        browser.sendall(f"GET /search?q=givenup HTTP/1.1\r\nHost: 127.0.0.1:{room.door.port}\r\n\r\n".encode())
        assert room.client.get("/static/room.css").status_code == 200  # by then the search waits for a thread
    assert room.client.get("/static/room.css").status_code == 200
    go.set()
    assert all(one.result() for one in busy)
    assert "longer search" in room.client.get("/search?q=longer search").text
    asked = room.desk.tools.embedder._embedder.asked
    assert ("givenup" in asked, "longer search" in asked) == (False, True)


def test_slow_clients_are_hung_up_on_and_hold_up_nobody(filled, monkeypatch):
    monkeypatch.setattr(_Patient, "request_seconds", 0.3)
    for room in open_room(filled):
        slow = [socket.create_connection(("127.0.0.1", room.door.port)) for _ in range(40)]
        for n, one in enumerate(slow):
            one.sendall([b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "][n % 3])
        assert room.client.get("/days").status_code == 200
        for one in slow:
            one.settimeout(30)
            assert one.recv(100) == b""
            one.close()


def test_a_byte_now_and_then_buys_no_time(filled, monkeypatch):
    monkeypatch.setattr(_Patient, "request_seconds", 0.3)
    for room in open_room(filled):
        with socket.create_connection(("127.0.0.1", room.door.port)) as slow:
            slow.settimeout(30)
            sent = 0
            try:
                for sent in range(300):
                    slow.sendall(b"GET / HTTP/1.1\r\n".ljust(300, b"x")[sent : sent + 1])
                    time.sleep(0.02)
            except OSError:
                pass
            assert sent < 299


NAMES = st.sampled_from(
    [SHARP.id, "2602.00001v2", EVIL, "2026-02-16", "2026-02-15", "..", "room.js", "", "1", "file:" + "0" * 64]
) | st.text(max_size=12)
VALUES = st.sampled_from(["", "0", "1", "-1", "99999999999", "zh", "2026-02-16", "cs.CV", "liked", "taste", '"', "is:liked"]) | st.text(
    max_size=30
)
ASKED = st.dictionaries(
    st.sampled_from("q part lang page title category source state since until sort quote p".split()) | st.text(max_size=4),
    VALUES,
    max_size=4,
)


@given(
    view=st.sampled_from(VIEWS),
    name=NAMES,
    number=st.integers(-2, 9) | st.integers(),
    asked=ASKED,
    method=st.sampled_from(["GET", "GET", "HEAD", "POST", "PUT"]),
)
@settings(max_examples=MANY, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_random_requests_are_all_answered(room, view, name, number, asked, method):
    name = quote(name.encode("utf-8", "replace"), safe="")
    path = view.path.replace("{folder}", name).replace("{id:path}", name).replace("{number:int}", str(number))
    asked = {key.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode() for key, value in asked.items()}
    answer = room.client.request(method, path, params=asked)
    assert answer.status_code < 500
