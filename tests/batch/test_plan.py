"""What a try says, how many work, how fast it goes."""

import datetime as dt

from digest.batch.plan import crew_size, outcome, shares, standing
from digest.errors import PaperError, ServerFailed
from digest.library.queue import State, Tally
from digest.records import Analysis, AnalysisSection, Coverage, Paper, Provenance, SectionStatus, Timing

PAPER = Paper(id="2601.00001", title="A", abstract="We propose.")
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def analysis(*statuses: SectionStatus) -> Analysis:
    made = Provenance(
        engine="llama", model="m", model_sha256="", prompts_sha256="", document_sha256="", reader="", seed=7, context_tokens=1024
    )
    sections = tuple(AnalysisSection(id=str(n), title=f"Section {n}", status=status) for n, status in enumerate(statuses))
    return Analysis(
        paper=PAPER.id,
        style="brief",
        language="en",
        sections=sections,
        coverage=Coverage(read_tokens=1, total_tokens=1),
        provenance=made,
        timing=Timing(prompt_tokens=1, output_tokens=1, seconds=1),
    )


def test_a_whole_analysis_is_done():
    assert outcome(PAPER, analysis(SectionStatus.OK, SectionStatus.NOT_STATED), 0) == (State.DONE, None)


def test_failed_sections_are_made_again_once():
    state, problem = outcome(PAPER, analysis(SectionStatus.OK, SectionStatus.FAILED), 0)
    assert state is State.READY
    assert problem is not None
    assert problem.reason == "no usable answer for Section 1"
    assert outcome(PAPER, analysis(SectionStatus.FAILED), 1)[0] is State.FAILED


def test_what_no_second_try_can_help_has_failed_at_once():
    error = PaperError(PAPER.name, "analyse", "neither full text nor abstract", retry=False)
    assert outcome(PAPER, error, 0)[0] is State.FAILED
    assert outcome(PAPER, ServerFailed("http://127.0.0.1/v1", "HTTP 500"), 0)[0] is State.READY


def test_a_process_for_each_gpu():
    assert crew_size("llama", wanted=0, gpus=4, processors=64) == 4
    assert shares(3, gpus=["0", "1"], processors=64) == [{"CUDA_VISIBLE_DEVICES": name} for name in ("0", "1", "0")]


def test_without_a_gpu_one_process_has_all_processors_and_several_share_them():
    assert crew_size("llama", wanted=0, gpus=0, processors=8) == 1
    assert crew_size("server", wanted=0, gpus=0, processors=8) == 1
    assert crew_size("extractive", wanted=0, gpus=0, processors=8) == 8
    assert shares(3, gpus=[], processors=8) == [{"OMP_NUM_THREADS": "2"}] * 3


def test_the_time_that_is_left_follows_from_the_papers_since_the_start():
    states = {State.WAITING: 20, State.READY: 10, State.TAKEN: 0, State.DONE: 65, State.FAILED: 5}
    tally = Tally(states=states, settled=15, tokens=9_000, last=NOW, workers=())
    told = standing(tally, NOW - dt.timedelta(minutes=30), NOW)
    assert (told.total, told.settled, told.failed) == (100, 70, 5)
    assert told.papers_per_hour == 30.0
    assert told.tokens_per_second == 5.0
    assert told.seconds_left == 3600
    assert told.line == "70/100 papers, 30.0 papers/hour, 5.0 tokens/s, 5 failed, about 60m left"


def test_nothing_is_foretold_before_a_paper_is_done():
    states = {**dict.fromkeys(State, 0), State.WAITING: 3}
    assert standing(Tally(states=states, settled=0, tokens=0, last=None, workers=()), NOW, NOW).seconds_left is None
