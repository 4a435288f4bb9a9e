"""What the reading room shows."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from digest import web
from digest.library.feedback import Feedback
from digest.web.desk import Desk, Kept
from digest.web.status import status
from digest.web.words import words_for
from digest.workspace import Workspace
from tests.web.conftest import EVIL, QUOTE, SHARP, SONG


def test_the_newest_digest_comes_first_and_leads_to_the_one_before(room):
    page = room.client.get("/").text
    assert "2026-02-16" in page
    assert 'href="/day/2026-02-15"' in page
    assert 'href="/paper/2602.00001"' in page
    assert "Writing Songs" in room.client.get("/day/2026-02-15").text


def test_an_empty_workspace_says_what_to_do(tmp_path):
    from tests.web.conftest import open_room

    for room in open_room(tmp_path):
        page = room.client.get("/").text
        assert "还没有日报" in page
        assert "digest run" in page
        for path in ("/days", "/library", "/search?q=x", "/run", "/profile", "/settings"):
            assert room.client.get(path).status_code == 200


def test_the_language_of_the_workspace_is_spoken_until_another_is_chosen(room):
    assert '<html lang="zh-CN">' in room.client.get("/days").text
    chosen = room.client.get("/days?lang=en")
    assert '<html lang="en">' in chosen.text
    assert '<html lang="en">' in room.client.get("/library").text
    room.client.cookies.clear()


def test_a_paper_stands_beside_the_page_that_it_cites_first(room):
    page = room.client.get(f"/paper/{SHARP.id}").text
    assert "保留全部频率" in page
    assert 'data-first="2"' in page
    assert 'src="/page/2/2602.00001"' in page
    assert 'href="/pdf/2602.00001#page=2"' in page


@pytest.mark.parametrize("name", ["2602.00001v2", "2602.00001", EVIL])
def test_a_paper_answers_to_its_names(room, name):
    assert room.client.get(f"/paper/{quote(name, safe='')}").status_code == 200
    assert room.client.get(f"/page/1/{quote(name, safe='')}").content.startswith(b"\x89PNG")


def test_a_quoted_sentence_is_found_on_its_page(room):
    found = room.client.get(f"/boxes/2/{SHARP.id}", params={"quote": QUOTE}).json()
    assert (found["width"], found["height"]) == (595, 842)
    ((left, top, right, bottom),) = found["boxes"]
    assert 72 <= left < right <= 523
    assert 165 <= top < bottom <= 400
    assert room.client.get(f"/boxes/2/{SHARP.id}", params={"quote": "Nothing of the kind."}).json()["boxes"] == []


def test_search_shows_the_passage_and_the_page(room):
    page = wait_for(room, "/search?part=1&q=frequency image")
    assert "<mark>The method keeps every frequency of the image.</mark>" in page
    assert '<blockquote lang="en">' in page
    assert "&amp;quote=The+method+keeps+every" in page
    assert re.search(
        rf'href="/paper/{SHARP.id}\?p=\d&amp;quote=[^"]+" title="[^"]+"><span class="chip">另见第 \d 页</span> <span lang="en">\w', page
    )
    assert "没有找到" in wait_for(room, "/search?part=1&q=zebra is:liked")


def wait_for(room, path: str) -> str:
    """A part that models are needed for."""
    room.desk.with_models(wait=True)
    return str(room.client.get(path).text)


def test_a_filter_that_does_not_take_its_value_is_told(room):
    page = wait_for(room, "/search?part=1&q=frequency in:nothing")
    assert "“in:nothing” 按普通词检索；in: 可取" in page
    assert "按普通词检索" not in wait_for(room, "/search?part=1&q=frequency in:method")


def test_a_phrase_that_stands_nowhere_is_told(room):
    page = wait_for(room, '/search?part=1&q=frequency "of <no> page"')
    assert "没有段落逐字包含“of &lt;no&gt; page”，已按普通词检索。" in page
    assert "<mark>" in page
    assert "逐字包含" not in wait_for(room, '/search?part=1&q=method "every frequency"')


def test_a_search_before_the_model_is_loaded_is_not_kept_waiting(filled):
    desk = Desk(Workspace(filled))
    from digest.web.desk import Loading

    with pytest.raises(Loading):
        desk.with_models(wait=False)
    desk.close()


def test_the_library_is_filtered(room):
    everything = room.client.get("/library").text
    assert everything.count('class="item"') == 3
    only = room.client.get("/library", params={"category": "cs.SD"}).text
    assert "Writing Songs" in only
    assert "Sharp Steps" not in only
    assert 'class="item"' not in room.client.get("/library", params={"since": "2026-03-01"}).text
    assert room.client.get("/library", params={"title": "sharp"}).text.count('class="item"') == 1


def test_a_verdict_is_kept_and_ranks_at_once(room):
    wait_for(room, "/days")
    before = room.client.get("/order/2026-02-16?part=1").text
    assert room.post({"id": SONG.id, "verdict": 1}).json() == {"id": SONG.id, "verdict": 1}
    assert Feedback(room.desk.store).of(SONG.id) == 1
    after = room.client.get("/order/2026-02-16?part=1").text
    assert scores(before)[SONG.id] < scores(after)[SONG.id]
    assert room.post({"id": SONG.id, "verdict": 0}).json()["verdict"] == 0
    assert scores(room.client.get("/order/2026-02-16?part=1").text) == scores(before)


def scores(page: str) -> dict[str, int]:
    found = re.findall(r'data-item="([^"]+)".*?</span> (\d+)<svg', page, re.DOTALL)
    return {name: int(score) for name, score in found}


def test_a_run_beside_it_is_not_disturbed_and_shown(room):
    workspace = Workspace(room.root)
    assert "没有命令在运行" in room.client.get("/run").text or "还没有运行过" in room.client.get("/run").text
    with workspace.lock():  # the room never holds it
        workspace.progress.write_text('{"stage": "analyse", "done": 3, "total": 8}', encoding="utf-8")
        page = room.client.get("/run").text
        assert "正在运行" in page
        assert '<progress id="stage" max="8" value="3">' in page
        assert room.post({"id": SHARP.id, "verdict": -1}).status_code == 200
    room.post({"id": SHARP.id, "verdict": 0})
    workspace.progress.unlink()
    assert not status(workspace).running


def test_how_the_last_command_ended_is_told(tmp_path):
    (tmp_path / "index").mkdir()
    log = "2026-02-16 07:30:00,001 [4194000] began: digest run\n2026-02-16 07:30:01,001 [4194000] rank: 300\n"
    (tmp_path / "index" / "digest.log").write_text(f"{log}2026-02-16 07:31:00,001 [4194000] failed: the disk is full\n", encoding="utf-8")
    found = status(Workspace(tmp_path))
    assert (found.command, found.began, found.running, found.failed) == ("digest run", "2026-02-16 07:30:00", False, "the disk is full")
    assert [step.said for step in found.steps] == ["rank: 300"]


def test_settings_keep_secrets(room):
    page = room.client.get("/settings").text
    assert "server_urls" in page
    assert "hunter2" not in page


def test_a_changed_profile_shows_at_once(room):
    path = room.root / "profile.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text("[[interest]]\nname = 'flow matching'\ntext = 'aaa'\n", encoding="utf-8")
    try:
        assert "flow matching" in room.client.get("/profile").text
    finally:
        path.write_text(before, encoding="utf-8")


def test_many_readers_at_once_are_all_answered(room):
    wait_for(room, "/days")
    found: list[int] = []

    def read() -> None:
        paths = ("/", "/search?q=aaa", "/library", f"/paper/{SHARP.id}", f"/page/1/{SHARP.id}")
        found.extend(room.client.get(path).status_code for path in paths)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 40


def test_what_is_kept_is_bounded_and_the_oldest_goes():
    kept = Kept(10)
    kept.keep("a", "A", 4)
    kept.keep("b", "B", 4)
    assert kept.get("a") == "A"
    kept.keep("c", "C", 4)
    assert [kept.get(name) for name in "abc"] == ["A", None, "C"]
    kept.keep("a", "A2", 6)
    assert [kept.get(name) for name in "ac"] == ["A2", "C"]


def test_both_languages_have_the_same_words():
    import tomllib

    from digest.web.words import _WORDS

    def paths(table: dict[str, object], at: str = "") -> set[str]:
        return {
            found for name, value in table.items() for found in (paths(value, f"{at}{name}.") if isinstance(value, dict) else {at + name})
        }

    zh, en = (paths(tomllib.loads((_WORDS / f"{language}.toml").read_text(encoding="utf-8"))) for language in ("zh", "en"))
    assert zh == en


def test_every_word_that_is_asked_for_exists():
    room = Path(web.__file__).parent
    asked = "".join(path.read_text(encoding="utf-8") for path in (*room.glob("*.py"), *(room / "templates").glob("*.j2")))
    for language in ("zh", "en"):
        for name in set(re.findall(r"\bt\.([a-z_]+)", asked)):
            assert getattr(words_for(language), name)


def test_the_command_says_where_it_listens_and_ends_quietly(tmp_path):
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(tmp_path), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("reading room: ")
        assert httpx.get(address, trust_env=False).status_code == 200
        taken = subprocess.run([*command[:-1], address.rstrip("/").rpartition(":")[2]], capture_output=True, text=True, check=False)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0
    assert taken.returncode == 2
    assert "help: digest serve --port 0" in taken.stderr
