"""The batches, with a machine that remembers every sequence word for word and fails where a real one would."""

from __future__ import annotations

import zlib
from collections import deque
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from digest.analysing.batching import Batcher, Row
from digest.analysing.engine import Completion, Job, Question
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

END = 0


class RememberingMachine:
    """A model whose next token is a hash of all that its sequence holds. Tokens are numbers written as text."""

    def __init__(self, *, cells: int, sequences: int, batch: int) -> None:
        self.cells, self.sequences, self.batch = cells, sequences, batch
        self.held: dict[int, list[tuple[int, int]]] = {}  # sequence: (token, cell)
        self.last_rows: list[Row] = []
        self.used_cells: set[int] = set()
        self.widths: list[int] = []
        self.read = 0
        self.samplers = 0

    def refusal(self, job: Job) -> DigestError | None:
        return DigestError("refused") if job.paper == "0" else None

    def paper_tokens(self, job: Job) -> list[int]:
        return [int(word) for word in f"{job.system} {job.paper}".split()]

    def question_tokens(self, question: Question) -> list[int]:
        return [int(word) for word in question.text.split()]

    def decode(self, rows: Sequence[Row]) -> None:
        assert 0 < len(rows) <= self.batch
        for row in rows:
            line = self.held.setdefault(row.sequence, [])
            assert 0 <= row.sequence < self.sequences
            assert row.position == len(line), "a sequence has no holes"
            cell = max(self.used_cells, default=0) + 1
            self.used_cells.add(cell)
            line.append((row.token, cell))
            assert len({cell for line in self.held.values() for _, cell in line}) <= self.cells, "overflow"
        self.last_rows = list(rows)
        self.read += sum(not row.wanted for row in rows)
        self.widths.append(sum(row.wanted for row in rows))

    def fork(self, source: int, target: int) -> None:
        assert not self.held.get(target)
        self.held[target] = list(self.held[source])

    def drop(self, sequence: int) -> None:
        self.held[sequence] = []

    def sampler(self, question: Question) -> Any:
        self.samplers += 1
        return question.seed

    def release(self, sampler: Any) -> None:
        self.samplers -= 1

    def sample(self, sampler: Any, row: int) -> int:
        assert self.last_rows[row].wanted
        history = [token for token, _ in self.held[self.last_rows[row].sequence]]
        return zlib.crc32(repr((sampler, history)).encode()) % 23

    def ends(self, token: int) -> bool:
        return token == END

    def text(self, tokens: Sequence[int]) -> str:
        return " ".join(map(str, tokens))


numbers = st.lists(st.integers(1, 99), min_size=1, max_size=12).map(lambda found: " ".join(map(str, found)))
questions = st.builds(lambda text, tokens, seed: (text, tokens, seed), numbers, st.integers(1, 9), st.integers(0, 3))
papers = st.lists(st.tuples(numbers, st.lists(questions, max_size=5)), max_size=5)


def job(paper: str, asked: Sequence[tuple[str, int, int]]) -> Job:
    made = [Question(id=str(i), text=text, max_tokens=tokens, seed=seed) for i, (text, tokens, seed) in enumerate(asked)]
    return Job(system="1 2 3", paper=paper, questions=deque(made))


def alone(paper: str, asked: Sequence[tuple[str, int, int]]) -> dict[str, str]:
    """Each question in a machine of its own."""
    texts = {}
    for i, one in enumerate(asked):
        machine = RememberingMachine(cells=1000, sequences=3, batch=500)
        ((_, answer),) = whole(Batcher(machine, papers=1, width=1).run(iter([job(paper, [one])])))
        texts[str(i)] = answer.text
    return texts


@given(papers, st.integers(1, 3), st.integers(1, 6), st.integers(1, 40), st.integers(40, 150))
def test_what_is_answered_does_not_depend_on_what_else_is_in_the_batches(given_papers, side_by_side, width, batch, cells):
    machine = RememberingMachine(cells=cells, sequences=side_by_side + width + 1, batch=batch)
    jobs = [job(paper, asked) for paper, asked in given_papers]
    answers: dict[int, dict[str, str]] = {id(one): {} for one in jobs}
    for one, completion in Batcher(machine, papers=side_by_side, width=width).run(iter(jobs)):
        assert isinstance(completion, Completion)
        assert completion.id not in answers[id(one)], "answered twice"
        answers[id(one)][completion.id] = completion.text
    assert list(answers.values()) == [alone(paper, asked) for paper, asked in given_papers]
    assert machine.samplers == 0


def run(machine: RememberingMachine, jobs: Iterator[Job], *, papers: int = 1, width: int = 4) -> list[Completion | DigestError]:
    return [answer for _, answer in Batcher(machine, papers=papers, width=width).run(jobs)]


def whole(answers: Iterable[tuple[Job, Completion | DigestError]]) -> list[tuple[Job, Completion]]:
    """*answers*, none of which is an error."""
    found = list(answers)
    assert not [answer for _, answer in found if isinstance(answer, DigestError)]
    return [(job, answer) for job, answer in found if isinstance(answer, Completion)]


def roomy() -> RememberingMachine:
    return RememberingMachine(cells=500, sequences=10, batch=64)


def test_a_paper_is_read_once_for_all_its_questions():
    machine = roomy()
    run(machine, iter([job("7 7 7 7", [("5 6", 3, 1)] * 4)]))
    assert machine.read == 3 + 4 + 4 * 1  # system, paper, and of each question all but the token that the answer follows


def test_a_paper_asked_about_again_is_not_read_again():
    machine = roomy()
    batcher = Batcher(machine, papers=1, width=4)
    first, again = ([c for _, c in whole(batcher.run(iter([job("7 7 7 7", [("5", 3, 1)])])))] for _ in range(2))
    assert (first[0].prompt_tokens, again[0].prompt_tokens) == (3 + 4 + 1, 1)
    assert first[0].text == again[0].text
    assert machine.read == 3 + 4


