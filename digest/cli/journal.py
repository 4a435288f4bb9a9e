"""The log file of a workspace: when each command that writes began, what it did, how it ended.

Made for runs whose output nobody sees. Three older files are kept; each holds about a megabyte.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import shlex
import sys
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.workspace import Workspace

LOG = logging.getLogger("digest")
_LARGEST_BYTES = 1 << 20
_OLDER = 3


@contextlib.contextmanager
def journal(workspace: Workspace) -> Iterator[None]:
    """Keep what is logged inside in the workspace's log, with the error that ends it; a bug with its traceback."""
    workspace.log.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        workspace.log, maxBytes=_LARGEST_BYTES, backupCount=_OLDER, encoding="utf-8", errors="backslashreplace"
    )
    handler.setFormatter(logging.Formatter("{asctime} [{process}] {message}", style="{"))
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # noqa: ARG005 a full disk must not hide the error itself
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    try:
        LOG.info("began: %s", shlex.join(["digest", *sys.argv[1:]]))
        yield
        LOG.info("ended")
    except DigestError as error:
        LOG.info("failed: %s", error)
        raise
    except BaseException as error:
        LOG.info("failed: %s", type(error).__name__, exc_info=isinstance(error, Exception))
        raise
    finally:
        LOG.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()
