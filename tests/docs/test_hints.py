"""The commands that the program itself names: in the hints of its errors, in its reports, in its digests."""

import ast
import re

from tests.docs.commandline import ROOT, fault

_QUOTED = re.compile(r"(?<!`)`((?:digest|make) [^`]+)`(?!`)")


def _text(node: ast.AST) -> str | None:
    """The text of a string or f-string, each filled-in value as X."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "X" for part in node.values)
    return None


def _hints() -> list[tuple[str, str]]:
    """(place, command) of every string that is a command, or holds one between backticks, or is a hint that holds one."""
    found = []
    for path in sorted((ROOT / "digest").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _text(node) or ""
            commands = _QUOTED.findall(text) or ([text] if re.match(r"(digest|make) ", text) else [])
            if isinstance(node, ast.keyword) and node.arg and node.arg.endswith("hint"):
                commands = re.findall(r"\b(?:digest|make)(?: [a-z]+)+", _text(node.value) or "")
            found += [(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", command) for command in commands]
    return found


def test_every_command_that_the_program_names_exists():
    hints = _hints()
    assert len(hints) > 20
    assert [(place, command, fault(command)) for place, command in hints if fault(command)] == []
