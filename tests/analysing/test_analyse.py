"""One paper through one style: what is asked, asked again, marked and recorded."""

import dataclasses
import datetime as dt

import pytest

from digest.analysing import analyse, analysis_key
from digest.errors import ContextTooSmall, PaperError
from digest.records import AnalysisSection, SectionStatus, Table
from tests.engines import ScriptedEngine, smollm2

GOOD = "- Sharp Steps samples an image in 12 steps [p1]."


def test_a_good_reply_becomes_claims_with_page_and_quote(request_):
    (section, _) = analyse(request_, ScriptedEngine({"*": [GOOD]})).sections
    (claim,) = section.claims
    assert section.status is SectionStatus.OK
    assert (claim.text, claim.pages, claim.quote) == ("Sharp Steps samples an image in 12 steps.", (1,), "It samples an image in 12 steps.")
    assert claim.verified


def test_a_reply_that_cannot_be_used_is_asked_for_again_with_another_seed(request_):
    engine = ScriptedEngine({"contribution": ["I'm sorry, I cannot do that.", GOOD], "*": [GOOD]})
    (section, _) = analyse(request_, engine).sections
    assert section.status is SectionStatus.OK
    assert [(question.id, question.seed) for _, _, question in engine.asked] == [
        ("contribution", 7),
        ("weaknesses", 7),
        ("contribution", 8),
    ]


def test_the_second_time_a_question_names_what_was_wrong_with_the_first_answer(request_):
    engine = ScriptedEngine(
        {"contribution": ["I'm sorry, I cannot do that.", "- It was trained on ImageNet for 300 epochs [p3].", GOOD], "*": [GOOD]}
    )
    analyse(request_, engine)
    assert "it did not answer" in engine.asked[2][2].text


def test_a_number_or_name_that_the_paper_does_not_hold_is_asked_about_once_and_then_marked(request_):
    wrong = "- Sharp Steps samples an image in 12 steps on ImageNet [p1]."
    engine = ScriptedEngine({"contribution": [wrong], "*": [GOOD]})
    (section, _) = analyse(request_, engine).sections
    assert "ImageNet cannot be found in the paper" in engine.asked[2][2].text
    assert len(engine.asked) == 3
    assert [(claim.verified, claim.unfound) for claim in section.claims] == [(False, ("ImageNet",))]


def test_a_passage_that_the_model_was_not_shown_is_no_evidence(request_):
    (section, _) = analyse(request_, ScriptedEngine({"*": ["- Sharp Steps samples an image in 12 steps [p99]."]})).sections
    assert [claim.pages for claim in section.claims] == [(1,)]


def test_settled_sections_are_kept_at_once_and_not_asked_again(request_):
    kept: list[AnalysisSection] = []
    whole = analyse(request_, ScriptedEngine({"*": [GOOD]}), keep=kept.append)
    assert [section.id for section in kept] == [section.id for section in whole.sections]
    assert kept[0] == whole.sections[0]
    engine = ScriptedEngine({"*": [GOOD]})
    again = analyse(request_, engine, kept={kept[0].id: kept[0]})
    assert [question.id for _, _, question in engine.asked] == [kept[1].id]
    assert again.sections == whole.sections


def test_a_section_that_fails_twice_has_a_reason_and_no_text(request_):
    engine = ScriptedEngine({"contribution": ["429 RESOURCE_EXHAUSTED: quota"], "*": [GOOD]})
    failed, fine = analyse(request_, engine).sections
    assert failed.status is SectionStatus.FAILED
    assert failed.reason
    assert failed.text == ""
    assert fine.status is SectionStatus.OK


def test_every_section_is_counted_once_however_often_it_is_asked(request_):
    done: list[AnalysisSection] = []
    analyse(request_, ScriptedEngine({"*": ["None"]}), keep=done.append)
    assert len(done) == 2


def test_the_model_sees_the_tables_row_by_row(request_):
    table = Table(label="Table 2", caption="PSNR on Set5.", page=3, rows=(("Model", "PSNR"), ("Sharp Steps", "33.41"), ("Other", "33.12")))
    request = dataclasses.replace(request_, document=dataclasses.replace(request_.document, tables=(table,)))
    engine = ScriptedEngine({"*": [GOOD]})
    analyse(request, engine)
    assert "[p7] Table 2: PSNR on Set5.\nModel | PSNR\nSharp Steps | 33.41\nOther | 33.12" in engine.asked[0][1]


def test_what_the_paper_does_not_say_is_marked_so(request_):
    (section, _) = analyse(request_, ScriptedEngine({"contribution": ["Not stated in the paper."], "*": [GOOD]})).sections
    assert (section.status, section.claims) == (SectionStatus.NOT_STATED, ())


def test_what_stands_nowhere_in_the_paper_is_added_without_asking(request_):
    (_, section) = analyse(request_, ScriptedEngine({"contribution": [GOOD], "weaknesses": ["Not stated in the paper."]})).sections
    assert section.status is SectionStatus.OK
    assert {claim.basis for claim in section.claims} == {"search"}


