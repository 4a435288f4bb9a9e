"""Notes of a vault: properties that YAML reads, text that Markdown reads, and words of the reader's that stay."""

import dataclasses

import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.publishing.inline import metadata
from digest.publishing.obsidian import MARKER, merged_note, render_note
from digest.records import Entry
from tests.publishing.examples import ABSTRACT, CROWDED, FULL, SRNO, UNFINISHED
from tests.publishing.hostile import blocks, hostile_text

own_text = st.one_of(hostile_text, st.sampled_from(["# 我的想法\r\n\r\n很好。\r\n", "- [ ] read again\n", f"{MARKER} twice\n"]))


def note(entry: Entry = FULL) -> str:
    return render_note(entry, near={"srno2303.00881": SRNO}, language="zh", liked=True)


def titled(title: str, author: str = "") -> Entry:
    paper = dataclasses.replace(FULL.ranked.paper, title=title, authors=(author,), abstract=author)
    return dataclasses.replace(FULL, ranked=dataclasses.replace(FULL.ranked, paper=paper))


def properties(text: str) -> dict[str, object]:
    loaded = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(loaded, dict)
    return loaded


def test_a_note_looks_as_reviewed(golden):
    golden("publishing/note.md", note())


def test_a_paper_without_analysis_has_a_note_too():
    assert "## 摘要" in note(UNFINISHED)
    assert "# OpenScale" in note(CROWDED)
    assert "仅据摘要" in note(ABSTRACT)


@given(hostile_text, hostile_text)
def test_any_title_and_author_is_one_string_of_the_properties(title, author):
    found = properties(note(titled(title, author)))
    shown = metadata(title).plain
    assert found.get("title", "") == shown
    assert found["aliases"] == [shown]
    assert found["authors"] == [metadata(author).plain]
    assert found["tags"] == ["paper", "cs/CV", "eess/IV", "超分辨率", "扩散模型"]


@given(hostile_text, hostile_text)
def test_no_title_or_abstract_changes_the_outline(title, author):
    headings = [block for block in blocks(note(titled(title, author)).split("---\n", 2)[2]) if block.startswith("heading_open")]
    with_abstract = bool(metadata(author).spans)
    assert headings == ["heading_open h1 0"] + ["heading_open h2 0"] * (5 + with_abstract)


@given(own_text)
def test_what_the_reader_wrote_below_the_marker_stays(words):
    old = note() + words
    assert merged_note(note(), old) == old
    changed = merged_note(note(titled("Another Title")), old)
    assert changed is not None
    assert changed.endswith(words)
    assert "# Another Title" in changed


def test_properties_and_tags_of_the_reader_stay():
    old = note().replace("tags:\n", "status: read\nrating:\n  - 5\ntags:\n  - mine\n").replace("liked: true\n", "liked: false\n")
    merged = merged_note(note(), old)
    assert merged
    found = properties(merged)
    assert found["status"] == "read"
    assert found["rating"] == [5]
    assert found["tags"] == ["paper", "cs/CV", "eess/IV", "超分辨率", "扩散模型", "mine"]
    assert found["liked"] is True
    assert merged_note(note(), merged) == merged


def test_tags_on_one_line_stay_too():
    old = note().replace("tags:\n", "tags: [mine, paper]\nold:\n")
    merged = merged_note(note(), old)
    assert merged
    assert "mine" in properties(merged)["tags"]  # type: ignore[operator]


def test_a_note_without_its_marker_is_all_the_readers():
    assert merged_note(note(), "my own note") is None


def test_pages_open_in_the_file_and_near_papers_are_linked():
    text = render_note(dataclasses.replace(FULL, pdf="file:///papers/a.pdf"), near={"srno2303.00881": SRNO}, language="en")
    assert "[p.2](file:///papers/a.pdf#page=2)" in text
    assert "[[srno2303.00881|Super-Resolution Neural Operator]]" in text
