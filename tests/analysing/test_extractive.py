"""Without a model: every section quotes the paper."""

import pytest

from digest.analysing import analyse
from digest.analysing.extractive import ExtractiveEngine
from digest.records import SectionStatus


def test_every_claim_is_a_sentence_of_the_paper_with_its_page(request_, document):
    analysis = analyse(request_, ExtractiveEngine())
    body = " ".join(passage.text for passage in document.passages)
    claims = [claim for section in analysis.sections for claim in section.claims if not claim.basis]
    assert claims
    assert all(claim.verified and claim.pages and claim.quote in body and claim.quote in claim.text for claim in claims)
    assert (analysis.coverage.share, analysis.provenance.engine, analysis.timing.output_tokens) == (1.0, "extractive", 0)


@pytest.mark.parametrize(("language", "opening"), [("zh", "原文：“"), ("en", "“")])
def test_the_frame_is_in_the_readers_language(request_, language, opening):
    from dataclasses import replace

    analysis = analyse(replace(request_, language=language), ExtractiveEngine())
    assert all(claim.text.startswith(opening) for section in analysis.sections for claim in section.claims if not claim.basis)


def test_of_an_abstract_alone_the_sections_say_so(abstract_only):
    statuses = {section.status for section in analyse(abstract_only, ExtractiveEngine()).sections}
    assert statuses <= {SectionStatus.ABSTRACT_ONLY, SectionStatus.FAILED, SectionStatus.NOT_STATED}
