"""RIS, the exchange format of reference managers, made into plain fields. The only file that knows rispy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rispy

if TYPE_CHECKING:
    from collections.abc import Mapping


def fields_of(text: str) -> list[Mapping[str, Any]]:
    """The fields of every reference under the names that rispy gives to their tags; lines that are no tag are passed over."""
    return list(rispy.loads(text, skip_unknown_tags=False))
