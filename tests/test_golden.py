"""The golden files' own rules, tried on a small project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path):
    (tmp_path / "tests").mkdir()
    shutil.copy(Path(__file__).parent / "conftest.py", tmp_path / "tests")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    (tmp_path / "tests/test_it.py").write_text("def test_it(golden):\n    golden('a.txt', 'one')\n")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_recording_writes_what_tests_ask_for_and_removes_the_rest(project):
    golden = project / "tests/golden"
    golden.mkdir()
    (golden / "old.txt").write_text("nobody asks")
    assert run(project, "--record").returncode == 0
    assert [(path.name, path.read_text()) for path in golden.iterdir()] == [("a.txt", "one")]


def test_an_unused_golden_file_fails_a_full_run_only(project):
    run(project, "--record")
    (project / "tests/golden/old.txt").write_text("nobody asks")
    full = run(project)
    assert full.returncode == 1
    assert "UNUSED golden file old.txt" in full.stdout
    assert run(project, "tests/test_it.py").returncode == 0
    assert run(project, "--collect-only").returncode == 0


def test_a_changed_text_fails(project):
    run(project, "--record")
    (project / "tests/golden/a.txt").write_text("two")
    assert "a.txt changed" in run(project).stdout
