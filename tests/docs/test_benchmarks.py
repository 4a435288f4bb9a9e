"""The page of benchmarks keeps its prose when figures are made anew."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bench.page import replaced
from bench.plot import plot
from bench.table import Table, handed_on, tell

PROSE = st.text(alphabet="ab|`\n #", max_size=40)


@given(before=PROSE, after=PROSE, first=PROSE, second=PROSE)
def test_what_stands_between_the_marks_is_replaced_and_nothing_else(before, after, first, second):
    page = f"{before}<!-- bench:reading -->{after}<!-- /bench -->{after}"
    once = replaced(page, "reading", first)
    assert once == f"{before}<!-- bench:reading -->\n{first}\n<!-- /bench -->{after}"
    assert replaced(replaced(once, "reading", second), "reading", first) == once


def test_a_benchmark_that_has_no_place_yet_comes_to_the_end():
    page = replaced("# Figures\n", "pool", "97 pages/s")
    assert page == "# Figures\n\n<!-- bench:pool -->\n97 pages/s\n<!-- /bench -->\n"


def test_tables_are_handed_on_as_they_were_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DIGEST_BENCH_TABLES", str(tmp_path / "tables"))
    table = Table(title="Likes", columns=("likes", "nDCG"), rows=((0, 0.065), (1000, 0.672)), note="quiet", curve="likes")
    tell(table)
    assert handed_on(tmp_path / "tables") == [table]
    assert capsys.readouterr().out.splitlines()[2:] == ["0      0.065", "1,000  0.672", "quiet"]
    assert "| 1,000 | 0.672 |" in table.markdown()


def test_a_curve_is_an_image_with_its_numbers_in_words():
    svg = plot(Table(title="A & B", columns=("n", "one", "other"), rows=((1, 2.0, 0.5), (10, 4.0, 0.25)), curve="a"))
    root = ElementTree.fromstring(svg)
    assert "10: 4.0, 0.25" in (root.findtext("{http://www.w3.org/2000/svg}desc") or "")
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 2
