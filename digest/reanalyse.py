"""A digest's papers analysed again, with a newer model or newer prompts, and what that changed.

The earlier analyses stay in the library, under the keys of what made them. Of a paper that cannot be analysed now the digest
keeps the one it has.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from digest.editions import editions_of, publish, publish_feed
from digest.library.past import Past
from digest.pipeline import Edition, Making, Order
from digest.publishing.notices import language_name, notice
from digest.records import Analysis, AnalysisSection, Change, SectionChange, Tally

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from digest.records import Digest, Entry
    from digest.stages import Progress
    from digest.wiring import Tools


def reanalyse(tools: Tools, date: dt.date, progress: Progress, *, style: str = "", model: str = "", engine: str = "auto") -> list[Edition]:
    """Make the editions of *date* anew with the model and prompts of today, and keep them in place of the old ones.

    Args:
        style: only the editions in it; empty: all of the day.

    Raises:
        UsageError: there is no such edition.
        SetupError: a model is missing.
    """
    return [_edition(tools, name, digest, progress, model=model, engine=engine) for name, digest in list(editions_of(tools, date, style))]


def _edition(tools: Tools, name: str, old: Digest, progress: Progress, *, model: str, engine: str) -> Edition:
    order = Order(date=old.date, sources=(), style=old.style, top_k=len(old.entries), model=model, engine=engine)
    making = Making(tools=tools, order=order, progress=progress, style=tools.style(old.style), engine=tools.engine(model, engine))
    folder = tools.workspace.digests / name
    with tools.downloading(entry.ranked.paper for entry in old.entries):
        made = making.process([entry.ranked for entry in old.entries], folder)
    entries = [_better(new, before) for new, before in zip(made, old.entries, strict=True)]
    digest = dataclasses.replace(
        old,
        entries=tuple(entries),
        summary=making.summary(entries, folder),
        notices=tuple(dict.fromkeys((*_lasting(old), *making.notices, *making.model_notices(entries)))),
        skipped=(*(skipped for skipped in old.skipped if skipped.stage == "fetch"), *making.skipped),
        model=making.engine.model.title,
        changes=tuple(changes(old.entries, entries)),
    )
    digest = making.dated(digest, folder)
    publish(digest, folder, tools.workspace.templates)
    tools.store.add_digest(digest, sources=Past(tools.store).sources(name), folder=name)
    publish_feed(tools)
    return Edition(digest=digest, folder=folder)


def _better(new: Entry, before: Entry) -> Entry:
    """*new* with what it lacks of *before*: no paper loses the analysis it had."""
    kept = dataclasses.replace(new, neighbours=before.neighbours)
    if new.analysis is None or (new.analysis.unfinished and before.analysis and not before.analysis.unfinished):
        kept = dataclasses.replace(kept, analysis=before.analysis)
    return kept if new.document else dataclasses.replace(before, analysis=kept.analysis)


def _lasting(old: Digest) -> Iterator[str]:
    """The notices of *old* that do not speak of its model."""
    languages = {entry.analysis.language for entry in old.entries if entry.analysis}
    written = {notice("language", old.language, model=old.model, written=language_name(code, old.language)) for code in languages}
    of_model = {*written, notice("demo", old.language, model=old.model), notice("extractive", old.language)}
    return (text for text in old.notices if text not in of_model)


# --- what changed -----------------------------------------------------------------------------------------------------


def changes(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[Change]:
    """What changed in each paper that has an analysis now."""
    for old, new in zip(before, after, strict=True):
        if new.analysis:
            yield Change(
                paper=new.ranked.paper.name,
                title=new.ranked.paper.title,
                model_before=_maker(old.analysis) if old.analysis else "",
                model_after=_maker(new.analysis),
                before=_tally(old.analysis.sections if old.analysis else ()),
                after=_tally(new.analysis.sections),
                sections=tuple(_sections(old.analysis, new.analysis)),
            )


def _sections(old: Analysis | None, new: Analysis) -> Iterator[SectionChange]:
    """The sections that are not the same, in the order of *new*, then those that it lacks."""
    before = {section.id: section for section in (old.sections if old else ())}
    after = {section.id: section for section in new.sections}
    for name in dict.fromkeys((*after, *before)):
        first, second = before.get(name), after.get(name)
        texts = [Counter(claim.text for claim in (section.claims if section else ())) for section in (first, second)]
        if texts[0] != texts[1] or (first and second and first.status != second.status) or not (first and second):
            shown = second or first
            assert shown
            yield SectionChange(
                title=shown.title,
                before=_tally([first] if first else ()),
                after=_tally([second] if second else ()),
                kept=(texts[0] & texts[1]).total(),
            )


def _tally(sections: Iterable[AnalysisSection]) -> Tally:
    claims = [claim for section in sections for claim in section.claims]
    return Tally(claims=len(claims), verified=sum(claim.verified for claim in claims))


def _maker(analysis: Analysis) -> str:
    made = analysis.provenance
    return f"{made.model} ({analysis.style}@{made.prompts_sha256[:8]})"
