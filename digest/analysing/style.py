"""A report style: the questions that are asked of every paper, read from ``prompts/<style>/style.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digest.errors import UsageError
from digest.records import SectionKind  # noqa: TC001 pydantic reads it

if TYPE_CHECKING:
    from pathlib import Path

    from digest.workspace import Workspace

_COMMON = "common"
_File = TypeVar("_File", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(_Strict):
    """A text in the reader's languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class SectionStyle(_Strict):
    """One section of a report: what is asked and where the answer is looked for."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Bilingual
    question: Bilingual
    evidence: str  # English query that finds its passages; the name of a part asks for that part
    parts: tuple[SectionKind, ...]  # kinds of sections to look in first
    kind: Literal["prose", "bullets", "title"]  # title: that of the paper in Chinese, asked of models that write it
    max_tokens: Annotated[int, Field(ge=32, le=2000)]
    interests: bool = False  # tell the model what the reader works on
    importance: int = 0  # where time is short, the most important sections are kept
    checks: tuple[Literal["margins", "absent"], ...] = ()  # what the program adds without a model


class SummaryStyle(_Strict):
    """One section of the summary over all papers of a day."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Bilingual
    question: Bilingual
    max_tokens: Annotated[int, Field(ge=32, le=2000)]


class Absent(_Strict):
    """Something that is looked for in the whole text of a paper."""

    what: Bilingual
    terms: Annotated[tuple[str, ...], Field(min_length=1)]
    when: tuple[str, ...] = ()  # only in papers that hold one of these
    about: tuple[str, ...] = ()  # only in papers whose title or abstract holds one of these


class _AbsentFile(_Strict):
    absent: tuple[Absent, ...]


class _StyleFile(_Strict):
    title: Bilingual
    section: Annotated[tuple[SectionStyle, ...], Field(min_length=1)]
    summary: tuple[SummaryStyle, ...] = ()


class _ReviewFile(_Strict):
    title: Bilingual
    summary: Annotated[tuple[SummaryStyle, ...], Field(min_length=1)]


class Style(_Strict):
    """A report style with the folders its templates are looked up in, own ones first."""

    id: str
    title: Bilingual
    sections: tuple[SectionStyle, ...]
    folders: tuple[str, ...]
    summary: tuple[SummaryStyle, ...] = ()
    absent: tuple[Absent, ...] = ()
    sha256: str  # of every file that decides a prompt

    @property
    def questions(self) -> tuple[SectionStyle, ...]:
        """The sections that are answered from the body: all but the paper's title in Chinese."""
        return tuple(section for section in self.sections if section.kind != "title")


def load_style(workspace: Workspace, name: str) -> Style:
    """Read the style *name*: the workspace's own ``prompts/<name>``, else the shipped one.

    Raises:
        UsageError: there is no such style, or its file is wrong; names the key.
    """
    folder, common = workspace.resource("prompts", name), workspace.resource("prompts", _COMMON)
    path = folder / "style.toml"
    if not name.isidentifier() or name == _COMMON or not path.is_file():
        known = sorted(p.parent.name for p in common.parent.glob("*/style.toml"))
        raise UsageError(f"no report style is called {name!r} (known: {', '.join(known)})", hint="digest run --style daily")
    values, absent = _parsed(path, _StyleFile), _parsed(common / "absent.toml", _AbsentFile).absent
    folders = (folder, common)
    return Style(
        id=name,
        title=values.title,
        sections=values.section,
        folders=tuple(map(str, folders)),
        summary=values.summary,
        absent=absent,
        sha256=_hash_of(path, *folders),
    )


def load_review(workspace: Workspace) -> Style:
    """What is asked when weeks are looked back on: a style without sections, ``prompts/common/review.toml``.

    Raises:
        UsageError: the file is wrong; names the key.
    """
    common = workspace.resource("prompts", _COMMON)
    values = _parsed(common / "review.toml", _ReviewFile)
    digest = _hash_of(common / "review.toml", common)
    return Style(id="review", title=values.title, sections=(), folders=(str(common),), summary=values.summary, sha256=digest)


def _parsed(path: Path, model: type[_File]) -> _File:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise UsageError(f"{path}: {faults}") from None


def _hash_of(style: Path, *folders: Path) -> str:
    """One hash over the style file and every template, in a fixed order."""
    total = hashlib.sha256(style.read_bytes())
    for folder in folders:
        for path in sorted([*folder.glob("*.j2"), *folder.glob("absent.toml")]):
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
