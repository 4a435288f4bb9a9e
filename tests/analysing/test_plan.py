"""Properties of choosing what a model reads: a word is a token here."""

from hypothesis import given
from hypothesis import strategies as st

from digest.analysing.plan import Plan, plan
from digest.analysing.style import Bilingual, SectionStyle
from digest.records import Passage, SectionKind

LABEL = 8


def question(evidence: str, *parts: SectionKind) -> SectionStyle:
    text = Bilingual(zh="问", en="ask")
    return SectionStyle(id="q", title=text, question=text, evidence=evidence, parts=parts, kind="prose", max_tokens=32)


QUESTIONS = (question("diffusion steps", SectionKind.METHOD), question("limitation video", SectionKind.CONCLUSION))
KINDS = (SectionKind.METHOD, SectionKind.CONCLUSION, SectionKind.REFERENCES)
WORDS = st.lists(st.sampled_from("diffusion steps limitation video image of the a".split()), max_size=30).map(" ".join)
BODIES = st.lists(st.tuples(st.sampled_from(KINDS), WORDS), max_size=12).map(
    lambda items: [Passage(id=f"p{n}", page=1, section="s", kind=kind, text=text) for n, (kind, text) in enumerate(items, 1)]
)


def cost(text: str) -> int:
    return len(text.split())


def planned(body: list[Passage], room: int) -> Plan:
    return plan(body, QUESTIONS, room=room, count=cost)


@given(BODIES, st.integers(-50, 400))
def test_no_plan_is_larger_than_its_room(body, room):
    chosen = planned(body, room).passages
    assert not chosen or sum(cost(p.text) + LABEL for p in chosen) <= room


@given(BODIES, st.integers(-50, 400))
def test_passages_keep_their_order_and_none_is_read_twice(body, room):
    numbers = [int(p.id[1:]) for p in planned(body, room).passages]
    assert numbers == sorted(set(numbers))


@given(BODIES)
def test_a_body_that_fits_is_read_whole_without_its_references(body):
    wanted = [p for p in body if p.kind is not SectionKind.REFERENCES]
    result = planned(body, sum(cost(p.text) + LABEL for p in wanted))
    assert list(result.passages) == wanted
    assert result.coverage.read_tokens == result.coverage.total_tokens


@given(BODIES, st.integers(0, 200))
def test_nothing_that_still_fits_is_left_out(body, room):
    chosen = planned(body, room).passages
    left = room - sum(cost(p.text) + LABEL for p in chosen)
    rest = [p for p in body if p not in chosen and p.kind is not SectionKind.REFERENCES]
    assert all(cost(p.text) + LABEL > left for p in rest)


def passage(number: int, kind: SectionKind, text: str) -> Passage:
    return Passage(id=f"p{number}", page=1, section="s", kind=kind, text=text)


def test_every_question_gets_its_best_evidence_before_any_gets_its_second():
    body = [
        passage(1, SectionKind.METHOD, "diffusion steps diffusion"),
        passage(2, SectionKind.METHOD, "diffusion steps"),
        passage(3, SectionKind.CONCLUSION, "limitation video"),
    ]
    assert [p.id for p in planned(body, 2 * LABEL + 5).passages] == ["p1", "p3"]


def test_a_part_that_the_question_names_comes_first():
    body = [passage(1, SectionKind.OTHER, "diffusion steps"), passage(2, SectionKind.METHOD, "diffusion steps")]
    assert planned(body, LABEL + 2).passages[0].id == "p2"


def test_one_passage_larger_than_the_room_leaves_an_empty_plan():
    result = planned([passage(1, SectionKind.METHOD, "word " * 500)], 100)
    assert result.passages == ()
    assert (result.coverage.read_tokens, result.coverage.total_tokens) == (0, 500)


def test_a_passage_that_means_the_same_in_other_words_is_found_by_its_vector():
    texts = ("The weather was fine that day.", "Noise is taken away bit by bit.", "The weather was bad the next day.")
    body = [Passage(id=f"p{n}", page=1, section="s", kind=SectionKind.METHOD, text=text) for n, text in enumerate(texts, 1)]
    asked = []

    def nearness(queries, passages):
        asked.append((list(queries), list(passages)))
        return [[0.1, 0.7, 0.1]]

    (read,) = plan(body, QUESTIONS[:1], room=16, count=cost, nearness=nearness).passages
    assert read.id == "p2"
    assert asked == [(["diffusion steps"], list(texts))]


def test_nothing_is_embedded_for_a_body_that_fits():
    def nearness(queries, passages):
        raise AssertionError("asked")

    body = [Passage(id="p1", page=1, section="s", kind=SectionKind.METHOD, text="diffusion steps")]
    assert len(plan(body, QUESTIONS, room=100, count=cost, nearness=nearness).passages) == 1
