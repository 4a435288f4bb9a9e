"""An engine behind any OpenAI-compatible server: llama-server, vLLM, Ollama; the only file of this room with sockets.

All questions about a paper begin with the same messages, so a server that keeps prefixes reads the paper once: it is read
with the first question, and only then are the others sent, many at a time. Several addresses are servers of the same
model: `analysing/endpoints.py` says which is asked.
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
from digest.analysing.endpoints import Endpoint, Endpoints
from digest.analysing.engine import Completion, EngineModel, Finish
from digest.analysing.loops import loop_start
from digest.errors import ContextTooSmall, DigestError, ServerFailed
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Job, Question

_TRIES = 4  # of one question at each server
_BUSY = frozenset({408, 425, 429, 503})
_LOOK_SECONDS = 5.0  # that a server which failed has to show that it is there
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


class _Unwell(Exception):
    """A server did not answer now; another may, or the same one later."""


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
        self._endpoints = Endpoints([url.rstrip("/") for url in settings.urls], width=settings.parallel)
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
            url, value = self._answer(body, hash(job.paper), until=job.until)
        except _Late:
            return Completion(id=question.id, text="", finish="late", output_tokens=0, prompt_tokens=0)
        try:
            choice = value["choices"][0]
            text = choice["message"].get("content") or ""
            usage = value.get("usage") or {}
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            used, prompt = int(usage.get("completion_tokens") or 0), int(usage.get("prompt_tokens") or 0) - int(cached)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ServerFailed(url, f"an answer without a message ({type(error).__name__})") from None
        finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
        words = text.split()
        if (loop := loop_start([hash(word) for word in words])) is not None:
            text, finish = " ".join(words[:loop]), "loop"
        return Completion(id=question.id, text=text, finish=finish, output_tokens=used, prompt_tokens=prompt)

    def _first_model(self) -> str:
        """What the first server that answers says it runs."""
        problem = None
        for endpoint in self._endpoints.all:
            try:
                return str(self._listed(endpoint)["data"][0]["id"])
            except (KeyError, IndexError, TypeError):
                problem = ServerFailed(endpoint.url, "it lists no model")
            except ServerFailed as error:
                problem = error
        assert problem  # there is at least one address
        raise problem

    def _listed(self, endpoint: Endpoint) -> Any:
        try:
            response = self._client.get(f"{endpoint.url}/models", timeout=_LOOK_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerFailed(endpoint.url, str(error) or type(error).__name__) from None
        return self._read(endpoint, response)

    def _answer(self, body: dict[str, Any], paper: int, *, until: float) -> tuple[str, Any]:
        """Who answered, and the JSON of it; another server is asked when one fails, and all of them again.

        Raises:
            _Late: the time is over.
            ServerFailed: it was tried often enough, or the request itself is refused.
        """
        problem = None
        for _ in range(_TRIES * len(self._endpoints.all)):
            endpoint = self._endpoints.take(paper, until=until)
            if endpoint is None:
                raise _Late
            try:
                return endpoint.url, self._tried(endpoint, body, until)
            except _Unwell as error:
                problem = ServerFailed(endpoint.url, str(error))
        assert problem  # it was tried at least once
        raise problem

    def _tried(self, endpoint: Endpoint, body: dict[str, Any], until: float) -> Any:
        """One request to one server, which is told how that went."""
        started = time.monotonic()
        try:
            if endpoint.suspect:
                self._client.get(f"{endpoint.url}/models", timeout=_LOOK_SECONDS)  # whatever it says, it is there
            patience = max(0.001, min(self._settings.timeout_seconds, until - time.monotonic()))
            response = self._client.post(f"{endpoint.url}/chat/completions", json=body, timeout=httpx.Timeout(patience, connect=5.0))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._endpoints.failed(endpoint)
            raise _Unwell(str(error) or type(error).__name__) from None
        if response.status_code in _BUSY:
            self._endpoints.busy(endpoint, _seconds(response.headers.get("Retry-After", "")))
        elif response.status_code >= 500:
            self._endpoints.failed(endpoint)
        else:
            return self._read_once(endpoint, response, time.monotonic() - started)
        raise _Unwell(_status(response))

    def _read_once(self, endpoint: Endpoint, response: httpx.Response, seconds: float) -> Any:
        try:
            value = self._read(endpoint, response)
        except DigestError:
            self._endpoints.refused(endpoint)
            raise
        self._endpoints.answered(endpoint, seconds)
        return value

    def _read(self, endpoint: Endpoint, response: httpx.Response) -> Any:
        """The JSON of an answer.

        Raises:
            ContextTooSmall: the request is too long for that server.
            ServerFailed: it is wrong, or the answer is none.
        """
        if response.status_code == 200:
            try:
                return response.json()
            except ValueError:
                raise ServerFailed(endpoint.url, f"an answer that is not JSON: {shorten(response.text, 80)}") from None
        if response.status_code in (400, 413, 422) and _OVERFLOW.search(response.text):
            raise ContextTooSmall(self.model.id, self._settings.context_tokens, self._settings.context_tokens + 1)
        raise ServerFailed(endpoint.url, _status(response))


def _status(response: httpx.Response) -> str:
    return f"HTTP {response.status_code}: {shorten(response.text, 160)}"


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.strip().isdecimal() else None
