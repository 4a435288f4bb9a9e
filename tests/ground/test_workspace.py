from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError, WorkspaceBusy
from digest.workspace import Workspace, find_workspace, replace_file, safe_name, sha256_of, shipped, write_text

HOLDER = """
import sys, time
from pathlib import Path
from digest.workspace import Workspace
with Workspace(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_file_is_written_whole(tmp_path):
    write_text(tmp_path / "new" / "folder" / "x.md", "你好\n")
    assert (tmp_path / "new" / "folder" / "x.md").read_bytes() == "你好\n".encode()
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["x.md"]


def failing_write(path: Path) -> None:
    with replace_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_an_error_while_writing_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        failing_write(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_being_written_is_not_seen_under_its_name(tmp_path):
    path = tmp_path / "x"
    with replace_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"


def test_the_longest_name_a_file_system_allows_can_be_written(tmp_path):
    path = tmp_path / ("扩" * 85)
    write_text(path, "x")
    assert path.read_text() == "x"


def test_the_hash_of_a_file_is_the_published_one(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_lock_names_its_holder_and_falls_with_it(tmp_path):
    workspace = Workspace(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceBusy) as caught, workspace.lock():
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert caught.value.holder.startswith(f"pid {holder.pid} since 20")
    with workspace.lock():
        pass


def test_a_lock_is_held_once_and_then_free_again(tmp_path):
    workspace = Workspace(tmp_path)
    with workspace.lock(), pytest.raises(WorkspaceBusy), workspace.lock():
        pass
    with workspace.lock():
        pass


def test_a_workspace_is_found_from_the_folders_below_it(tmp_path, monkeypatch):
    (tmp_path / "digest.toml").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_workspace(None) == Workspace(tmp_path)


def test_the_nearest_workspace_wins(tmp_path, monkeypatch):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "digest.toml").touch()
    (inner / "digest.toml").touch()
    monkeypatch.chdir(inner)
    assert find_workspace(None) == Workspace(inner)


def test_without_a_settings_file_the_workspace_is_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_workspace(None) == Workspace(tmp_path)


def test_a_named_workspace_must_be_a_folder(tmp_path):
    assert find_workspace(tmp_path) == Workspace(tmp_path.resolve())
    with pytest.raises(UsageError, match="is not a folder") as caught:
        find_workspace(tmp_path / "nowhere")
    assert caught.value.hint == f"digest init {tmp_path / 'nowhere'}"


def test_a_file_of_the_workspace_wins_over_the_shipped_one(tmp_path):
    workspace = Workspace(tmp_path)
    assert workspace.resource("models", "registry.toml") == shipped("models", "registry.toml")
    write_text(tmp_path / "models" / "registry.toml", "")
    assert workspace.resource("models", "registry.toml") == tmp_path / "models" / "registry.toml"


@pytest.mark.parametrize(
    ("text", "name"), [("2601.20742v1", "2601.20742v1"), ("quant-ph/0112019v2", "quant-ph_0112019v2"), ("file:ab12", "file_ab12")]
)
def test_an_id_stays_readable_as_a_file_name(text, name):
    assert safe_name(text) == name


@given(st.text(st.characters(exclude_characters="/:"), max_size=150), st.text(st.characters(exclude_characters="/:"), max_size=150))
def test_two_texts_never_share_a_file_name(one, other):
    assert (safe_name(one) == safe_name(other)) == (one == other)


@given(st.text(st.sampled_from("aA._-/: \\\0扩é\udc80"), max_size=150))
def test_a_file_name_is_short_plain_and_no_way_out_of_its_folder(text):
    name = safe_name(text)
    assert 0 < len(name.encode("ascii")) <= 100
    assert name.strip("._") == name
    assert not set(name) & set('/\\:*?"<>|\0 ')
