"""Sentences that tell how a method works."""

from digest.analysing.verify import Evidence
from digest.records import Passage, SectionKind

WORKINGS = "the method consists of modules; architecture; loss function; sampling"
DATA = "The data set consists of a random sampling of twelve thousand photographs from the web."
FIRST = "A layer takes the features of both branches, and its gate weighs the branches at each pixel."
LAST = "The features that the gate weighs are joined and the branches are trained together."
HELD = "However, the gate of the features is not compared with branches that have no gate at all."
BETWEEN = (
    "Photographs were taken in the mountains by a friend who knows the weather well.",
    "The licence of these pictures allows everybody to look at them for as long as they like.",
    "A second friend carried the tripod and most of the food during that whole long summer.",
    "Nobody was hurt although it rained for several days when the road had been washed away.",
)


def quoted(kind: SectionKind, count: int = 2) -> list[str]:
    sentences = [DATA, HELD, FIRST, *BETWEEN[:2], LAST, *BETWEEN[2:]]
    passages = [Passage(id=f"p{n}", page=n, section="Any", kind=kind, text=text) for n, text in enumerate(sentences, 1)]
    return [claim.quote for claim in Evidence(passages, sentences).nearest(WORKINGS, (SectionKind.METHOD,), count=count)]


def test_how_a_method_works_is_told_by_what_its_part_speaks_of_most_in_the_order_of_the_paper():
    assert quoted(SectionKind.METHOD) == [FIRST, LAST]


def test_a_paper_without_such_a_part_is_asked_as_a_whole():
    assert quoted(SectionKind.OTHER) == [FIRST, LAST]


def test_a_sentence_that_is_mostly_formula_comes_last():
    formula = "The gate $g=\\sigma(W[f_a;f_b]+b)$ of the features $f_a,f_b$ weighs branches $a,b$."
    passages = [
        Passage(id=f"p{n}", page=n, section="Any", kind=SectionKind.METHOD, text=text)
        for n, text in enumerate([formula, FIRST, *BETWEEN], 1)
    ]
    found = Evidence(passages, [passage.text for passage in passages]).nearest(WORKINGS, (SectionKind.METHOD,), count=1)
    assert [claim.quote for claim in found] == [FIRST]
