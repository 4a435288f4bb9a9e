"""Loopback servers that speak as llama-server, vLLM and Ollama do, and say what a test tells them."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from digest.analysing.server import ServerEngine, ServerSettings
from tests.loopback import Answer, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.loopback import Request

CHAT, MODELS = "/v1/chat/completions", "/v1/models"


def serve(server: LoopbackServer, say: Callable[[dict[str, Any]], Answer | str], *, model: str = "org/Qwen3-4B") -> str:
    """Answer every chat with what *say* makes of its body; return the address."""

    def answer(request: Request) -> Answer:
        said = say(json.loads(request.body))
        return said if isinstance(said, Answer) else chat(said)

    server.route(MODELS, json.dumps({"data": [{"id": model}]}))
    server.route(CHAT, answer)
    return server.url + "/v1"


def chat(text: str, *, finish: str = "stop") -> Answer:
    """A completion in the form of the OpenAI API."""
    value = {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 120, "completion_tokens": 30},
    }
    return Answer(json.dumps(value), headers={"Content-Type": "application/json"})


class Troubled:
    """Three servers of one model: a quick one that fails one time in five, a slow one, and one that dies after six answers."""

    def __init__(self, say: str, *, quick_seconds: float = 0.01, slow_seconds: float = 0.3) -> None:
        """All of them say the same."""
        self.urls: list[str] = []
        self.answered: Counter[tuple[str, str]] = Counter()  # (server, question with its paper)
        self._say, self._lock = say, threading.Lock()
        self._kinds: dict[str, tuple[float, Callable[[int], Answer | None]]] = {
            "quick": (quick_seconds, lambda number: Answer(status=500) if number % 5 == 2 else None),
            "slow": (slow_seconds, lambda _: None),
            "mortal": (quick_seconds, lambda number: Answer(reset=True) if number >= 6 else None),
        }
        self.servers: dict[str, LoopbackServer] = {}

    @contextlib.contextmanager
    def serving(self) -> Iterator[Troubled]:
        """Serve until the block ends."""
        with contextlib.ExitStack() as stack:
            for name, (seconds, fails) in self._kinds.items():
                self.servers[name] = server = stack.enter_context(LoopbackServer())
                self.urls.append(serve(server, self._answer(name, seconds, fails)))
            yield self

    @property
    def load(self) -> Counter[str]:
        """Questions that each server answered."""
        return Counter(name for name, _ in self.answered.elements())

    @property
    def times(self) -> set[int]:
        """How often questions were answered, by whomever."""
        return set(Counter(question for _, question in self.answered.elements()).values())

    def _answer(self, name: str, seconds: float, fails: Callable[[int], Answer | None]) -> Callable[[dict[str, Any]], Answer | str]:
        numbers = itertools.count()

        def say(body: dict[str, Any]) -> Answer | str:
            if failure := fails(next(numbers)):
                return failure
            time.sleep(seconds)
            with self._lock:
                self.answered[name, body["messages"][1]["content"]] += 1
            return self._say

        return say


def engine(*urls: str, context_tokens: int = 8192, parallel: int = 4) -> ServerEngine:
    return ServerEngine(
        ServerSettings(
            urls=urls,
            model="",
            languages=("zh", "en"),
            context_tokens=context_tokens,
            temperature=0.6,
            parallel=parallel,
            timeout_seconds=20,
        )
    )
