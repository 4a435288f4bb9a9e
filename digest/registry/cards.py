"""Model cards (``models/registry.toml`` and the workspace's ``models/*.toml``) and the files they speak of."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from digest.errors import ModelCorrupt, ModelNotFound, UsageError
from digest.workspace import safe_name, sha256_of, write_text

if TYPE_CHECKING:
    from digest.workspace import Workspace

Role = Literal["chat", "embedding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One model: what it is, where its file comes from, what running it takes."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # a misspelt key is told, not ignored

    id: str
    role: Role
    title: str
    file: str  # name of the weights inside its folder, or an absolute path
    repo: str = ""  # on the hub, "" when it cannot be pulled
    revision: str = "main"
    package: str = ""  # Python package that carries the file
    folder: str = ""  # of the file inside the package, or inside models/
    bytes: int = 0  # 0: not known beforehand
    sha256: str = ""  # "": not known beforehand
    license: str = ""  # SPDX
    languages: tuple[str, ...] = ()
    context_tokens: int = 0
    memory_gb: float = 0.0
    quality: int = 0  # which one "auto" prefers
    dim: int = 0  # of an embedding
    pooling: Literal["", "mean", "cls", "lasttoken"] = ""  # of an embedding; "": as its folder says
    query_prompt: str = ""  # stands before a text that asks
    document_prompt: str = ""  # stands before a text that is looked for
    also: tuple[str, ...] = ()  # further files of the repository that belong beside it
    notes: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """All cards of a workspace, and where their files lie."""

    workspace: Workspace
    cards: dict[str, ModelCard]

    @classmethod
    def load(cls, workspace: Workspace) -> Registry:
        """Read the shipped registry, then the workspace's own cards, which win.

        Raises:
            UsageError: a card cannot be read; names file, model and key.
        """
        own = sorted(path for path in workspace.models.glob("*.toml") if path.name != "registry.toml")
        cards: dict[str, ModelCard] = {}
        for path in (workspace.resource("models", "registry.toml"), *own):
            cards |= _read_cards(path)
        return cls(workspace, cards)

    def card(self, model_id: str) -> ModelCard:
        """The card of *model_id*.

        Raises:
            UsageError: there is none.
        """
        if model_id not in self.cards:
            raise UsageError(f"no model is called {model_id!r} (known: {', '.join(self.cards)})", hint="digest models list")
        return self.cards[model_id]

    def path(self, card: ModelCard) -> Path:
        """Where the file of *card* is or would be; packages are located without being imported."""
        if card.package:
            spec = importlib.util.find_spec(card.package)
            if spec and spec.submodule_search_locations:
                return Path(spec.submodule_search_locations[0], card.folder, card.file)
        return self.workspace.models / card.folder / card.file

    def installed(self, role: Role) -> list[ModelCard]:
        """Cards whose file is on disk, best first."""
        found = [card for card in self.cards.values() if card.role == role and self.path(card).is_file()]
        return sorted(found, key=lambda card: (-card.quality, card.id))

    def choose(self, role: Role, model_id: str, *, memory_gb: float) -> ModelCard:
        """The model named, or with ``auto`` the best one installed that fits into *memory_gb*, else the smallest.

        Raises:
            UsageError: no card has that id and role, or no card has that role.
            ModelNotFound: its file is not there, or no model of this role is installed at all.
        """
        if model_id != "auto":
            card = self.card(model_id)
            if card.role != role:
                raise UsageError(f"{model_id!r} is a model for {card.role}, not for {role}", hint="digest models list")
            if not self.path(card).is_file():
                raise ModelNotFound(model_id, self.path(card))
            return card
        known = [card for card in self.cards.values() if card.role == role]
        if not known:
            raise UsageError(f"no model for {role} is known", hint="digest models list")
        installed = self.installed(role)
        if not installed:
            raise ModelNotFound(min(known, key=_memory).id)
        fitting = [card for card in installed if card.memory_gb <= memory_gb]
        return fitting[0] if fitting else min(installed, key=_memory)

    def verify(self, card: ModelCard, *, afresh: bool = False) -> str:
        """The sha256 of the file of *card*, checked against the card; computed once for each state of the file.

        Raises:
            ModelNotFound: there is no file.
            ModelCorrupt: the card promises another sha256.
        """
        path = self.path(card)
        if not path.is_file():
            raise ModelNotFound(card.id, path)
        state = path.stat()
        known = _read_known(self._known_file)
        key = f"{path}|{state.st_size}|{state.st_mtime_ns}"
        if afresh or key not in known:
            known[key] = sha256_of(path)
            write_text(self._known_file, json.dumps(known, indent=1))
        if card.sha256 and known[key] != card.sha256:
            raise ModelCorrupt(card.id, path)
        return known[key]

    def add(self, card: ModelCard) -> Path:
        """Write *card* into the workspace's own cards and return that file.

        Raises:
            UsageError: its id is kept for the registry itself.
        """
        if safe_name(card.id).lower() == "registry":
            raise UsageError("no model can be called 'registry'", hint="digest models add --help")
        path = self.workspace.models / f"{safe_name(card.id)}.toml"
        defaults = {field.name: field.default for field in dataclasses.fields(card)}
        stated = {key: value for key, value in dataclasses.asdict(card).items() if key != "id" and value != defaults[key]}
        write_text(path, "\n".join([f"[{_toml(card.id)}]", *(f"{key} = {_toml(value)}" for key, value in stated.items()), ""]))
        return path

    @property
    def _known_file(self) -> Path:
        return self.workspace.index / "model-hashes.json"


def card_for_file(path: Path, *, role: Role, model_id: str, title: str, context_tokens: int, languages: tuple[str, ...]) -> ModelCard:
    """A card for a model file on the user's own disk, preferred by ``auto`` over every other."""
    size_gb = path.stat().st_size / 1e9
    return ModelCard(
        id=model_id,
        role=role,
        title=title,
        file=str(path.resolve()),
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        languages=languages,
        context_tokens=context_tokens,
        memory_gb=round(size_gb * 1.2 + 0.5, 1),
        quality=100,
        source="added by hand",
    )


def _toml(value: object) -> str:
    """*value* as TOML; its strings and lists are written as in JSON, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _memory(card: ModelCard) -> float:
    return card.memory_gb


def _read_cards(path: Path) -> dict[str, ModelCard]:
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    named = {model_id: {**values, "id": model_id} if isinstance(values, dict) else values for model_id, values in tables.items()}
    try:
        return TypeAdapter(dict[str, ModelCard]).validate_python(named)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise UsageError(f"{path}: {faults}") from None


def _read_known(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a cache: what cannot be read is computed again
    return known if isinstance(known, dict) else {}
