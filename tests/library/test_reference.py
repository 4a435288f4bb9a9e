from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from digest.library.reference import reference_papers
from digest.records import Paper
from tests.library.examples import TODAY

if TYPE_CHECKING:
    from digest.library.store import Store


def come(store: Store, first: int, number: int, day: dt.date, source: str = "arxiv") -> None:
    papers = [Paper(id=f"2601.{n:05d}", title=f"Paper {n}", abstract="", source=source) for n in range(first, first + number)]
    store.add_papers(papers, today=day)


def test_the_first_papers_are_measured_against_each_other(store):
    come(store, 0, 40, TODAY)
    assert len(reference_papers(store, today=TODAY)) == 40


def test_later_papers_are_not_measured_against_those_of_their_own_day(store):
    come(store, 0, 40, TODAY)
    reference_papers(store, today=TODAY)
    tomorrow = TODAY + dt.timedelta(days=1)
    come(store, 40, 500, tomorrow)
    assert len(reference_papers(store, today=tomorrow)) == 40
    assert len(reference_papers(store, today=tomorrow + dt.timedelta(days=1))) == 540


@pytest.mark.parametrize(("number", "source"), [(29, "arxiv"), (40, "folder")])
def test_few_papers_and_chosen_ones_are_no_reference(store, number, source):
    come(store, 0, number, TODAY, source)
    assert reference_papers(store, today=TODAY) == []
