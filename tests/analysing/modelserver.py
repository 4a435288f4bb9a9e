"""A loopback server that speaks as llama-server, vLLM and Ollama do, and says what a test tells it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from digest.analysing.server import ServerEngine, ServerSettings
from tests.loopback import Answer, LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable

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
