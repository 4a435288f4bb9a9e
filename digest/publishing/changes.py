"""What analysing again changed, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.publishing.inline import clean, metadata
from digest.publishing.phrases import short_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.publishing.labels import Labels
    from digest.records import Change, Tally


def change_lines(change: Change, labels: Labels) -> Iterator[str]:
    """One line on the paper and its models, one on its statements, one for each section that changed."""
    yield f"{metadata(change.title).plain}{labels.aside.format(short_name(change.paper))}"
    if not change.sections:
        yield labels.unchanged.format(model=change.model_after)
        return
    yield labels.models_changed.format(before=clean(change.model_before) or labels.no_line, after=clean(change.model_after))
    yield f"{labels.all_sections}{labels.says}{_step(change.before, change.after, labels)}"
    for section in change.sections:
        kept = labels.kept_claims.format(n=section.kept) if section.kept else labels.all_new
        yield f"{clean(section.title)}{labels.says}{_step(section.before, section.after, labels)}{labels.comma}{kept}"


def _step(before: Tally, after: Tally, labels: Labels) -> str:
    return f"{_tally(before, labels)} → {_tally(after, labels)}"


def _tally(tally: Tally, labels: Labels) -> str:
    borne = labels.aside.format(labels.claims_verified.format(n=tally.verified)) if tally.claims else ""
    return labels.tally.format(n=tally.claims) + borne
