"""Which PDF of a folder an entry of an export means: by its file field, its arXiv id or DOI in the file's name, or its title.

Pure functions over names; what cannot be told apart is matched to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from digest.sources.metadata import arxiv_id_in_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from digest.sources.bibliography import Cited

_TELLING = 16  # letters of a title that more than one paper hardly shares


def letters(text: str) -> str:
    """*text* as titles are compared: letters and digits in lower case, without accents, LaTeX commands and braces."""
    text = unicodedata.normalize("NFKD", re.sub(r"\\[A-Za-z]+", "", text))
    return "".join(character for character in text.lower() if character.isalnum())


def match(files: Sequence[Path], entries: Iterable[tuple[Path, Cited]], titles: Mapping[Path, str]) -> dict[Path, Cited]:
    """The entry of each of *files* that has one.

    Args:
        entries: each with the folder its export lies in, where relative paths start.
        titles: of those files that were looked into.
    """
    entries = list(entries)
    by_name: dict[Hashable, set[Path]] = defaultdict(set)
    for file in files:
        by_name[file.name].add(file)
    found: dict[Path, Cited] = {}
    for folder, entry in entries:
        for path in entry.files:
            place = folder / path
            named = {place} if place in by_name[place.name] else by_name[PureWindowsPath(path).name]
            if len(named) == 1:
                found.setdefault(next(iter(named)), entry)
    keys: dict[Hashable, list[Cited]] = defaultdict(list)
    for _, entry in entries:
        for key in _keys_of_entry(entry):
            keys[key].append(entry)
    for file in files:
        if file not in found and (meant := _by_name(file, titles.get(file, ""), keys)):
            found[file] = meant
    return found


def _keys_of_entry(entry: Cited) -> list[Hashable]:
    ids = [("arxiv", entry.arxiv[0])] if entry.arxiv else []
    return [*ids, *([("doi", letters(entry.doi))] if entry.doi else []), ("title", letters(entry.title)[:_TELLING])]


def _by_name(file: Path, title: str, keys: Mapping[Hashable, list[Cited]]) -> Cited | None:
    """The one entry that the file's name, or the *title* inside, means; the surest sign first."""
    arxiv = arxiv_id_in_name(file.stem)
    doi = letters(re.sub(r"^doi[ _:-]*", "", file.stem, flags=re.IGNORECASE))
    found = [*(keys.get(("arxiv", arxiv[0]), []) if arxiv else []), *keys.get(("doi", doi), [])]
    if found:
        return found[0] if len(set(found)) == 1 else None
    # The whole name, or its last part: "Author - Year - Title", "Author_Year_Title"; Zotero cuts long titles.
    for name in (title, file.stem, file.stem.rpartition(" - ")[2], re.sub(r"^.*?_(?:19|20)\d\d_", "", file.stem)):
        words = letters(name)
        meant = {entry for entry in keys.get(("title", words[:_TELLING]), []) if letters(entry.title).startswith(words)}
        if len(meant) == 1 and (len(words) >= _TELLING or letters(next(iter(meant)).title) == words):
            return next(iter(meant))
    return None
