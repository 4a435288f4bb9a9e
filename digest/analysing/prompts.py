"""The words sent to a model, rendered from the style's templates."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.style import SectionStyle, Style
    from digest.records import Passage

_CHARACTERS_A_TOKEN = {"zh": 1.2, "en": 0.6}  # words of English, characters of Chinese that a token yields


@dataclass(frozen=True, slots=True)
class Prompts:
    """Renders everything a model is shown for one style in one language."""

    style: Style
    language: str  # the model writes in

    def system(self) -> str:
        """Who the model is and what it must not do."""
        return self._render(f"system.{self.language}.j2")

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

    def _render(self, name: str, **values: object) -> str:
        environment = SandboxedEnvironment(
            loader=jinja2.FileSystemLoader(self.style.folders), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
        )
        try:
            return environment.get_template(name).render(**values)
        except jinja2.TemplateNotFound:
            raise UsageError(f"style {self.style.id!r} has no template {name} in {' or '.join(self.style.folders)}") from None
        except jinja2.TemplateError as error:
            raise UsageError(f"template {name} of style {self.style.id!r}: {error}") from None
