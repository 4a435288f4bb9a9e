"""What of a search speaks of the question, by the real model, and which passage of a paper is shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest.glossary import Glossary
from digest.library.embeddings import CachedEmbedder
from digest.library.search import Searcher
from digest.library.vectors import VectorIndex
from digest.records import Figure, SectionKind, Table
from tests.embedders import minilm
from tests.library.examples import add, document

GPUS = "We trained the base translation model on eight GPUs for twelve hours."
DENOISING = "A diffusion model removes the noise of an image step by step, and so restores it."


@pytest.fixture
def real(store, tmp_path) -> Searcher:
    embedder = CachedEmbedder(minilm(), store, languages=("en",))
    index = VectorIndex(tmp_path, embedder=embedder.id, dim=embedder.dim)
    add(store, "1", "", GPUS)
    add(store, "2", "", DENOISING)
    searcher = Searcher(store, index, embedder, lambda: Glossary({"diffusion model": ("扩散模型",), "image restoration": ("图像复原",)}))
    searcher.sync()
    return searcher


def evidence(searcher: Searcher, question: str) -> set[str]:
    return {hit.paper.id for hit in searcher.evidence(question, searcher.search(question, top_k=5))}


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("How long was the translation model trained, and on how many GPUs?", {"1"}),
        ("图像复原的扩散模型", {"2"}),
        ("How long should chicken soup simmer?", set()),
        ("红烧肉先用大火炖三刻钟然后再用小火炖两刻钟直到入味，扩散模型", set()),  # one word of it is read, and it is not what is asked
        ("", set()),
    ],
)
def test_only_what_speaks_of_the_question_is_evidence(real, question, papers):
    assert evidence(real, question) == papers


@pytest.mark.parametrize(
    ("query", "papers"),
    [
        ("“扩散模型”", ["2"]),
        ("“图像复原” model", ["1", "2"]),  # stands nowhere in either language, so it is words
        ("“图像复原”", []),
        ("model -“扩散模型”", ["1"]),
        ("model -“扩散”", ["1", "2"]),  # only part of a term
    ],
)
def test_a_quoted_term_stands_for_its_english(real, query, papers):
    assert sorted(hit.paper.id for hit in real.search(query, top_k=5)) == papers


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("翻译模型在几个GPU上训练了多少小时？", {"1"}),
        ("怎样一步一步去掉图像的噪声？", {"2"}),
        ("红烧肉先用大火再用小火炖多久才能入味，扩散模型", set()),
        ("租房合同到期后押金什么时候退？", set()),
    ],
)
def test_a_question_of_everyday_words_is_understood_before_it_is_judged(store, real, question, papers):
    searcher = Searcher(store, real._index, real._embedder, lambda: Glossary.load(words=True))
    assert evidence(searcher, question) == papers


def test_texts_that_have_nothing_in_common_are_not_near(real):
    assert real._embedder.chance == pytest.approx(0.02, abs=0.03)


def test_where_a_number_is_asked_for_the_sentence_with_one_answers(store, searcher):
    text = "Aa bbb cccc. Aa bbb [12]. Aa bbb B12. Aa bbb, Fig. 3. Aa bbb 1024."
    add(store, "1", "", text)
    searcher.sync()
    (which,) = searcher.search("which aa bbb", top_k=1)
    (how_many,) = searcher.search("how many aa bbb", top_k=1)
    assert text[slice(*which.mark)] == "Aa bbb cccc."
    assert text[slice(*how_many.mark)] == "Aa bbb 1024."


def test_a_section_that_repeats_others_stands_behind_them(store, searcher):
    body = document("aa bbb ee", "aa bbb")
    repeated = dataclasses.replace(body.passages[0], kind=SectionKind.CONCLUSION)
    add(store, "1", "")
    store.set_file("1", dataclasses.replace(body, passages=(repeated, body.passages[1])), Path("/papers/1.pdf"))
    searcher.sync()
    assert searcher.search("aa bbb", top_k=1)[0].page == 2


def shown(store, **more) -> None:
    body = document("aa bbb", "prose", "aa bbb ee")
    add(store, "1", "")
    store.set_file("1", dataclasses.replace(body, **more), Path("/papers/1.pdf"))


def test_a_row_of_a_table_says_what_its_headings_say(store, searcher):
    table = Table(label="Table 1", caption="Quality.", page=2, rows=(("Model", "zebras"), ("a", "1"), ("giraffes", "2"), ("last", "3")))
    shown(store, tables=(table,))
    searcher.sync()
    (hit,) = searcher.search("table of zebras for giraffes", top_k=1)
    assert (hit.page, hit.passage[slice(*hit.mark)]) == (2, "giraffes | 2")


def test_a_caption_stands_behind_the_text_unless_a_figure_is_asked_for(store, searcher):
    shown(store, figures=(Figure(page=2, label="Figure 4", caption="Aa bbb."),))
    searcher.sync()
    assert searcher.search("bbb", top_k=1)[0].kind == "method"
    assert searcher.search("overview of bbb", top_k=1)[0].kind == "figure"


def test_what_several_passages_of_a_page_speak_of_is_found_there(store, searcher):
    body = document("aa okapi", "aa okapi first", "aa okapi second")
    first, second, third = body.passages
    add(store, "1", "")
    store.set_file("1", dataclasses.replace(body, passages=(first, second, dataclasses.replace(third, page=2))), Path("/papers/1.pdf"))
    searcher.sync()
    assert searcher.search("okapi", top_k=1)[0].page == 2