def test_the_next_paper_finds_the_memory_as_empty_as_the_first_of_a_process():
    found: list[int] = []

    class Watched(RememberingMachine):
        def decode(self, rows: Sequence[Row]) -> None:
            if rows[0].position == 0:
                found.append(sum(map(len, self.held.values())))
            super().decode(rows)

    batcher = Batcher(Watched(cells=1000, sequences=4, batch=500), papers=1, width=2)
    whole(batcher.run(iter([job("7 8", [("5", 2, 0)]), job("9", [("5", 2, 0)])])))
    whole(batcher.run(iter([job("6", [("5", 2, 0)])])))
    assert found == [0, 0, 0]


def test_a_question_put_back_while_its_answer_is_looked_at_is_asked_before_the_paper_is_left():
    machine = roomy()
    jobs = [job("7 7", [("5", 3, 1)]), job("8 8", [("5", 3, 1)])]
    order = []
    for one, completion in Batcher(machine, papers=1, width=4).run(iter(jobs)):
        assert isinstance(completion, Completion)
        order.append((jobs.index(one), completion.id))
        if len(order) == 1:
            one.questions.append(Question(id="again", text="6", max_tokens=2, seed=2))
    assert order == [(0, "0"), (0, "again"), (1, "0")]


def test_a_place_that_becomes_free_is_filled_at_once():
    machine = roomy()
    run(machine, iter([job("7", [("5", 6, seed) for seed in range(8)])]), width=3)
    assert machine.widths[1:-6].count(3) == len(machine.widths[1:-6])


def test_the_next_job_is_made_only_when_there_is_a_place_for_it():
    made = []

    def jobs() -> Iterator[Job]:
        for number in (1, 2, 3):
            made.append(number)
            yield job(f"{number}", [("5", 3, 1)])

    answers = Batcher(roomy(), papers=2, width=4).run(jobs())
    next(answers)
    assert made == [1, 2]


def test_what_can_never_fit_is_the_error_of_its_own_paper():
    machine = RememberingMachine(cells=20, sequences=4, batch=8)
    found = run(machine, iter([job("7 " * 30, [("5", 3, 1)]), job("0", [("5", 3, 1)]), job("7", [("5", 3, 1)])]), papers=2)
    assert [str(answer) if isinstance(answer, DigestError) else answer.id for answer in found] == [
        "a paper of 33 tokens does not fit the model's memory",
        "refused",
        "0",
    ]


def test_a_second_question_too_long_beside_two_papers_lets_the_later_paper_wait():
    """20 cells: two papers of 3 + 4 tokens and a question of 4; the first paper's second question needs 8."""
    machine = RememberingMachine(cells=20, sequences=6, batch=8)
    jobs = [job("7 7 7 7", [("5", 3, 1)]), job("8 8 8 8", [("5", 3, 1)])]
    order = []
    for one, _ in Batcher(machine, papers=2, width=1).run(iter(jobs)):
        order.append(jobs.index(one))
        if len(order) == 1:
            one.questions.append(Question(id="again", text="6 6 6 6", max_tokens=4, seed=2))
    assert sorted(order) == [0, 0, 1]


def test_a_question_put_back_that_can_never_fit_ends_its_paper_alone():
    machine = RememberingMachine(cells=20, sequences=6, batch=8)
    jobs = [job("7 7 7 7", [("5", 3, 1)]), job("8 8 8 8", [("5", 3, 1)])]
    found = []
    for one, answer in Batcher(machine, papers=2, width=1).run(iter(jobs)):
        found.append((jobs.index(one), isinstance(answer, DigestError)))
        if len(found) == 1:
            one.questions.append(Question(id="again", text="6 " * 30, max_tokens=4, seed=2))
    assert sorted(found) == [(0, False), (0, True), (1, False)]


def test_a_machine_that_breaks_down_costs_only_the_papers_in_flight():
    class Breaking(RememberingMachine):
        def decode(self, rows: Sequence[Row]) -> None:
            if any(row.token == 66 for row in rows):
                raise DigestError("out of order")
            super().decode(rows)

    jobs = [job("7 7", [("5", 3, 1)]), job("66", [("5", 3, 1)]), job("8", [("5", 3, 1)])]
    found = run(Breaking(cells=500, sequences=10, batch=64), iter(jobs))
    assert [isinstance(answer, DigestError) for answer in found] == [False, True, False]


def test_when_the_time_of_a_paper_is_over_its_open_questions_end_and_the_others_go_on():
    late, other = job("7", [("5", 9, 1), ("6", 9, 1)]), job("8", [("5", 3, 1)])
    late.until = 0.0
    answers = [(one is late, answer.finish) for one, answer in whole(Batcher(roomy(), papers=2, width=4).run(iter([late, other])))]
    assert answers[:2] == [(True, "late"), (True, "late")]
    assert [kind in ("stop", "length", "loop") for is_late, kind in answers[2:]] == [True]


def test_an_interrupted_run_leaves_nothing_behind():
    machine = roomy()
    batcher = Batcher(machine, papers=2, width=4)
    answers = batcher.run(iter([job("7", [("5", 9, seed) for seed in range(9)]), job("8 " * 200, [("5", 3, 1)])]))
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert machine.samplers == 0
    assert [c.text for _, c in whole(batcher.run(iter([job("9", [("5", 4, 1)])])))] == list(alone("9", [("5", 4, 1)]).values())


def test_a_job_without_questions_is_nothing_to_do():
    assert len(run(roomy(), iter([job("7", []), job("8", [("5", 3, 1)])]), papers=2)) == 1
