"""Records as JSON and back, checked against their types by pydantic."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

Record = TypeVar("Record")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # building one takes milliseconds, using it microseconds


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(record: object) -> str:
    """*record*, a dataclass of ``digest.records``, as JSON."""
    return _adapter(type(record)).dump_json(record).decode()


def from_json(kind: type[Record], text: str) -> Record:
    """The record of type *kind* that ``to_json`` wrote."""
    record: Record = _adapter(kind).validate_json(text)
    return record


def schema_of(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of records of type *kind*."""
    return _adapter(kind).json_schema(mode="serialization")