def test_without_a_body_the_abstract_is_analysed_and_the_section_says_so(abstract_only):
    engine = ScriptedEngine({"*": [GOOD]})
    analysis = analyse(abstract_only, engine)
    assert {section.status for section in analysis.sections} == {SectionStatus.ABSTRACT_ONLY}
    assert analysis.coverage.share == 0
    assert "It needs 12 steps." in engine.asked[0][1]


def test_with_neither_body_nor_abstract_nothing_is_made_up(abstract_only):
    request = dataclasses.replace(abstract_only, paper=dataclasses.replace(abstract_only.paper, abstract=""))
    engine = ScriptedEngine({"*": [GOOD]})
    with pytest.raises(PaperError, match="neither full text nor abstract"):
        analyse(request, engine)
    assert engine.asked == []


def test_questions_that_leave_no_room_for_any_passage_are_refused(request_):
    with pytest.raises(ContextTooSmall):
        analyse(request_, ScriptedEngine({"*": [GOOD]}, context_tokens=690))


def test_the_text_of_the_paper_never_overflows_its_room(request_):
    for context_tokens in range(760, 900):
        engine = ScriptedEngine({"*": [GOOD]}, context_tokens=context_tokens)
        try:
            analyse(request_, engine)
        except ContextTooSmall:
            continue
        system, paper, _ = engine.asked[0]
        assert engine.count(paper) <= engine.room(system, [question for _, _, question in engine.asked])


def test_a_model_that_does_not_write_the_readers_language_writes_its_own(request_):
    engine = ScriptedEngine({"*": [GOOD]}, languages=("en",))
    analysis = analyse(dataclasses.replace(request_, language="zh", interests=("超分辨率",)), engine)
    assert analysis.language == "en"
    assert analysis.sections[0].title == "核心创新点"
    assert all("超分辨率" not in question.text for _, _, question in engine.asked)


def test_the_key_changes_with_everything_that_decides_the_words(request_):
    document = request_.document
    assert document
    style = request_.style
    others = [
        dataclasses.replace(request_, document=dataclasses.replace(document, sha256="e" * 64)),
        dataclasses.replace(request_, document=dataclasses.replace(document, reader="1.1")),
        dataclasses.replace(request_, document=None),
        dataclasses.replace(request_, style=style.model_copy(update={"sha256": "other"})),
        dataclasses.replace(request_, style=style.model_copy(update={"id": "other"})),
        dataclasses.replace(request_, language="zh"),
        dataclasses.replace(request_, interests=("denoising",)),
        dataclasses.replace(request_, seed=8),
        dataclasses.replace(request_, context_tokens=4096),
        dataclasses.replace(request_, temperature=0.7),
        dataclasses.replace(request_, paper=dataclasses.replace(request_.paper, title="Other")),
        dataclasses.replace(request_, paper=dataclasses.replace(request_.paper, id="2601.00002")),
    ]
    keys = {analysis_key(request, "llama", "a" * 64) for request in (request_, *others)}
    keys |= {analysis_key(request_, "server", "a" * 64), analysis_key(request_, "llama", "b" * 64)}
    assert len(keys) == len(others) + 3


def test_the_key_does_not_change_with_what_decides_nothing(request_):
    paper = dataclasses.replace(request_.paper, upvotes=5, comment="accepted", abstract="Unread.", updated=dt.date(2026, 1, 1))
    assert analysis_key(dataclasses.replace(request_, paper=paper), "llama", "a") == analysis_key(request_, "llama", "a")


def test_the_abstract_decides_when_it_is_all_there_is(abstract_only):
    paper = dataclasses.replace(abstract_only.paper, abstract="Another.")
    assert analysis_key(dataclasses.replace(abstract_only, paper=paper), "llama", "a") != analysis_key(abstract_only, "llama", "a")


def test_an_analysis_records_what_made_it(request_):
    made = analyse(request_, ScriptedEngine({"*": [GOOD]})).provenance
    assert (made.engine, made.model, made.model_sha256) == ("scripted", "scripted", "0" * 64)
    assert (made.prompts_sha256, made.document_sha256, made.reader, made.seed) == (request_.style.sha256, "d" * 64, "1.0", 7)


def test_a_real_model_gives_the_same_analysis_twice_and_every_quote_is_the_papers(request_, document):
    sections = tuple(section.model_copy(update={"max_tokens": 24}) for section in request_.style.sections)
    request = dataclasses.replace(request_, style=request_.style.model_copy(update={"sections": sections}), context_tokens=1024)
    one, other = (analyse(request, smollm2(0.6)) for _ in range(2))
    assert one.sections == other.sections
    body = [" ".join(passage.text.split()) for passage in document.passages]
    assert all(not c.quote or any(c.quote in text for text in body) for section in one.sections for c in section.claims)
