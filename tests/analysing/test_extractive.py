"""Without a model: every section quotes the paper."""

from dataclasses import replace

import pytest

from digest.analysing import analyse, load_style
from digest.analysing.extractive import ExtractiveEngine
from digest.records import SectionKind, SectionStatus
from digest.workspace import Workspace, shipped


def test_every_claim_is_a_sentence_of_the_paper_with_its_page(request_, document):
    analysis = analyse(request_, ExtractiveEngine())
    body = " ".join(passage.text for passage in document.passages)
    claims = [claim for section in analysis.sections for claim in section.claims if not claim.basis]
    assert claims
    assert all(claim.verified and claim.pages and claim.quote in body and claim.quote in claim.text for claim in claims)
    assert (analysis.coverage.share, analysis.provenance.engine, analysis.timing.output_tokens) == (1.0, "extractive", 0)


@pytest.mark.parametrize(("language", "opening"), [("zh", "原文：“"), ("en", "“")])
def test_the_frame_is_in_the_readers_language(request_, language, opening):
    analysis = analyse(replace(request_, language=language), ExtractiveEngine())
    assert all(claim.text.startswith(opening) for section in analysis.sections for claim in section.claims if not claim.basis)


def test_a_section_on_the_abstract_quotes_the_abstract_in_its_order(request_, document):
    method = replace(request_, style=load_style(Workspace(shipped()), "method"))
    told = next(section for section in analyse(method, ExtractiveEngine()).sections if section.id == "abstract")
    abstract = [passage.text for passage in document.passages if passage.kind is SectionKind.ABSTRACT]
    assert told.claims
    places = [" ".join(abstract).find(claim.quote) for claim in told.claims]
    assert places == sorted(places)
    assert places[0] >= 0


def test_of_an_abstract_alone_the_sections_say_so(abstract_only):
    statuses = {section.status for section in analyse(abstract_only, ExtractiveEngine()).sections}
    assert statuses <= {SectionStatus.ABSTRACT_ONLY, SectionStatus.FAILED, SectionStatus.NOT_STATED}
