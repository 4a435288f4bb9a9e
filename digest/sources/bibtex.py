"""BibTeX as Zotero, JabRef and people write it, made into plain fields. The only file that knows bibtexparser.

Entries that are broken are passed over; the ones around them are read.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORDS = ("title", "author", "abstract")  # decoding would spoil the others: a path has backslashes, an address tildes
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it tells every broken entry on stderr


def fields_of(text: str) -> Sequence[Mapping[str, str]]:
    """The fields of every entry, names in lower case; title, authors and abstract without LaTeX but for formulas."""
    raw = parse_string(text)
    decoded = parse_string(text, append_middleware=[LatexDecodingMiddleware(keep_braced_groups=False)])
    words = {entry.key: entry.fields_dict for entry in decoded.entries}
    found = []
    for entry in raw.entries:
        fields = {name.lower(): str(field.value) for name, field in entry.fields_dict.items()}
        readable = {name.lower(): str(field.value) for name, field in words.get(entry.key, {}).items()}
        found.append(fields | {name: readable[name] for name in _WORDS if name in readable})
    return found
