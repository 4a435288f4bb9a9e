"""The words sent to a model, rendered from the style's templates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from digest.errors import UsageError
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.day import Day, Subject
    from digest.analysing.style import SectionStyle, Style, SummaryStyle
    from digest.records import Passage

_SHOWN = 600  # characters of an answer that is held out to the model
_CHARACTERS_A_TOKEN = {"zh": 1.2, "en": 0.6}  # words of English, characters of Chinese that a token yields


@dataclass(frozen=True, slots=True)
class Prompts:
    """Renders everything a model is shown for one style in one language."""

    style: Style
    language: str  # the model writes in

    def system(self, terms: Sequence[tuple[str, str]] = ()) -> str:
        """Who the model is and what it must not do; *terms* are English ones of the paper with their Chinese."""
        return self._render(f"system.{self.language}.j2", terms=terms)

    def paper(self, title: str, passages: Sequence[Passage]) -> str:
        """The text of the paper, each passage under its section and with its id."""
        groups = [{"section": name, "passages": list(group)} for name, group in groupby(passages, key=lambda passage: passage.section)]
        return self._render("paper.j2", title=title, groups=groups)

    def question(self, section: SectionStyle, interests: Sequence[str]) -> str:
        """What is asked for one section."""
        return self._render(
            f"question.{self.language}.j2",
            question=section.question[self.language],
            kind=section.kind,
            max_words=int(section.max_tokens * _CHARACTERS_A_TOKEN[self.language]) // 10 * 10,
            interests="、".join(interests) if section.interests and self.language == "zh" else ", ".join(interests) * section.interests,
        )

    def complaint(self, *, reason: str = "", things: Sequence[str] = ()) -> str:
        """What is said of an answer that cannot stand: the *reason*, or the *things* that the paper does not hold."""
        return self._render(f"complaint.{self.language}.j2", reason=reason, things=list(things)).strip()

    def finding(self, kind: str, **values: object) -> str:
        """A claim that no model makes: ``shortfall``, ``beaten`` or ``absent``."""
        return self._render(f"finding.{self.language}.j2", kind=kind, **values).strip()

    def day_system(self) -> str:
        """Who the model is when it sums up a day."""
        return self._render(f"day_system.{self.language}.j2")

    def day(self, subjects: Sequence[Subject], most: int) -> str:
        """The papers of a day with at most that many points of each."""
        return self._render(f"day.{self.language}.j2", papers=subjects, most=most)

    def day_question(self, section: SummaryStyle) -> str:
        """What is asked of a day for one section."""
        return self._render(f"day_question.{self.language}.j2", question=section.question[self.language])

    def digest(self, section: str, day: Day) -> str:
        """One section of a day's summary drawn up without a model: a line a statement, with its papers' marks at its end."""
        return self._render(f"drawn.{self.language}.j2", section=section, day=day)

    def repair(self, question: str, answer: str, complaint: str) -> str:
        """*question* asked again: what was answered and what is wrong with it."""
        return self._render(f"repair.{self.language}.j2", question=question, answer=shorten(answer, _SHOWN), complaint=complaint)

    def _render(self, name: str, **values: object) -> str:
        return render(f"style {self.style.id!r}", self.style.folders, name, **values)


def render(owner: str, folders: Sequence[str], name: str, **values: object) -> str:
    """The template *name*, looked up in *folders* in turn, filled with *values*.

    Raises:
        UsageError: it is not there, or wrong; says which *owner* it belongs to.
    """
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    try:
        return environment.get_template(name).render(**values)
    except jinja2.TemplateNotFound:
        raise UsageError(f"{owner} has no template {name} in {' or '.join(folders)}") from None
    except jinja2.TemplateError as error:
        raise UsageError(f"template {name} of {owner}: {error}") from None
