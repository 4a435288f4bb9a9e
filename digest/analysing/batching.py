"""Which tokens go into the next batch when the questions of several papers are answered side by side.

A paper is read once into a sequence of its own. Every question about it is a fork of that sequence, and all open
answers take a token each in one batch, in which the next paper's text, or a question's, fills what room is left. An answer that ends makes
place for the next question at once. What a model remembers, and how, is the machine's; nothing is ever removed from the
middle of a sequence, so recurrent and hybrid models work the same way.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from digest.analysing.engine import Completion, Finish, Job, Question
from digest.analysing.loops import loop_start
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LOOP_CHECK_EVERY = 16  # tokens


@dataclass(frozen=True, slots=True)
class Row:
    """One token of a batch."""

    token: int
    position: int  # in its sequence
    sequence: int
    wanted: bool  # what follows it is to be sampled


class Machine(Protocol):
    """A model and its memory, as the batches see them."""

    @property
    def cells(self) -> int:
        """Tokens that all sequences together may hold; what forks share counts once."""

    @property
    def sequences(self) -> int:
        """Number of sequences; their ids count from 0."""

    @property
    def batch(self) -> int:
        """Rows of one batch at most."""

    def refusal(self, job: Job) -> DigestError | None:
        """Why the job can never be taken, if so."""

    def paper_tokens(self, job: Job) -> list[int]:
        """What stands before every question of the job."""

    def question_tokens(self, question: Question) -> list[int]:
        """The question up to where the answer begins."""

    def decode(self, rows: Sequence[Row]) -> None:
        """Run a batch through the model."""

    def fork(self, source: int, target: int) -> None:
        """Let *target*, which is empty, begin with all that *source* holds."""

    def drop(self, sequence: int) -> None:
        """Forget the sequence."""

    def sampler(self, question: Question) -> Any:
        """What chooses the tokens of one answer; to be given back with ``release``."""

    def release(self, sampler: Any) -> None:
        """Free a sampler."""

    def sample(self, sampler: Any, row: int) -> int:
        """The token after that row of the last batch."""

    def ends(self, token: int) -> bool:
        """Whether the token ends an answer."""

    def text(self, tokens: Sequence[int]) -> str:
        """The tokens as text."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Flight:
    """A paper that is being read or asked about."""

    job: Job
    prefix: list[int]
    sequence: int
    read: int = 0  # tokens of the prefix that the sequence holds
    unpaid: int  # tokens of the prefix that no answer has been charged for
    answers: int = 0  # open ones

    @property
    def whole(self) -> bool:
        return self.read == len(self.prefix)

    @property
    def over(self) -> bool:
        return not self.answers and not self.job.questions


@dataclass(slots=True, kw_only=True, eq=False)
class _Answer:
    """A question that is being answered."""

    flight: _Flight
    question: Question
    sequence: int
    cells: int  # set aside for it
    sampler: Any
    position: int  # of the next token
    feed: deque[int]  # tokens that are still to go through the model
    prompt_tokens: int
    row: int = -1  # of the last batch, behind which its next token stands
    output: list[int] = field(default_factory=list)
    finish: Finish | None = None


