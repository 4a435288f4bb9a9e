"""Each command by itself: what it prints, how it fails."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

from digest.cli import main
from tests.reading.make import two_columns

HEAVY = {"torch", "faiss", "llama_cpp", "pymupdf", "sentence_transformers", "numpy"}


def test_help_imports_nothing_heavy():
    code = f"""
import sys
from digest.cli import main
try:
    main(["--help"])
except SystemExit:
    print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "digest run --source" in done.stdout


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_every_command_has_help_and_an_example(digest, name):
    result = digest(name, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout or "Commands:" in result.stdout


def test_analyze_is_analyse(digest):
    assert digest("analyze", "--help").stdout.splitlines()[2:] == digest("analyse", "--help").stdout.splitlines()[2:]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "--source", "/no/such/folder"], 2, "no source is called"),
        (["run", "--style", "nosuch", "--source", "samples"], 2, "no report style"),
        (["run", "--model", "nosuch", "--source", "samples"], 2, "no model is called"),
        (["run", "--model", "qwen3-4b", "--source", "samples"], 3, "digest models pull qwen3-4b"),
        (["run", "--date", "yesterday"], 2, "not a date"),
        (["run", "--budget", "soon"], 2, "not a time span"),
        (["analyse", "no-such-thing"], 2, "neither a file"),
        (["similar", "nothing"], 2, "no paper of the library"),
        (["rank", "--papers", "/no/such.jsonl"], 2, "cannot be read"),
        (["models", "pull", "minilm-l6"], 2, "no repository"),
        (["models", "verify", "nosuch"], 2, "no model is called"),
        (["render"], 2, "no digest"),
    ],
)
def test_wrong_input_says_what_is_wrong_and_never_shows_a_traceback(digest, arguments, code, said):
    result = digest(*arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_malformed_profile_names_file_key_and_allowed_values(digest, workspace):
    (workspace / "profile.toml").write_text('[[interest]]\nname = "a"\ntext = "b"\nwieght = 2\n', encoding="utf-8")
    result = digest("rank")
    assert result.exit_code == 2
    assert "profile.toml" in result.stderr
    assert "interest.1.wieght" in result.stderr
    assert "weight" in result.stderr


def test_rank_reads_a_file_and_prints_best_first_with_reasons(digest, tmp_path):
    papers = tmp_path / "papers.jsonl"
    papers.write_text(
        "\n".join(
            json.dumps(paper)
            for paper in (
                {"id": "2601.00001v1", "title": "Songs", "summary": "We generate music with a language model."},
                {"id": "2601.00002v1", "title": "Sharp", "abstract": "A diffusion model for image super-resolution. It is fast."},
            )
        ),
        encoding="utf-8",
    )
    found = [json.loads(line) for line in digest("rank", "--papers", papers, "--json", "--quiet").stdout.splitlines()]
    assert [row["id"] for row in found] == ["2601.00002v1", "2601.00001v1"]
    assert found[0]["reasons"][0]["interest"] == "超分辨率"
    assert found[0]["reasons"][0]["sentence"] == "A diffusion model for image super-resolution."
    assert set(found[0]) == {"id", "score", "relevance", "reasons"}
    assert found[0]["score"] > found[1]["score"]


def test_read_prints_the_contract(digest, papers):
    broken = papers / "broken.pdf"
    broken.write_bytes(b"not a pdf")
    result = digest("read", papers / "sharp.pdf", broken, "--json")
    good, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 4
    assert bad["status"] == "unreadable"
    assert good["status"] == "ok"
    assert good["title"].startswith("Sharp Steps")
    assert "30.88 dB" in good["text"]
    assert {"path", "status", "pages", "title", "text", "sections", "passages", "figures", "hidden_text", "grade"} <= set(good)


def test_analyse_prints_the_contract(digest, papers):
    result = digest("analyse", papers / "sharp.pdf", "--json", "--quiet")
    found = json.loads(result.stdout)
    assert set(found) == {"id", "style", "language", "sections", "facts", "coverage", "provenance", "timing"}
    assert found["language"] == "en"
    assert found["sections"][0]["title"] == "核心创新点"
    assert found["coverage"]["read_tokens"] == found["coverage"]["total_tokens"] > 0
    for claim in found["sections"][0]["claims"]:
        assert set(claim) == {"text", "pages", "quote", "verified"}


def test_init_writes_starters_once_and_they_are_valid(digest, tmp_path):
    folder = tmp_path / "new"
    assert digest("init", folder).exit_code == 0
    (folder / "profile.toml").write_text("mine", encoding="utf-8")
    assert "kept" in digest("init", folder).stdout
    assert (folder / "profile.toml").read_text(encoding="utf-8") == "mine"


def test_the_starters_say_the_defaults():
    from digest.config import Settings, load_profile, load_settings
    from digest.workspace import shipped

    assert load_settings(shipped("digest.toml")) == Settings()
    assert load_profile(shipped("profile.toml")).interest


def test_doctor_says_what_is_missing_and_how_to_mend_it(digest, workspace):
    result = digest("doctor")
    assert result.exit_code == 0
    assert "digest models pull qwen3-4b" in result.stdout
    (workspace / "profile.toml").write_text("", encoding="utf-8")
    assert digest("doctor").exit_code == 3


def test_a_gguf_of_ones_own_is_added_and_preferred(digest, papers, workspace, tmp_path):
    own = tmp_path / "my-model.gguf"
    own.write_bytes(b"GGUF" + bytes(100))
    assert digest("models", "add", own, "--id", "mine").exit_code == 0
    listed = [json.loads(line) for line in digest("models", "list", "--json").stdout.splitlines()]
    assert next(card for card in listed if card["id"] == "mine")["installed"]
    broken = digest("run", "--source", papers, "--top-k", "1", "--quiet")
    assert broken.exit_code == 3
    assert "mine" in broken.stderr
    assert digest("models", "add", workspace / "digest.toml").exit_code == 2


def test_index_check_mends_what_a_crash_leaves(digest, papers, workspace):
    digest("fetch", "--source", papers)
    digest("index", "rebuild", "--quiet")
    (workspace / "index" / "passages.faiss").write_bytes(b"rubbish")
    (workspace / "index" / ".passages.faiss.abc.partial").write_bytes(b"half")
    check = digest("index", "check")
    assert check.exit_code == 0
    assert "mended" in check.stdout
    assert not list(workspace.rglob("*.partial"))
    stats = json.loads(digest("index", "stats", "--json").stdout)
    assert stats["papers"] == 3
    assert stats["vectors"] == stats["passages"]


def test_a_second_writer_is_told_who_holds_the_workspace(digest, papers, workspace):
    code = f"""
from pathlib import Path
from digest.workspace import Workspace
with Workspace(Path({str(workspace)!r})).lock():
    print("held", flush=True)
    input()
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline().strip() == "held"
        result = digest("fetch", "--source", papers)
        assert result.exit_code == 1
        assert str(holder.pid) in result.stderr
    finally:
        holder.communicate("\n")


def test_the_workspace_is_found_upwards_and_from_the_environment(workspace, papers, tmp_path):
    below = workspace / "deep" / "down"
    below.mkdir(parents=True)
    command = [sys.executable, "-m", "digest.cli", "index", "stats", "--json"]
    here = subprocess.run(command, cwd=below, capture_output=True, text=True, check=True)
    assert json.loads(here.stdout)["papers"] == 0
    assert (workspace / "index").is_dir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {"DIGEST_WORKSPACE": str(workspace), "PATH": "", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=True)
    assert not (Path(elsewhere) / "index").exists()


def test_read_says_where_figures_cannot_be_written(digest, tmp_path):
    (tmp_path / "file").touch()
    result = digest("read", two_columns().save(tmp_path / "paper.pdf"), "--figures", tmp_path / "file" / "figures")
    assert (result.exit_code, "cannot write to" in result.output) == (2, True)


def test_read_takes_a_folder_and_writes_its_figures(digest, tmp_path):
    folder = tmp_path / "two"
    folder.mkdir()
    two_columns().save(folder / "paper.pdf")
    (folder / "broken.pdf").write_bytes(b"no PDF")
    result = digest("read", folder, "--figures", tmp_path / "figures", "--json", "--quiet")
    bad, good = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, bad["status"], good["status"]) == (4, "unreadable", "ok")
    assert [Path(figure["image"]).read_bytes()[:4] for figure in good["figures"]] == [b"\x89PNG"]
    assert good["figures"][0]["image"].endswith("01-figure-1-p1.png")


def test_read_keeps_what_it_read_in_a_workspace(digest, workspace, papers):
    first = digest("read", papers, "--json", "--quiet").stdout
    with sqlite3.connect(workspace / "index" / "library.sqlite") as db:
        assert db.execute("SELECT count(*) FROM document").fetchone() == (3,)
    assert digest("read", papers, "--json", "--quiet").stdout == first


def test_read_of_nothing_says_so(digest, tmp_path):
    assert "no PDF in" in digest("read", tmp_path).stderr
    result = digest("read", tmp_path / "nowhere.pdf")
    assert (result.exit_code, "no such file" in result.stderr) == (2, True)


def test_a_call_lets_go_of_the_database(digest, workspace):
    assert digest("index", "stats").exit_code == 0
    assert [path.name for path in (workspace / "index").glob("library.sqlite*")] == ["library.sqlite"]
