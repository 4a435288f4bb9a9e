import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest import publishing
from digest.publishing.labels import load

ROOM = Path(publishing.__file__).parent


def words(language: str) -> dict[str, str]:
    """Every label by its path: ``front.sources.arxiv``."""
    return dict(_walk(tomllib.loads((ROOM / "words" / f"{language}.toml").read_text(encoding="utf-8")), ""))


def _walk(table: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        yield from _walk(value, f"{path}{name}.") if isinstance(value, dict) else [(path + name, value)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_labels_with_the_same_fields():
    chinese, english = words("zh"), words("en")
    assert chinese.keys() == english.keys()
    assert [name for name in chinese if fields(chinese[name]) != fields(english[name])] == []


def test_a_name_stands_once_so_that_no_table_hides_another():
    names = [path.split(".")[1] for path in words("zh")]
    tables = {path.split(".")[1] for path in words("zh") if path.count(".") > 1}
    assert sorted(name for name in set(names) if names.count(name) > 1 and name not in tables) == []


def test_a_missing_label_is_an_error():
    with pytest.raises(AttributeError, match="no label is called 'nowhere'"):
        _ = load("zh").nowhere


def test_every_label_that_is_asked_for_exists():
    python = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOM / "templates").glob("*.j2"))
    asked = set(re.findall(r"\blabels\.([a-z_]+)", python)) | set(re.findall(r"\bt\.([a-z_]+)", templates))
    known = {path.split(".")[1] for path in words("zh")}
    assert asked - known == set()
