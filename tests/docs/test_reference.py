"""What the documentation says of the command line is what the command line says of itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import reference
from tests.docs.commandline import ROOT, commands_in, fault

PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "models" / "README.md", ROOT / "index" / "README.md"])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def test_the_generated_parts_are_up_to_date():
    ran = subprocess.run([sys.executable, ROOT / "docs" / "reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_an_outdated_page_is_shown_and_not_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "docs").mkdir()
    (tmp_path / "models").symlink_to(ROOT / "models")
    for name in ("README.md", "README.zh-CN.md"):
        (tmp_path / name).write_text("<!-- commands -->\nold\n<!-- /commands -->\n<!-- models -->\n<!-- /models -->\n", encoding="utf-8")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["reference.py", "--check"])
    with pytest.raises(SystemExit, match="make docs"):
        reference.main()
    assert "-old" in capsys.readouterr().out
    assert not (tmp_path / "docs" / "commands.md").exists()


def test_every_command_has_help_and_an_example_that_works():
    for path, command in reference.leaves().items():
        examples = re.findall(r"^\s*(?:Example: )?(digest .+)$", command.help or "", re.MULTILINE)
        assert examples, f"{path} shows no example"
        assert [fault(example) for example in examples] == [""] * len(examples)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path):
    targets = [target.partition("#")[0] for target in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_page_exists(page: Path):
    faults = {line: fault(line) for line in commands_in(page.read_text(encoding="utf-8"))}
    assert {line: said for line, said in faults.items() if said} == {}


def test_every_file_that_the_architecture_names_exists():
    named = re.findall(r"`([\w./-]+(?:/|\.\w+))`", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    files = [name for name in named if "/" in name or name.endswith(".py")]
    assert len(files) > 20
    assert [name for name in files if not any((ROOT / base / name).exists() for base in ("", "digest", "prompts/common"))] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_both_readmes_show_how_to_begin(name):
    shown = commands_in((ROOT / name).read_text(encoding="utf-8"))
    assert {"make digest", "make test"} <= {line.partition("#")[0].strip() for line in shown}
