"""An engine behind any OpenAI-compatible server: llama-server, vLLM, Ollama; the only file of this room with sockets.

All questions about a paper begin with the same messages, so a server that keeps prefixes reads the paper once: it is read
with the first question, and only then are the others sent, many at a time. Several addresses are servers of the same
model: a paper stays with one of them while it answers.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from digest import __version__
from digest.analysing.dispatch import Dispatcher
from digest.analysing.engine import Completion, EngineModel, Finish
from digest.analysing.loops import loop_start
from digest.errors import ContextTooSmall, DigestError, ServerFailed
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Job, Question

_TRIES = 4
_PAUSE_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 60.0
_FRAME_TOKENS = 64  # of a chat template around the contents
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_OVERFLOW = re.compile(r"context|too long|maximum.{0,20}(?:length|tokens)|exceed", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Where the servers are and how they are asked."""

    urls: tuple[str, ...]  # up to and with the version: http://127.0.0.1:8080/v1
    model: str  # as the server calls it; "": the first one it lists
    languages: tuple[str, ...]
    context_tokens: int
    temperature: float
    parallel: int  # requests in flight at most
    key: str = ""  # sent as a bearer token where a server wants one
    timeout_seconds: float = 600.0  # of silence: a question may wait behind others


class _Late(Exception):
    """Nobody wants the answer any more."""


def is_loopback(url: str) -> bool:
    """Whether *url* leads to this machine."""
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ServerEngine:
    """One model on one or more servers."""

    name = "server"

    def __init__(self, settings: ServerSettings) -> None:
        """Ask the servers which model they run.

        Raises:
            ServerFailed: none of them answers, or none has the model.
        """
        self._settings = settings
        headers = {"User-Agent": f"offline-digest/{__version__}"} | ({"Authorization": f"Bearer {settings.key}"} if settings.key else {})
        timeout = httpx.Timeout(settings.timeout_seconds, connect=5.0)
        self._client = httpx.Client(headers=headers, timeout=timeout, limits=httpx.Limits(max_connections=settings.parallel))
        self._urls = [url.rstrip("/") for url in settings.urls]
        name = settings.model or self._first_model()
        self.model = EngineModel(
            id=name,
            title=name.rsplit("/", 1)[-1],
            sha256=hashlib.sha256(f"server {name}".encode()).hexdigest(),  # the file is not ours to hash: the name stands for it
            languages=settings.languages,
            context_tokens=settings.context_tokens,
        )

    def count(self, text: str) -> int:
        """See ``Engine.count``: an estimate that errs on the long side, since a server's tokenizer is not known.

        Three letters of Latin script a token and one for each Chinese character: more than Qwen3 and SmolLM2 need for
        papers (about 4.1 letters with formulas and tables, 0.7 tokens a character).
        """
        chinese = len(_CJK.findall(text))
        return chinese + math.ceil((len(text) - chinese) / 3)

    def room(self, system: str, questions: Sequence[Question]) -> int:
        """See ``Engine.room``: every question has a context of its own."""
        widest = max((self.count(question.text) + question.max_tokens for question in questions), default=0)
        return self._settings.context_tokens - _FRAME_TOKENS - self.count(system) - widest

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """See ``Engine.answer_all``."""
        return Dispatcher(self._asked, width=self._settings.parallel).run(jobs)

    def _asked(self, job: Job, question: Question) -> Completion:
        """One request.

        Raises:
            ServerFailed: no usable answer after all tries.
        """
        left = self.room(job.system, [question]) - self.count(job.paper)
        if left < 0:
            raise ContextTooSmall(self.model.id, self._settings.context_tokens, self._settings.context_tokens - left)
        start = int.from_bytes(hashlib.blake2b(job.paper.encode(), digest_size=4).digest()) % len(self._urls)
        body = {
            "model": self.model.id,
            "messages": [{"role": "system", "content": job.system}, {"role": "user", "content": job.paper + question.text}],
            "max_tokens": question.max_tokens,
            "temperature": self._settings.temperature,
            "seed": question.seed,
            "stream": False,
            "chat_template_kwargs": {"enable_thinking": False},  # llama-server and vLLM; others do not look at it
        }
        try:
            value = self._sent("POST", "/chat/completions", body, start, until=job.until)
        except _Late:
            return Completion(id=question.id, text="", finish="late", output_tokens=0, prompt_tokens=0)
        try:
            choice = value["choices"][0]
            text = choice["message"].get("content") or ""
            usage = value.get("usage") or {}
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            used, prompt = int(usage.get("completion_tokens") or 0), int(usage.get("prompt_tokens") or 0) - int(cached)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ServerFailed(self._urls[start], f"an answer without a message ({type(error).__name__})") from None
        finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
        words = text.split()
        if (loop := loop_start([hash(word) for word in words])) is not None:
            text, finish = " ".join(words[:loop]), "loop"
        return Completion(id=question.id, text=text, finish=finish, output_tokens=used, prompt_tokens=prompt)

    def _first_model(self) -> str:
        listed = self._sent("GET", "/models", None, 0)
        try:
            return str(listed["data"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise ServerFailed(self._urls[0], "it lists no model") from None

    def _sent(self, method: str, path: str, body: dict[str, Any] | None, start: int, *, until: float = math.inf) -> Any:
        """The JSON of one request; another address is tried when one cannot be reached, all of them again when they are busy."""
        problem, url = "", self._urls[start]
        for attempt in range(_TRIES):
            for step in range(len(self._urls)):
                url = self._urls[(start + step) % len(self._urls)]
                patience = min(self._settings.timeout_seconds, until - time.monotonic())
                if patience <= 0:
                    raise _Late
                try:
                    response = self._client.request(method, url + path, json=body, timeout=httpx.Timeout(patience, connect=5.0))
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    problem = str(error) or type(error).__name__
                    continue
                if response.status_code == 200:
                    return _json(response, url)
                problem = f"HTTP {response.status_code}: {shorten(response.text, 160)}"
                if response.status_code in (400, 413, 422):
                    self._refused(url, response, problem)
                if response.status_code < 500 and response.status_code not in (408, 425, 429):
                    raise ServerFailed(url, problem)
                wait = _seconds(response.headers.get("Retry-After", ""))
                time.sleep(min(_LONGEST_WAIT_SECONDS, _PAUSE_SECONDS * 2**attempt if wait is None else wait))
            if problem and not problem.startswith("HTTP") and method == "GET":
                break  # nobody is there: whoever chooses an engine must know at once
        raise ServerFailed(url, problem)

    def _refused(self, url: str, response: httpx.Response, problem: str) -> None:
        if _OVERFLOW.search(response.text):
            raise ContextTooSmall(self.model.id, self._settings.context_tokens, self._settings.context_tokens + 1)
        raise ServerFailed(url, problem)


def _json(response: httpx.Response, url: str) -> Any:
    try:
        return response.json()
    except ValueError:
        raise ServerFailed(url, f"an answer that is not JSON: {shorten(response.text, 80)}") from None


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.strip().isdecimal() else None
