"""Each paper of a batch is taken by one process, and comes back when that is gone."""

import datetime as dt
import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.batch.worker import is_gone, name_of
from digest.library.queue import Batch, Queue, State
from digest.library.store import Store
from digest.records import Paper, Skipped

DAY = dt.date(2026, 11, 20)
IDS = [f"2611.{number:05}" for number in range(8)]


@pytest.fixture
def store(tmp_path):
    found = Store(tmp_path / "library.sqlite")
    found.add_papers([Paper(id=name, title=f"Paper {name}", abstract="We propose.") for name in IDS], today=DAY)
    yield found
    found.close()


@pytest.fixture
def queue(store):
    return Queue(store)


@pytest.fixture
def batch(queue):
    return queue.begin("name", DAY, "a folder", "{}", IDS)


def all_ready(queue: Queue, batch: Batch) -> None:
    queue.ready(batch.id, dict.fromkeys(IDS))


def test_only_what_is_ready_is_taken_and_in_order(queue, batch):
    assert queue.claim(batch.id, "1@0") is None
    queue.ready(batch.id, {IDS[3]: None, IDS[1]: None})
    assert [queue.claim(batch.id, "1@0") for _ in range(3)] == [IDS[1], IDS[3], None]


def test_no_paper_is_taken_twice_whoever_asks_at_once(queue, batch):
    all_ready(queue, batch)
    taken = []

    def take(worker):
        while name := queue.claim(batch.id, worker):
            taken.append(name)

    threads = [threading.Thread(target=take, args=(f"{number}@0",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == IDS


def test_a_claim_dies_with_its_process(queue, batch):
    all_ready(queue, batch)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs, mine = name_of(process.pid), name_of(os.getpid())
    assert queue.claim(batch.id, theirs) == IDS[0]
    assert queue.claim(batch.id, mine) == IDS[1]
    assert queue.release(is_gone) == 0
    process.kill()
    process.communicate()
    assert queue.release(is_gone) == 1
    assert queue.claim(batch.id, mine) == IDS[0]


def test_a_number_given_to_another_process_is_no_claim(queue, batch):
    all_ready(queue, batch)
    queue.claim(batch.id, f"{os.getpid()}@1.00")
    assert queue.release(is_gone) == 1


def test_a_paper_that_ends_its_process_three_times_has_failed(queue, batch):
    all_ready(queue, batch)
    for _ in range(3):
        assert queue.claim(batch.id, "1@0") == IDS[0]
        queue.release(lambda _: True, lost=1)
    assert queue.claim(batch.id, "1@0") == IDS[1]
    assert "died 3 times" in queue.problems(batch.id)[IDS[0]].reason
    assert queue.tally(batch).states[State.FAILED] == 1


def test_a_batch_that_was_stopped_blames_no_paper(queue, batch):
    all_ready(queue, batch)
    for _ in range(10):
        assert queue.claim(batch.id, "1@0") == IDS[0]
        queue.release(lambda _: True)
    assert not queue.problems(batch.id)


def test_the_same_batch_begun_again_keeps_what_is_settled(queue, batch):
    all_ready(queue, batch)
    queue.settle(batch.id, IDS[0], State.DONE, tokens=40)
    again = queue.begin("name", DAY, "a folder", "{}", [*IDS, IDS[0]])
    assert again.id == batch.id
    assert queue.tally(again).states[State.DONE] == 1
    assert queue.tally(again).left == len(IDS) - 1
    assert queue.tally(again).tokens == 40


def test_what_failed_waits_again_when_asked_for(queue, batch):
    queue.ready(batch.id, {IDS[0]: Skipped(paper=IDS[0], title="", stage="download", reason="404", retry=True)})
    queue.settle(batch.id, IDS[0], State.DONE)
    queue.settle(batch.id, IDS[1], State.FAILED, problem=Skipped(paper=IDS[1], title="", stage="analyse", reason="no answer"))
    queue.settle(batch.id, IDS[2], State.DONE)
    queue.again(batch.id)
    assert {IDS[0], IDS[1]} <= queue.waiting(batch.id)
    assert IDS[2] not in queue.waiting(batch.id)


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["claim a", "claim b", "done", "again", "a dies", "b dies"]), max_size=40))
def test_whatever_happens_each_paper_is_settled_once(tmp_path_factory, steps):
    store = Store(tmp_path_factory.mktemp("queue") / "library.sqlite")
    store.add_papers([Paper(id=name, title=name, abstract="") for name in IDS], today=DAY)
    queue = Queue(store)
    batch = queue.begin("name", DAY, "", "{}", IDS)
    all_ready(queue, batch)
    held: dict[str, list[str]] = {"a": [], "b": []}
    settled: list[str] = []

    def claim(worker: str) -> None:
        if name := queue.claim(batch.id, worker):
            assert name not in settled + held["a"] + held["b"]
            held[worker].append(name)

    def end(state: State) -> None:
        for names in held.values():
            if names:
                name = names.pop()
                queue.settle(batch.id, name, state)
                if state is State.DONE:
                    settled.append(name)

    def die(worker: str) -> None:
        queue.release(lambda name: name == worker)
        held[worker].clear()

    acts = {
        "claim a": lambda: claim("a"),
        "claim b": lambda: claim("b"),
        "done": lambda: end(State.DONE),
        "again": lambda: end(State.READY),
        "a dies": lambda: die("a"),
        "b dies": lambda: die("b"),
    }
    for step in steps:
        acts[step]()
    tally = queue.tally(batch)
    assert tally.states[State.TAKEN] == len(held["a"]) + len(held["b"])
    assert tally.states[State.DONE] == len(settled) == len(set(settled))
    assert sum(tally.states.values()) == len(IDS)
    store.close()
