"""The models of a workspace into a bundle and out of it: each its card, its weights, and the files that belong beside them.

Of what an embedding model's folder may hold only files that describe it are carried, never code; where they go is decided here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from digest.library.bundle import Bundle, BundleRefused, Content
from digest.library.codec import from_json, to_json
from digest.registry import ModelCard
from digest.workspace import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.registry import Registry

# What sentence-transformers reads of a folder beside the weights (https://sbert.net/docs/sentence_transformer/usage/custom_models.html).
_BESIDE = (
    *("config.json", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "special_tokens_map.json"),
    *("tokenizer.json", "tokenizer_config.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "*.model"),
    *("[0-9]_*/config.json", "[0-9]_*/model.safetensors"),
)
_PLAIN = re.compile(r"(?:[0-9]_[A-Za-z]{1,40}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(?:json|txt|model|safetensors)")


def packed(registry: Registry, cards: Sequence[ModelCard]) -> Iterator[tuple[str, Content]]:
    """The members of a bundle that carry the models of *cards*, their weights checked.

    Raises:
        ModelNotFound: there are no weights.
        ModelCorrupt: they are not those of the card.
    """
    for card in cards:
        weights = registry.path(card)
        sha256 = registry.verify(card)
        beside = _beside(weights.parent) if card.role == "embedding" else {}
        folder = safe_name(card.id) if beside else ""
        plain = dataclasses.replace(
            card, file=weights.name, folder=folder, package="", sha256=sha256, bytes=weights.stat().st_size, also=tuple(beside)
        )
        yield f"cards/{_key(card.id)}.json", to_json(plain).encode()
        yield _member(plain, plain.file), weights
        yield from ((_member(plain, name), path) for name, path in beside.items())


def cards_of(bundle: Bundle) -> list[ModelCard]:
    """The cards in *bundle*.

    Raises:
        ValueError: one is none.
        BundleRefused: one names a file that is not there, or that could lie elsewhere than beside the weights.
    """
    cards = [from_json(ModelCard, text) for _, text in bundle.records("cards")]
    for card in cards:
        whole = all(_member(card, name) in bundle.members for name in (card.file, *card.also))
        here = Path(card.file).name == card.file and card.folder in ("", safe_name(card.id)) and not card.package
        if not whole or not here or not all(map(_PLAIN.fullmatch, card.also)):
            raise BundleRefused(bundle.path, f"the files of the model {card.id} do not belong together")
    return cards


def check_cards(bundle: Bundle, registry: Registry, cards: Sequence[ModelCard]) -> None:
    """Raise BundleRefused unless the weights of *cards* are what they and this workspace's own cards promise."""
    for card in cards:
        known = registry.cards.get(card.id, card).sha256 or card.sha256
        if not bundle.members[_member(card, card.file)].sha256 == card.sha256 == known:
            raise BundleRefused(bundle.path, f"the weights of {card.id} are not those of its card")


def take_model(bundle: Bundle, registry: Registry, card: ModelCard) -> bool:
    """Whether the model was not here yet and is now; its weights come last, so that a killed import is not taken for done."""
    known = registry.cards.get(card.id)
    if known and registry.path(known).is_file():
        return False
    folder = registry.workspace.models / card.folder
    for name in (*card.also, card.file):
        bundle.unpack(_member(card, name), folder.joinpath(*PurePosixPath(name).parts))
    registry.add(card)
    return True


def _beside(folder: Path) -> dict[str, Path]:
    found = sorted(path for pattern in _BESIDE for path in folder.glob(pattern) if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


def _member(card: ModelCard, name: str) -> str:
    """Where the file *name* of the model stands in a bundle."""
    return f"weights/{_key(card.id if name == card.file else f'{card.id}/{name}')}"


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
