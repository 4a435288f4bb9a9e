"""What a network and its servers do to an answer: 21 ways to spoil it, drawn at random."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.world import Real
from tests.loopback import Answer
from tests.sources.test_arxiv import feed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from bench.world import SmallWorld
    from tests.loopback import Request

SILENT_SECONDS, DEADLINE_SECONDS = 0.1, 0.25  # real ones
LIE = "an empty list where there are papers"  # nobody can tell it from the truth at that moment


class Storm:
    """Spoils a share of the answers of a world."""

    def __init__(self, world: SmallWorld) -> None:
        self._world = world
        self.share = 0.0
        self.lied = False

    def calm(self, share: float = 0.0) -> None:
        """Let so large a share be spoiled from now on."""
        self.share, self.lied = share, False
        self._world.stale = share / 3

    def misbehaving(self, well: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        """*well* most of the time."""

        def answer(request: Request) -> Answer:
            good, rng = well(request), self._world.rng
            if rng.random() >= self.share:
                return good
            fault = rng.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])[0]
            self._world.faults[fault] += 1
            self.lied |= fault == LIE
            return FAULTS[fault][1](good, rng)

        return answer


def _bytes(good: Answer) -> bytes:
    return good.body.encode() if isinstance(good.body, str) else good.body


def _cut(good: Answer, rng: random.Random) -> bytes:
    body = _bytes(good)
    return body[: rng.randrange(len(body) + 1)]


def _announced_too_long(good: Answer, rng: random.Random) -> Answer:
    return Answer(_cut(good, rng), status=good.status, headers=good.headers, announced_bytes=len(_bytes(good)))


def _silent(_: Answer, __: random.Random) -> Answer:
    time.sleep(SILENT_SECONDS * 1.5)
    return Answer(reset=True)


def _error_feed(_: Answer, rng: random.Random) -> Answer:
    return Answer(rng.choice(Real.load().errors or (b"",)), status=rng.choice([200, 400]))


FAULTS: dict[str, tuple[int, Callable[[Answer, random.Random], Answer]]] = {
    "429": (4, lambda _, __: Answer("Rate exceeded.", status=429)),
    "429 for some seconds": (2, lambda _, rng: Answer(status=429, headers={"Retry-After": str(rng.randint(0, 60))})),
    "429 for hours": (1, lambda _, rng: Answer(status=429, headers={"Retry-After": str(rng.randint(61, 20_000))})),
    "406": (2, lambda _, __: Answer(status=406)),
    "500": (3, lambda _, __: Answer("oops", status=500)),
    "503 with a date that is none": (2, lambda _, __: Answer(status=503, headers={"Retry-After": "soon"})),
    "403": (1, lambda _, __: Answer("who are you", status=403)),
    "reset": (4, lambda _, __: Answer(reset=True)),
    "silence": (1, _silent),
    "drip": (1, lambda good, _: Answer(good.body, status=good.status, headers=good.headers, seconds_a_byte=0.02)),
    "less than announced": (4, _announced_too_long),
    "cut without a length": (3, lambda good, rng: Answer(_cut(good, rng), status=good.status, headers=good.headers, announces=False)),
    "a length too short": (3, lambda good, rng: Answer(_cut(good, rng), status=good.status, headers=good.headers)),
    "web page": (3, lambda _, __: Answer("<!DOCTYPE html><html>sign in</html>", headers={"Content-Type": "text/html"})),
    "web page called a PDF": (2, lambda _, __: Answer("<html>robot?</html>", headers={"Content-Type": "application/pdf"})),
    "empty answer": (2, lambda _, __: Answer("")),
    "empty page of a list": (3, lambda _, __: Answer(feed(total=7))),
    "all of it to a request for the rest": (1, lambda good, _: Answer(good.body, headers=good.headers)),
    "arXiv's own error feed": (2, _error_feed),
    LIE: (1, lambda _, rng: Answer(rng.choice(Real.load().empty))),
    "an array saved wrongly": (1, lambda _, __: Answer(Real.load().odd)),
}
