"""Whether a command written in a text is one that works: known to click or to the Makefile, with options that exist."""

import re
import shlex
from pathlib import Path

import click

from digest.cli import main

ROOT = Path(__file__).resolve().parents[2]
_MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = frozenset(re.findall(r"^([a-z][a-z-]*):", _MAKEFILE, re.MULTILINE))
VARIABLES = frozenset(re.findall(r"^([A-Z]+) \?=", _MAKEFILE, re.MULTILINE))


def fault(line: str) -> str:
    """What is wrong with the command *line*; nothing when it would be understood."""
    program, *words = shlex.split(line, comments=True)
    return _make_fault(words) if program == "make" else _digest_fault(words)


def _make_fault(words: list[str]) -> str:
    unknown = [word for word in words if (word.partition("=")[0] not in VARIABLES if "=" in word else word not in TARGETS)]
    return f"make does not know {unknown}" if unknown else ""


def _digest_fault(words: list[str]) -> str:
    command: click.Command = main
    context = click.Context(command, help_option_names=["-h", "--help"])
    left = iter(words)
    for word in left:
        if word == "--":  # the rest is for another command
            break
        if word.startswith("-"):
            options = {name: p for p in command.get_params(context) if isinstance(p, click.Option) for name in p.opts}
            if word not in options:
                return f"{command.name} has no option {word}"
            if not options[word].is_flag:
                next(left, None)
        elif isinstance(command, click.Group):
            below = command.get_command(context, word)
            if below is None:
                return f"{command.name} has no command {word}"
            command = below
        elif not any(isinstance(p, click.Argument) for p in command.params):
            return f"{command.name} takes no argument {word}"
    return ""


def commands_in(markdown: str) -> list[str]:
    """Every ``digest …`` and ``make …`` of fenced blocks and of code within a sentence."""
    fenced = re.findall(r"^```(?:sh|bash)\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL))
    lines = [line for block in fenced for line in block.splitlines()] + inline
    parts = [part.strip().removeprefix(".venv/bin/") for line in lines for part in line.split("&&")]
    return [part for part in parts if re.match(r"(digest|make) ", part)]
