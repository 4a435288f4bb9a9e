from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.clusters import near_groups
from digest.ranking.themes import themes
from digest.records import Paper, Topic

MONDAY = dt.date(2026, 1, 12)
RAIN, ROBOT, SOUND = [1.0, 0, 0], [0, 1.0, 0], [0.6, 0.8, 0]


def paper(number: int, title: str) -> Paper:
    return Paper(id=f"2601.{number:05}", title=title, abstract="")


def found(rows: list[tuple[str, list[float], int]], *, number: int = 2) -> list[Topic]:
    """Topics of papers given as title, vector and week."""
    papers = [paper(i, title) for i, (title, _, _) in enumerate(rows)]
    days = [MONDAY + dt.timedelta(weeks=week, days=i % 5) for i, (_, _, week) in enumerate(rows)]
    return themes(papers, days, np.array([vector for _, vector, _ in rows], dtype=np.float32), ["image restoration"], number=number)


ROWS = [("Image restoration of rain", RAIN, 0)] * 4 + [("Robot arms with legs", ROBOT, 3)] * 3


def test_a_topic_is_named_by_what_stands_in_it_and_not_elsewhere():
    rain, robots = found(ROWS)
    assert rain.terms[0] == "image restoration"
    assert robots.terms[0] == "robot arm"
    assert [len(topic.papers) for topic in (rain, robots)] == [4, 3]


def test_papers_are_counted_by_week_and_every_week_is_there():
    rain, _ = found(ROWS)
    assert rain.weeks == {"2026-01-12": 4, "2026-01-19": 0, "2026-01-26": 0, "2026-02-02": 0}


def test_a_topic_that_comes_rises_and_one_that_goes_falls():
    rain, robots = found(ROWS)
    assert robots.trend > 1
    assert rain.trend < -1


def test_near_topics_lie_near_each_other():
    rows = [*ROWS, *[("Sounds of robots", SOUND, 1)] * 2]
    by_size = {len(topic.papers): np.array([topic.x, topic.y]) for topic in found(rows, number=3)}
    rain, robots, sounds = by_size[4], by_size[3], by_size[2]
    assert np.linalg.norm(sounds - robots) < np.linalg.norm(rain - robots)


def test_an_empty_library_has_no_topics_and_one_paper_is_one():
    assert found([]) == []
    (topic,) = found([("Rain", RAIN, 0)])
    assert (topic.papers, topic.trend, topic.x, topic.y) == (("2601.00000",), 0.0, 0.5, 0.5)


def test_papers_that_are_all_alike_are_one_topic():
    assert len(found([("Rain", RAIN, 0)] * 5)) == 1


vectors = st.lists(st.lists(st.floats(-1, 1, width=16), min_size=3, max_size=3), min_size=1, max_size=12)


@given(vectors, st.integers(1, 5), st.randoms(use_true_random=False))
def test_every_paper_is_in_one_topic_whatever_their_order(rows, number, random):
    papers = [paper(i, f"word{i} image restoration") for i in range(len(rows))]
    days = [MONDAY + dt.timedelta(days=5 * i) for i in range(len(rows))]
    points = np.array(rows, dtype=np.float32)
    before = themes(papers, days, points, [], number=number)
    assert sorted(i for topic in before for i in topic.papers) == [paper.id for paper in papers]
    assert all(sum(topic.weeks.values()) == len(topic.papers) and 0 <= topic.x <= 1 and 0 <= topic.y <= 1 for topic in before)
    order = list(range(len(rows)))
    random.shuffle(order)
    assert themes([papers[i] for i in order], [days[i] for i in order], points[order], [], number=number) == before


def test_one_odd_paper_does_not_make_a_group():
    crowd = [[1.0, 0.1 * i, 0] for i in range(-5, 6)] + [[0, 1.0, 0.1 * i] for i in range(-5, 6)]
    points = np.array([*crowd, [0.5, 0.5, 0.7]], dtype=np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert min(len(group) for group in near_groups(points, 2)) == pytest.approx(11, abs=1)
