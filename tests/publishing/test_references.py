"""References: what a real reader of each format makes of them."""

import datetime as dt
import json
import logging
import re

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors, SplitNameParts
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.publishing.bibtex import latex_text, render_bibtex
from digest.publishing.csl import render_csl
from digest.publishing.inline import clean, metadata
from digest.publishing.names import split_name
from digest.publishing.references import citation_key, reference
from digest.publishing.ris import render_ris
from digest.records import Paper
from digest.sources.bibliography import entries_of
from tests.publishing.examples import ABSTRACT, CROWDED, DIFFNO
from tests.publishing.hostile import hostile_text

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
MOIRE, OPENSCALE = ABSTRACT.ranked.paper, CROWDED.ranked.paper
DOI = Paper(
    id="doi:10.1109/5.771073",
    title="Toward Unique Identifiers",
    abstract="",
    authors=("Norman Paskin",),
    link="https://doi.org/10.1109/5.771073",
)
LOOSE = Paper(id="file:" + "ab" * 32, title="A Loose PDF", abstract="", authors=("李雷", "Kimi Team"))
words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=6)
plain_text = st.lists(st.one_of(words, st.sampled_from([*"&%#_^~{}\\-:,.'\"", "and", "@x"])), min_size=1, max_size=8).map(" ".join)


def paper(title: str, *authors: str, abstract: str = "") -> Paper:
    return Paper(id="2602.00001", title=title, abstract=abstract, authors=authors, published=dt.date(2026, 2, 1))


def parsed(text: str, *, decoded: bool = False) -> list[dict[str, str]]:
    middleware = [LatexDecodingMiddleware(keep_braced_groups=False)] if decoded else []
    library = parse_string(text, append_middleware=middleware)
    assert library.failed_blocks == []
    return [{"key": entry.key, "type": entry.entry_type} | {f.key: str(f.value) for f in entry.fields} for entry in library.entries]


def test_an_arxiv_paper_looks_as_reviewed_in_each_format(golden):
    references = [reference(DIFFNO, pdf="/papers/2411.09911v2.pdf"), reference(MOIRE), reference(DOI), reference(LOOSE)]
    golden("publishing/references.bib", render_bibtex(references))
    golden("publishing/references.ris", render_ris(references))
    golden("publishing/references.json", render_csl(references))


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("Ada Lovelace", ("", "Lovelace", "Ada", "")),
        ("Katharina von der Wense", ("von der", "Wense", "Katharina", "")),
        ("Blaise Agüera y Arcas", ("", "Agüera y Arcas", "Blaise", "")),
        ("Telmo de Menezes e Silva Filho", ("de", "Menezes e Silva Filho", "Telmo", "")),
        ("Lucio Veraldo Jr", ("", "Veraldo", "Lucio", "Jr")),
        ("Knuth, Jr., Donald E.", ("", "Knuth", "Donald E.", "Jr.")),
        ("van Gogh, Vincent", ("van", "Gogh", "Vincent", "")),
        (r"Ana Mu\~noz", ("", "Muñoz", "Ana", "")),
        ("zonglin li", ("", "li", "zonglin", "")),
        ("李雷", ("", "李", "雷", "")),
        ("欧阳娜娜", ("", "欧阳", "娜娜", "")),
        ("MiniCPM Team", ("", "MiniCPM Team", "", "")),
        ("the ASAP Neuroimaging Initiative", ("", "the ASAP Neuroimaging Initiative", "", "")),
        ("The Anh Han", ("", "Han", "The Anh", "")),
        ("ATLAS Collaboration", ("", "ATLAS Collaboration", "", "")),
        ("The digest authors", ("", "The digest authors", "", "")),
        ("Alice", ("", "Alice", "", "")),
    ],
)
def test_names_are_split_as_their_bearers_write_them(source, parts):
    name = split_name(source)
    assert name
    assert (name.particle, name.family, name.given, name.suffix) == parts


@pytest.mark.parametrize("source", [":", "", " , ", "$$"])
def test_what_holds_no_letter_is_no_name(source):
    assert split_name(source) is None


def test_a_bibtex_reader_splits_every_name_where_we_did():
    expected = {
        "Katharina von der Wense": ("von der", "Wense", "Katharina", ""),
        "Telmo de Menezes e Silva Filho": ("de", "Menezes e Silva Filho", "Telmo", ""),
        "Blaise Agüera y Arcas": ("", "Agüera y Arcas", "Blaise", ""),
        "Lucio Veraldo Jr": ("", "Veraldo", "Lucio", "Jr"),
        "zonglin li": ("", "li", "zonglin", ""),
        "Kimi Team": ("", "Kimi Team", "", ""),
        "李雷": ("", "李雷", "", ""),
    }
    middleware = [SeparateCoAuthors(), SplitNameParts()]
    library = parse_string(render_bibtex([reference(paper("T", *expected))]), append_middleware=middleware)
    names = library.entries[0].fields_dict["author"].value
    shown = [tuple(" ".join(part).strip("{}") for part in (name.von, name.last, name.first, name.jr)) for name in names]
    assert shown == list(expected.values())