class Batcher:
    """Keeps one machine busy. The same jobs in the same order make the same batches."""

    def __init__(self, machine: Machine, *, papers: int, width: int) -> None:
        """Answer about *papers* papers and *width* questions at a time, at most; there is a sequence for each, and one more."""
        self._machine, self._papers, self._width = machine, papers, width
        self._free_cells = machine.cells
        self._free_sequences = set(range(machine.sequences))
        self._flights: list[_Flight] = []
        self._answers: list[_Answer] = []
        self._held: list[_Flight] = []  # papers read and done with, oldest first: one that is asked about again is not read again

    def run(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """Answer every question of *jobs*; see ``Engine.answer_all``."""
        jobs, waiting = (job for job in jobs if job.questions), deque[Job]()
        try:
            while True:
                yield from self._admit(jobs, waiting)
                self._start()
                while self._stuck:
                    yield from self._give_way(waiting)
                    self._start()
                if not self._flights:
                    return
                yield from self._round()
                self._land()
        finally:
            self._clear()

    # --- one round ----------------------------------------------------------------------------------------------------

    def _admit(self, jobs: Iterator[Job], waiting: deque[Job]) -> Iterator[tuple[Job, DigestError]]:
        """Give the next jobs a sequence each, as long as there is room; yield those that can have none."""
        while len(self._flights) < self._papers:
            if not waiting:
                job = next(jobs, None)
                if job is None:
                    return
                if error := self._machine.refusal(job):
                    yield job, error
                    continue
                waiting.append(job)
            flight = self._place(waiting[0])
            if flight:
                waiting.popleft()
                self._flights.append(flight)
            elif self._flights:
                return
            else:
                job = waiting.popleft()
                yield job, DigestError(f"a paper of {len(self._machine.paper_tokens(job))} tokens does not fit the model's memory")

    def _round(self) -> Iterator[tuple[Job, Completion | DigestError]]:
        """One batch, and the answers that it or the time ended."""
        for flight in self._flights:
            if time.monotonic() >= flight.job.until:
                yield from ((flight.job, completion) for completion in self._late(flight))
        if all(flight.over for flight in self._flights):
            return
        try:
            ended = self._step()
        except DigestError as error:  # nothing in the machine's memory can be relied on now
            lost = [flight.job for flight in self._flights]
            self._clear()
            self._forget_held()
            yield from ((job, error) for job in lost)
            return
        for answer in ended:
            yield answer.flight.job, self._completion(answer)

    def _late(self, flight: _Flight) -> Iterator[Completion]:
        """What of *flight* is still open."""
        for answer in [answer for answer in self._answers if answer.flight is flight]:
            self._answers.remove(answer)
            self._end(answer)
            answer.finish = "late"
            yield self._completion(answer)
        while flight.job.questions:
            question = flight.job.questions.popleft()
            yield Completion(id=question.id, text="", finish="late", output_tokens=0, prompt_tokens=0)

    def _place(self, job: Job) -> _Flight | None:
        prefix = self._machine.paper_tokens(job)
        known = next((flight for flight in self._held if flight.prefix == prefix), None)
        if known:
            self._held.remove(known)
            return _Flight(job=job, prefix=prefix, sequence=known.sequence, read=len(prefix), unpaid=0)
        if not self._flights:  # it begins where the first of a process does: the place in memory tells in the last bits of a sum
            self._forget_held()
        needed = len(prefix) + max(map(self._cost, job.questions), default=0)
        while self._held and (needed > self._free_cells or not self._free_sequences):
            self._forget(self._held.pop(0))
        if needed > self._free_cells or not self._free_sequences:
            return None
        self._free_cells -= len(prefix)
        return _Flight(job=job, prefix=prefix, sequence=self._take_sequence(), unpaid=len(prefix))

    def _start(self) -> None:
        """Fork an answer for every question that there is room for, of papers that have been read."""
        for flight in self._flights:
            if not flight.whole:
                continue
            while flight.job.questions and len(self._answers) < self._width:
                question = flight.job.questions[0]
                tail = self._machine.question_tokens(question)
                cells = len(tail) + question.max_tokens
                while self._held and (cells > self._free_cells or not self._free_sequences):
                    self._forget(self._held.pop(0))
                if cells > self._free_cells or not self._free_sequences:
                    break
                flight.job.questions.popleft()
                self._answers.append(self._forked(flight, question, tail, cells))

    @property
    def _stuck(self) -> bool:
        """Whether nothing is read or written, and yet there are questions."""
        reading = any(not flight.whole for flight in self._flights)
        return not self._answers and not reading and any(flight.job.questions for flight in self._flights)

    def _give_way(self, waiting: deque[Job]) -> Iterator[tuple[Job, DigestError]]:
        """Let the paper that came last wait, so that a question of the others fits; a paper alone has failed."""
        flight = self._flights[-1]
        self._put_aside(flight)
        if self._flights:
            waiting.appendleft(flight.job)
            return
        question = self._cost(flight.job.questions[0])
        flight.job.questions.clear()
        yield flight.job, DigestError(f"a question of {question} tokens with its answer does not fit beside the paper")

    def _forked(self, flight: _Flight, question: Question, tail: list[int], cells: int) -> _Answer:
        self._free_cells -= cells
        sequence = self._take_sequence()
        self._machine.fork(flight.sequence, sequence)
        flight.answers += 1
        unpaid, flight.unpaid = flight.unpaid, 0
        return _Answer(
            flight=flight,
            question=question,
            sequence=sequence,
            cells=cells,
            sampler=self._machine.sampler(question),
            position=len(flight.prefix),
            feed=deque(tail),
            prompt_tokens=len(tail) + unpaid,
        )

    def _step(self) -> list[_Answer]:
        """Decode one batch; the answers that it ended."""
        rows: list[Row] = []
        for answer in self._answers:
            self._feed(answer, rows)
        for flight in self._flights:
            end = min(len(flight.prefix), flight.read + self._machine.batch - len(rows))
            rows += [Row(flight.prefix[place], place, flight.sequence, False) for place in range(flight.read, end)]
            flight.read = end
        self._machine.decode(rows)
        for answer in self._answers:
            if answer.row >= 0:
                self._take(answer, self._machine.sample(answer.sampler, answer.row))
        ended = [answer for answer in self._answers if answer.finish]
        self._answers = [answer for answer in self._answers if not answer.finish]
        for answer in ended:
            self._end(answer)
        return ended

    def _feed(self, answer: _Answer, rows: list[Row]) -> None:
        answer.row = -1
        while answer.feed and len(rows) < self._machine.batch:
            token = answer.feed.popleft()
            last = not answer.feed
            if last:
                answer.row = len(rows)
            rows.append(Row(token, answer.position, answer.sequence, last))
            answer.position += 1

    def _take(self, answer: _Answer, token: int) -> None:
        """Add *token* to the answer, or end it."""
        if self._machine.ends(token):
            answer.finish = "stop"
            return
        answer.output.append(token)
        answer.feed.append(token)
        if len(answer.output) % _LOOP_CHECK_EVERY == 0 and (start := loop_start(answer.output)) is not None:
            del answer.output[start:]
            answer.finish = "loop"
        elif len(answer.output) >= answer.question.max_tokens:
            answer.finish = "length"

    def _completion(self, answer: _Answer) -> Completion:
        return Completion(
            id=answer.question.id,
            text=self._machine.text(answer.output),
            finish=answer.finish or "stop",
            output_tokens=len(answer.output),
            prompt_tokens=answer.prompt_tokens,
        )

    # --- memory -------------------------------------------------------------------------------------------------------

    def _cost(self, question: Question) -> int:
        return len(self._machine.question_tokens(question)) + question.max_tokens

    def _take_sequence(self) -> int:
        sequence = min(self._free_sequences)
        self._free_sequences.remove(sequence)
        return sequence

    def _end(self, answer: _Answer) -> None:
        answer.flight.answers -= 1
        self._machine.release(answer.sampler)
        self._machine.drop(answer.sequence)
        self._free_sequences.add(answer.sequence)
        self._free_cells += answer.cells

    def _land(self) -> None:
        """Put the papers aside about which nothing more is asked."""
        for flight in [flight for flight in self._flights if flight.over]:
            self._put_aside(flight)

    def _put_aside(self, flight: _Flight) -> None:
        self._flights.remove(flight)
        if flight.whole:
            self._held.append(flight)
        else:
            self._forget(flight)

    def _forget_held(self) -> None:
        while self._held:
            self._forget(self._held.pop())

    def _forget(self, flight: _Flight) -> None:
        self._machine.drop(flight.sequence)
        self._free_sequences.add(flight.sequence)
        self._free_cells += len(flight.prefix)

    def _clear(self) -> None:
        """Leave nothing half done: of an interrupted run only papers read to their end are kept."""
        for answer in self._answers:
            self._end(answer)
        self._answers = []
        for flight in list(self._flights):
            self._put_aside(flight)
