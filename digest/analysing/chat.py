"""A model's own chat template, rendered safely.

A GGUF is untrusted input: its template runs in Jinja2's sandbox. So is a paper: the template is rendered around
placeholders, and what it puts between them is tokenized apart from the contents, so that a paper that contains
``<|im_end|>`` contains seven letters and no command.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.ext
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_STEPS = 10_000  # of all loops over numbers together, and characters of a repeated text: templates loop over messages
_TODAY = dt.date(2025, 1, 1)  # what a template that asks is told: the same request must give the same words on any day
# What code of a stranger may raise inside the sandbox, which turns only its own refusals into TemplateErrors.
_TEMPLATE_FAULTS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SYSTEM, _PAPER, _QUESTION = "\ue000\ue001", "\ue000\ue002", "\ue000\ue003"  # private use: in no template and no paper


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFrame:
    """What the template writes around the three contents of a request."""

    before_system: str
    before_paper: str  # "" after the system text when the template has no system role: then it joins the user's turn
    after_question: str


def chat_frame(template: str, *, bos: str, eos: str) -> ChatFrame:
    """Render *template* once with placeholders and cut it there.

    Raises:
        DigestError: the template cannot be rendered.
    """
    user = f"{_PAPER}{_QUESTION}"
    rendered = ""
    for messages in (
        [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": user}],
        [{"role": "user", "content": f"{_SYSTEM}\n\n{user}"}],  # templates without a system role refuse or drop it
    ):
        try:
            rendered = _render(template, messages, bos, eos)
        except _TEMPLATE_FAULTS as error:
            problem = str(error)
            continue
        if all(mark in rendered for mark in (_SYSTEM, _PAPER, _QUESTION)):
            before_system, _, rest = rendered.partition(_SYSTEM)
            before_paper, _, rest = rest.partition(_PAPER)
            return ChatFrame(before_system=before_system, before_paper=before_paper, after_question=rest.partition(_QUESTION)[2])
        problem = "it does not place the user's message"
    raise DigestError(f"the model's chat template cannot be used: {problem}", hint="digest models list")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with an end to what one template may count and repeat."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])
        self.globals.update(raise_exception=_raise, strftime_now=_TODAY.strftime, range=_bounded_range())

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse a product or power that could be larger than a prompt."""
        if operator == "**" or any(isinstance(side, int) and side > _MOST_STEPS for side in (left, right)):
            raise SecurityError(f"{operator} of large values")
        return super().call_binop(context, operator, left, right)


def _bounded_range() -> Callable[..., range]:
    """``range`` that may hand out so many numbers in all, nested loops included."""
    left = _MOST_STEPS

    def bounded(*arguments: int) -> range:
        nonlocal left
        numbers = range(*arguments)
        left -= len(numbers) + 1
        if left < 0:
            raise SecurityError("it counts too far")
        return numbers

    return bounded


def _render(template: str, messages: list[dict[str, str]], bos: str, eos: str) -> str:
    return (
        _Sandbox()
        .from_string(template)
        .render(messages=messages, bos_token=bos, eos_token=eos, add_generation_prompt=True, enable_thinking=False)
    )


def _raise(message: str) -> str:
    raise jinja2.TemplateError(message)
