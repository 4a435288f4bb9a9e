"""``digest review`` and ``digest library stats``: looking back over a library."""

import datetime as dt
import json

import pytest

from digest.library.feedback import Feedback
from digest.library.store import NAME, Store
from digest.retrospect import bounds
from tests.analysing.modelserver import serve
from tests.library.examples import add
from tests.library.examples import digest as edition
from tests.loopback import LoopbackServer

MONDAY = dt.date(2026, 2, 16)


@pytest.fixture
def week(workspace):
    """Two editions of one week and one of the week after."""
    store = Store(workspace / "index" / NAME)
    first, second, third = (add(store, f"2602.0000{n}", f"Abstract {n}.", authors=("Ada Lovelace",)) for n in (1, 2, 3))
    store.add_digest(edition(MONDAY, first), sources="samples", folder="2026-02-16")
    store.add_digest(edition(MONDAY + dt.timedelta(days=6), first, second), sources="samples", folder="2026-02-22")
    store.add_digest(edition(MONDAY + dt.timedelta(days=7), third), sources="samples", folder="2026-02-23")
    Feedback(store).say("2602.00003", 1)
    store.close()


def test_a_week_tells_each_of_its_papers_once(digest, week, workspace):
    told = json.loads(digest("review", "week", "2026-02-18", "--json").stdout)
    assert (told["first"], told["last"], told["digests"], told["papers"]) == ("2026-02-16", "2026-02-22", 2, 2)
    page = (workspace / "digests" / "review-2026-W08" / "review.md").read_text(encoding="utf-8")
    assert "2 期日报，扫描 3 篇，读过 2 篇。" in page
    assert page.count("Title of 2602.00001") == 1
    assert "2602.00003" not in page
    assert "](../2026-02-22/digest.html#arxiv-2602-00001)" in page
    assert "Ada Lovelace 2" in page


def test_a_model_that_writes_the_readers_language_adds_sentences_that_are_checked(digest, workspace):
    store = Store(workspace / "index" / NAME)
    papers = [add(store, f"2602.0000{n}", "Diffusion models restore images.") for n in (1, 2)]
    store.add_digest(edition(MONDAY, *papers), sources="samples", folder="2026-02-16")
    store.close()
    asked = []

    def say(body):
        asked.append(body["messages"])
        return "- 扩散模型（diffusion models）用于图像复原（restore images） [p1][p2]。\n- 两篇在 DIV2K 上达到 41.5 dB [p1][p2]。"

    with LoopbackServer() as server:
        settings = (workspace / "digest.toml").read_text(encoding="utf-8")
        added = f'[analysis]\nserver_urls = ["{serve(server, say)}"]'
        (workspace / "digest.toml").write_text(settings.replace("[analysis]", added), encoding="utf-8")
        assert digest("review", "week", "2026-02-18", "--engine", "server").exit_code == 0
    page = (workspace / "digests" / "review-2026-W08" / "review.md").read_text(encoding="utf-8")
    assert "## 这段时间\n\n- 扩散模型" in page
    assert "[1](../2026-02-16/digest.html#arxiv-2602-00001) [2](../2026-02-16/digest.html#arxiv-2602-00002)" in page
    assert "41.5 dB。 <mark>未核实</mark>" in page
    assert len(asked) == 1


def test_what_was_liked_today_is_in_the_review_of_today(digest, week, workspace):
    result = digest("review", "month")
    assert result.stdout.startswith("0 digests, 0 papers")
    (page,) = (workspace / "digests").glob("review-*/review.html")
    assert "Title of 2602.00003" in page.read_text(encoding="utf-8")


def test_statistics_are_told_drawn_and_given_as_json(digest, week, tmp_path):
    assert "每周论文数：1 周共 3 篇" in digest("library", "stats").stdout
    assert json.loads(digest("library", "stats", "--json").stdout)["weeks"] == {"2026-02-16": 3}
    drawn = digest("library", "stats", "--svg", tmp_path / "charts", "--png", tmp_path / "charts").stdout.splitlines()
    assert [line.rpartition("/")[2] for line in drawn] == ["weeks.svg", "scores.svg", "weeks.png", "scores.png"]
    assert (tmp_path / "charts" / "weeks.png").read_bytes().startswith(b"\x89PNG")


def test_an_empty_library_can_be_looked_at(digest, workspace):
    assert digest("library", "stats").exit_code == 0
    assert digest("review", "week", "2026-02-18").exit_code == 0
    assert digest("review", "year").exit_code == 2


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        ("week", "2026-02-22", "2026-02-16", "2026-02-22"),
        ("month", "2024-02-29", "2024-02-01", "2024-02-29"),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_span_has_its_first_and_its_last_day(span, day, first, last):
    assert bounds(span, dt.date.fromisoformat(day)) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
