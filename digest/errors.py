"""Every error the program raises on purpose.

    DigestError                 exit 1   an expected failure, told in one line with the command that helps
    ├── UsageError              exit 2   the command or a file of settings is wrong
    ├── SetupError              exit 3   something must be installed or downloaded first
    │   ├── ModelNotFound
    │   ├── ModelCorrupt
    │   └── ExtraMissing
    ├── SourceError             exit 1   a source of papers did not answer as it should
    │   ├── SourceUnreachable
    │   │   └── SourcePaused
    │   ├── Incomplete          exit 4   some papers came
    │   │   └── PartsUnreadable
    │   └── Offline
    ├── ContextTooSmall         exit 1   a prompt does not fit into the model's context
    ├── BudgetTooSmall          exit 1   there is no time for even one paper
    ├── MemoryTooSmall          exit 1   a model does not fit into what memory is free
    ├── ServerFailed            exit 1   a server that runs a model gives no usable answer
    ├── MailFailed              exit 1   a mail server took nothing
    ├── LibraryError            exit 1   the index or the database cannot be used as it is
    │   ├── WorkspaceBusy
    │   └── DimensionMismatch
    └── PaperError              exit 4   one paper failed: it is skipped, recorded and tried again later

Anything else is a bug and keeps its traceback. Errors become messages in one place, the click group.
"""

from __future__ import annotations

import datetime as dt
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = 5  # paths that a message names


class DigestError(Exception):
    """An expected failure: says what and where; ``hint`` is the command that helps."""

    exit_code = 1
    hint = ""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class UsageError(DigestError):
    """The command line, digest.toml, profile.toml or an input file is wrong."""

    exit_code = 2


class SetupError(DigestError):
    """Something must be installed or downloaded before this can work."""

    exit_code = 3


class ModelNotFound(SetupError):
    """A model named in the configuration has no file on disk."""

    def __init__(self, model_id: str, path: Path | None = None) -> None:
        where = f" at {path}" if path else ""
        super().__init__(f"no model file for {model_id!r}{where}", hint=f"digest models pull {model_id}")
        self.model_id, self.path = model_id, path


class ModelCorrupt(SetupError):
    """A model file's sha256 is not the one its card promises."""

    def __init__(self, model_id: str, path: Path) -> None:
        super().__init__(f"{path} is not the file that the card of {model_id!r} describes", hint=f"digest models pull {model_id} --force")
        self.model_id, self.path = model_id, path


class ExtraMissing(SetupError):
    """An optional package is needed for what was asked."""

    def __init__(self, package: str, install: str) -> None:
        super().__init__(f"{package} is not installed", hint=install)
        self.package = package


class ContextTooSmall(DigestError):
    """What was to be read does not fit into the context of the model."""

    hint = "raise analysis.context_tokens in digest.toml"

    def __init__(self, model_id: str, context_tokens: int, needed: int) -> None:
        super().__init__(f"{model_id}: {needed} tokens are needed, the context holds {context_tokens}")
        self.context_tokens, self.needed = context_tokens, needed


class BudgetTooSmall(DigestError):
    """The time that a run was given is too short for one paper."""

    def __init__(self, needed_seconds: int, left_seconds: int) -> None:
        super().__init__(
            f"{left_seconds} s of the budget are left for analysing; the shortest analysis of one paper takes about {needed_seconds} s"
        )
        self.needed_seconds, self.left_seconds = needed_seconds, left_seconds


class MemoryTooSmall(DigestError):
    """A model with its context does not fit into the memory that is free."""

    def __init__(self, model_id: str, needed_bytes: int, free_bytes: int, *, context_tokens: int, fits: int) -> None:
        """*fits*: the largest context that would fit, 0 when none does."""
        needed, free = f"{needed_bytes / 1e9:.1f} GB", f"{free_bytes / 1e9:.1f} GB"
        super().__init__(f"{model_id} needs {needed} of memory with a context of {context_tokens} tokens, {free} are free")
        self.needed_bytes, self.free_bytes, self.fits = needed_bytes, free_bytes, fits
        self.hint = f"set analysis.context_tokens = {fits} in digest.toml" if fits else "digest models list   # take a smaller one"


class SourceError(DigestError):
    """A source of papers answered with something that is not a list of papers."""

    def __init__(self, source: str, problem: str, *, hint: str = "") -> None:
        super().__init__(f"{source}: {problem}", hint=hint)
        self.source, self.problem = source, problem


class SourceUnreachable(SourceError):
    """A source of papers cannot be reached at all."""


class SourcePaused(SourceUnreachable):
    """A host refused us so often, or asked for so long a wait, that it is left alone until ``until``."""

    def __init__(self, source: str, host: str, problem: str, until: dt.datetime) -> None:
        again = f"{until.astimezone():%Y-%m-%d %H:%M}"
        super().__init__(source, f"{host}: {problem}; it is left alone until {again}", hint=f"digest run  # after {again}")
        self.host, self.until = host, until


class Incomplete(SourceError):
    """A source brought papers, but not all it has: ``left`` of them, or some of unknown number (0), come with a later run."""

    exit_code = 4

    def __init__(self, source: str, problem: str, *, left: int = 0, hint: str = "digest run  # again, to fetch the rest") -> None:
        super().__init__(source, problem, hint=hint)
        self.left = left


class PartsUnreadable(Incomplete):
    """Files or folders of a source on this disk could not be read; what could is there."""

    def __init__(self, source: str, reasons: Mapping[str, str]) -> None:
        """*reasons*: why, by path."""
        named = [f"{path} ({reason})" for path, reason in list(reasons.items())[:_NAMED]]
        more = f" and {len(reasons) - _NAMED} more" if len(reasons) > _NAMED else ""
        super().__init__(
            source, f"cannot read {', '.join(named)}{more}; the rest was taken", hint=f"ls -ld {shlex.quote(next(iter(reasons)))}"
        )
        self.reasons = reasons


class Offline(SourceError):
    """The network was needed although ``--offline`` forbids it."""

    def __init__(self, source: str) -> None:
        super().__init__(source, "needs the network, and --offline forbids it", hint="digest run --source samples --offline")


class ServerFailed(DigestError):
    """A server that runs a model cannot be reached or gives no usable answer."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(
            f"{url}: {problem}", hint=f"curl {url}/models   # is it up? its address stands in digest.toml, analysis.server_urls"
        )
        self.url, self.problem = url, problem


class MailFailed(DigestError):
    """A mail could not be handed in."""

    def __init__(self, server: str, problem: str, *, hint: str = "") -> None:
        super().__init__(f"mail server {server}: {problem}", hint=hint)
        self.server, self.problem = server, problem


class LibraryError(DigestError):
    """The database or an index cannot be used as it is."""


class WorkspaceBusy(LibraryError):
    """Another process is writing to this workspace."""

    def __init__(self, holder: str, path: Path) -> None:
        super().__init__(
            f"another digest command is working here ({holder}); lock file {path}", hint="wait for it, or stop it and run again"
        )
        self.holder, self.path = holder, path


class DimensionMismatch(LibraryError):
    """Vectors of two embedding models were about to be mixed."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"the index holds vectors of {expected}, not of {found}", hint="digest index rebuild")


class PaperError(DigestError):
    """One paper failed at one stage; the others go on."""

    exit_code = 4

    def __init__(self, paper: str, stage: str, reason: str, *, retry: bool = True, not_before: dt.datetime | None = None) -> None:
        super().__init__(f"{paper}: {stage}: {reason}")
        self.paper, self.stage, self.reason, self.retry = paper, stage, reason, retry
        self.not_before = not_before  # when a host asked to be left alone until then
