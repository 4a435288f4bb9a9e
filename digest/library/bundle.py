"""One file that carries papers to a machine without a network: a zip whose manifest names every member with size and sha256.

The same content gives the same bytes. Nothing of a bundle is believed before all of it was verified: names are of a fixed
form, sizes are those of the manifest, PDFs and weights are stored as they are, and what is compressed may not grow beyond reason.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from digest.errors import LibraryError
from digest.workspace import replace_file, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFEST = "manifest.json"
_FORMAT = 1
_NAME = re.compile(r"(?:papers|documents|analyses|pdfs|cards|weights)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,150}")
_STORED = ("pdfs/", "weights/")  # as they are: a file that cannot grow when it is unpacked
_LARGEST_RECORD_BYTES = 64 << 20  # a document of a book of 2,000 pages is about 10 MB
_LARGEST_RATIO = 200  # of a record's size to its compressed size; JSON of real documents shrinks to a third or a fifth
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the least time a zip can tell
_CHUNK = 1 << 20

# What zipfile and json raise over a file that is no bundle, or no longer one.
_UNREADABLE = (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error, ValueError, KeyError, TypeError)

Content = bytes | Path | Callable[[], bytes]  # made when it is asked for, twice and the same: all records may be more than the memory


class BundleRefused(LibraryError):
    """A bundle is torn, changed, or was never one; nothing of it was taken."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}; nothing was taken", hint="copy the bundle again, or export it again")


@dataclass(frozen=True, slots=True)
class Member:
    """What the manifest says of one file."""

    name: str
    size_bytes: int
    sha256: str


def write_bundle(path: Path, contents: Mapping[str, Content]) -> list[Member]:
    """Pack *contents*, by member name, into the file *path*: whole or not at all."""
    members = [_member(name, contents[name]) for name in sorted(contents)]
    manifest = {"format": _FORMAT, "files": [asdict(member) for member in members]}
    with replace_file(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        for member in members:
            _add(archive, member.name, contents[member.name])
    return members


def _member(name: str, content: Content) -> Member:
    if isinstance(content, Path):
        return Member(name, content.stat().st_size, sha256_of(content))
    record = _bytes(content)
    return Member(name, len(record), hashlib.sha256(record).hexdigest())


def _bytes(content: bytes | Callable[[], bytes]) -> bytes:
    return content if isinstance(content, bytes) else content()


def _add(archive: zipfile.ZipFile, name: str, content: Content) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED if name.startswith(_STORED) else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    large = isinstance(content, Path)
    with (
        content.open("rb") if isinstance(content, Path) else io.BytesIO(_bytes(content)) as source,
        archive.open(info, "w", force_zip64=large) as target,
    ):
        while chunk := source.read(_CHUNK):
            target.write(chunk)


class Bundle:
    """A bundle that was verified as a whole; its members may be read."""

    def __init__(self, path: Path) -> None:
        """Verify every member of the bundle at *path*.

        Raises:
            BundleRefused: it is not, byte for byte, what its manifest says, or not of the form of a bundle.
        """
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
            try:
                self.members = self._manifest()
                for member in self.members.values():
                    self._verify(member)
            except BaseException:
                self._archive.close()
                raise
        except _UNREADABLE as error:
            raise BundleRefused(path, f"not a whole bundle ({error})") from error

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _manifest(self) -> dict[str, Member]:
        infos = self._archive.infolist()
        names = [info.filename for info in infos]
        if len(set(names)) != len(names) or MANIFEST not in names:
            raise BundleRefused(self.path, "members are missing or there twice")
        values = json.loads(self.read(MANIFEST))
        if values["format"] != _FORMAT:
            raise BundleRefused(self.path, f"format {values['format']!r} is unknown to this version")
        members = {str(row["name"]): Member(str(row["name"]), int(row["size_bytes"]), str(row["sha256"])) for row in values["files"]}
        if set(names) != {MANIFEST, *members} or not all(map(_NAME.fullmatch, members)):
            raise BundleRefused(self.path, "its members are not those of the manifest, or have names that no bundle has")
        return members

    def _verify(self, member: Member) -> None:
        info = self._archive.getinfo(member.name)
        as_is = member.name.startswith(_STORED)
        if info.file_size != member.size_bytes or (as_is and info.compress_type != zipfile.ZIP_STORED):
            raise BundleRefused(self.path, f"{member.name} is not as the manifest says")
        digest, size_bytes = hashlib.sha256(), 0
        with self.open(member.name) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size_bytes += len(chunk)
        if size_bytes != member.size_bytes or digest.hexdigest() != member.sha256:
            raise BundleRefused(self.path, f"{member.name} was changed")

    def open(self, name: str) -> IO[bytes]:
        """The member *name* as a file; one that is compressed must be of a reasonable size."""
        info = self._archive.getinfo(name)
        grows = info.file_size > _LARGEST_RATIO * max(info.compress_size, 1 << 10)
        if not name.startswith(_STORED) and (info.file_size > _LARGEST_RECORD_BYTES or grows):
            raise BundleRefused(self.path, f"{name} would grow beyond reason")
        return self._archive.open(name)

    def read(self, name: str) -> bytes:
        """The record *name*."""
        with self.open(name) as file:
            return file.read(_LARGEST_RECORD_BYTES)

    def records(self, folder: str) -> Iterator[tuple[str, str]]:
        """(name without folder and ending, text) of every record in *folder*, by name."""
        for name in sorted(self.members):
            if name.startswith(f"{folder}/"):
                yield name.partition("/")[2].rpartition(".")[0], self.read(name).decode()

    def unpack(self, name: str, target: Path) -> None:
        """Write the member *name* to *target*, whole or not at all."""
        with self.open(name) as source, replace_file(target) as file:
            while chunk := source.read(_CHUNK):
                file.write(chunk)
