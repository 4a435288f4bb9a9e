"""Which sentence of a paper answers which kind of question."""

import pytest

from digest.analysing.telling import answers, quotable, worth
from digest.analysing.verify import Evidence
from digest.records import Passage, SectionKind

CONTRIBUTION = "we propose a novel method; our main contribution; key idea"
RESULTS = "results on benchmark; outperforms; improvement; state of the art"
METHOD = "the method consists of modules; architecture; loss function"
WEAKNESS = "limitation; future work; fails when"


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        (CONTRIBUTION, "In this paper, we propose a sampler with twelve steps.", "This enables the sampler to take twelve steps."),
        (RESULTS, "It outperforms the second best method by 1.3 dB on Urban100.", "The results on the benchmark look good to the eye."),
        (RESULTS, "Our sampler achieves better scores than every baseline.", "Most existing samplers achieve good scores on it."),
        (RESULTS, "The sampler outperforms four baselines by 2.1%.", "We use four baselines, each 2.1% larger, which outperform others."),
        (METHOD, "The loss function sums twelve steps.", "We establish a baseline whose loss function sums twelve steps."),
        (METHOD, "We define the loss on the entropy.", "However, the entropy is no loss function here."),
    ],
)
def test_a_sentence_in_the_turn_of_phrase_that_answers_is_worth_more(query, better, worse):
    assert worth(better, query) > worth(worse, query)


@pytest.mark.parametrize(
    "sentence",
    [
        "We evaluate the sampler on four standard benchmarks with identical noise.",
        "Extensive experiments are conducted to demonstrate the effectiveness of the sampler.",
        "Our solver comprises the following three key components: 1.",
        "This work has been supported in part by a grant of the national foundation.",
        "Too short to say much.",
        "The overall architecture of our sampler is illustrated in Figure 2.",
        "We propose a simple yet effective sampler ap- B Corresponding author proach that addresses these challenges.",
        "F = Concat(E, G) (9) Where G is the network that consists of N attention layers in a row.",
        "In standard training a sample x ⇠ D is selected along with a timestep and random noise of a normal law.",
        "Ablation Study on The Influence of Each Component of Our Sampler.",
    ],
)
def test_what_only_announces_is_not_quoted(sentence):
    assert not quotable(sentence)


def test_the_weakness_of_others_is_no_weakness_of_the_paper():
    assert answers("A limitation of our sampler is that it needs paired data.", WEAKNESS, in_limitations=False)
    assert answers("It needs paired data of both domains.", WEAKNESS, in_limitations=True)
    assert not answers("Existing samplers are limited to paired data.", WEAKNESS, in_limitations=False)
    assert not answers("We address this limitation of our earlier sampler, the limitations of our work.", WEAKNESS, in_limitations=False)


def test_of_two_sentences_that_say_the_same_one_is_quoted_and_the_best_comes_first():
    texts = (
        "Samplers have been studied for many years in many fields of research.",
        "We propose a sampler that needs twelve steps for an image.",
        "In conclusion, we propose a sampler that needs only twelve steps for every image.",
    )
    passages = [Passage(id=f"p{n}", page=n, section="s", kind=SectionKind.OTHER, text=text) for n, text in enumerate(texts, 1)]
    found = Evidence(passages, texts).nearest(CONTRIBUTION, (), count=3)
    assert [claim.quote for claim in found][:1] == [texts[1]]
    assert texts[2] not in [claim.quote for claim in found]


def test_what_the_title_tells_is_the_contribution_and_not_every_thing_that_is_introduced():
    aside = "We introduced a novel token for names, whose key idea is that they are closed, in contrast to prior work on names."
    main = "To this end, we introduce Ring, a framework that adapts generative models to new domains by cycles."
    passages = [Passage(id=f"p{n}", page=n, section="", kind=SectionKind.OTHER, text=text) for n, text in enumerate((aside, main), 1)]
    title = "Domain-Oriented Adaptation of Generative Models in Cycles"
    assert Evidence(passages, [aside, main]).nearest(CONTRIBUTION, (), count=1)[0].quote == aside
    assert Evidence(passages, [aside, main], title=title).nearest(CONTRIBUTION, (), count=1)[0].quote == main


@pytest.mark.parametrize(
    "sentence", ["Our future work will extend our method to zones of other sizes.", "We do not seek to explain why it works."]
)
def test_what_was_not_done_is_no_contribution(sentence):
    assert worth(sentence, CONTRIBUTION) < 1
    assert worth(sentence, "limitation; future work") == 1