def test_574_authors_stay_574():
    assert len(parsed(render_bibtex([reference(OPENSCALE)]))[0]["author"].split(" and ")) == 574
    assert len(rispy.loads(render_ris([reference(OPENSCALE)]))[0]["authors"]) == 574
    assert len(json.loads(render_csl([reference(OPENSCALE)]))[0]["author"]) == 574


def test_the_key_is_the_papers_own_whatever_its_title_becomes():
    assert citation_key(DIFFNO) == "liu2411.09911"
    assert citation_key(paper("One", "Đặng Minh Châu")) == citation_key(paper("Another", "Đặng Minh Châu")) == "chau2602.00001"
    assert citation_key(LOOSE) == "paperabababababab"
    assert citation_key(Paper(id="quant-ph/0112019", title="", abstract="", authors=("Peter Shor",))) == "shorquant-ph-0112019"


@given(st.sets(st.one_of(hostile_text, st.from_regex(r"doi:10\.\d{4}/[a-zA-Z/()]{1,5}", fullmatch=True)), min_size=2, max_size=6))
def test_two_papers_never_share_a_key(ids):
    keys = {citation_key(Paper(id=paper_id, title="", abstract="")) for paper_id in ids}
    assert len(keys) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9.-]+", key) for key in keys)


def test_capitals_within_a_word_outlive_a_style_that_writes_titles_small():
    assert latex_text("A 3D HRNet for {GAN} \\textbf{CLIP}", protect=True) == "A {3D} {HRNet} for {GAN} \\textbf{CLIP}"


def test_latex_is_kept_for_bibtex_and_resolved_for_the_others():
    references = [reference(MOIRE)]
    assert parsed(render_bibtex(references))[0]["title"] == MOIRE.title
    assert rispy.loads(render_ris(references))[0]["title"] == r"Moiré-Flow: $\ell_1$ Flow Matching for Real Demoiréing"


def test_signs_that_authors_type_bare_are_escaped():
    assert latex_text("Text & Images: 50% of x_1 for $5") == r"Text \& Images: 50\% of x\_1 for \$5"


@example("", [], "\\\\")
@given(hostile_text, st.lists(hostile_text, max_size=3), hostile_text)
def test_any_title_and_author_leaves_a_bib_file_whole(title, authors, abstract):
    odd, sound = reference(paper(title, *authors, abstract=abstract)), reference(DIFFNO)
    first, second = parsed(render_bibtex([odd, sound]))
    assert first["key"] == odd.key
    assert second["title"] == "{DiffFNO}: Diffusion Fourier Neural Operator"
    assert len(re.split(r"\band\b", second["author"])) == 2


@given(plain_text)
def test_the_words_of_any_title_come_back_from_a_bibtex_reader(title):
    (entry,) = parsed(render_bibtex([reference(paper(title))]), decoded=True)
    assert letters(entry.get("title", "")) == letters(metadata(title).plain)


@given(hostile_text, st.lists(hostile_text, max_size=3), hostile_text)
def test_any_title_and_author_leaves_a_ris_file_whole(title, authors, abstract):
    odd = reference(paper(title, *authors, abstract=abstract))
    first, second = rispy.loads(render_ris([odd, reference(DIFFNO)]))
    assert first.get("title", "") == odd.title
    assert first.get("abstract", "") == odd.abstract
    assert len(first.get("authors", [])) == len(odd.authors)
    assert second["title"] == DIFFNO.title


@given(hostile_text, st.lists(hostile_text, max_size=3))
def test_any_title_and_author_comes_back_from_csl(title, authors):
    (item,) = json.loads(render_csl([reference(paper(title, *authors))]))
    assert item.get("title", "") == reference(paper(title)).title
    assert all(name.get("literal") or name["family"] for name in item.get("author", []))


@settings(max_examples=20)
@given(st.lists(words, min_size=1, max_size=5).map(" ".join))
def test_what_was_exported_is_read_as_the_same_paper(tmp_path_factory, title):
    folder = tmp_path_factory.mktemp("export")
    original = Paper(**{**{f: getattr(DIFFNO, f) for f in ("id", "abstract", "authors", "link", "published")}, "title": title})
    reference_ = reference(original, pdf="/a b/c;d.pdf")
    for name, text in (("a.bib", render_bibtex([reference_])), ("a.ris", render_ris([reference_])), ("a.json", render_csl([reference_]))):
        (folder / name).write_text(text, encoding="utf-8")
        (entry,) = entries_of(folder / name)
        assert letters(entry.title) == letters(title)
        assert entry.arxiv
        assert entry.arxiv[0] == DIFFNO.id
        assert entry.authors == DIFFNO.authors
        assert entry.files == ("/a b/c;d.pdf",)


def letters(text: str) -> str:
    """What a reader compares: no white space, no braces that only protect."""
    return re.sub(r"[\s{}]", "", clean(text)).replace("ˆ", "^")
