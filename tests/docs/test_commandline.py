"""The checker itself: a test that can only pass proves nothing."""

import pytest

from tests.docs.commandline import commands_in, fault


@pytest.mark.parametrize(
    "line",
    [
        "digest run --source ~/papers --top-k 3",
        "digest --workspace X run",
        "digest models pull qwen3-4b --force",
        "make setup LLAMA=cuda",
        "digest run  # later",
    ],
)
def test_a_command_that_exists_has_no_fault(line):
    assert fault(line) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("digest fly", "no command fly"),
        ("digest models fly", "no command fly"),
        ("digest run --wings", "no option --wings"),
        ("digest run paper.pdf", "no argument paper.pdf"),
        ("make fly", "fly"),
        ("make setup WINGS=2", "WINGS"),
    ],
)
def test_a_command_that_does_not_exist_is_told(line, said):
    assert said in fault(line)


def test_commands_are_found_in_blocks_and_in_sentences():
    text = "Say `digest run` or `x`.\n```sh\ncd ~/d && .venv/bin/digest doctor\nmake test   # all\n```\n```text\ndigest fly\n```\n"
    assert commands_in(text) == ["digest doctor", "make test   # all", "digest run"]
