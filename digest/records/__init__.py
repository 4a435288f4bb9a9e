"""What flows through the program: ``Paper -> Ranked -> Document -> Analysis -> Digest``.

Every record is a frozen dataclass of plain values, so a stage can be tested with literals and its result
stored as JSON. This module knows no library and no file: only the words the rooms share.
"""

from digest.records.analyses import Analysis, AnalysisSection, Claim, Coverage, Provenance, SectionStatus, Timing
from digest.records.digests import Change, Counts, Digest, Entry, SectionChange, Skipped, Tally
from digest.records.documents import (
    Box,
    Document,
    Fact,
    Figure,
    Footnote,
    Grade,
    HiddenText,
    PagedBox,
    Passage,
    ReadStatus,
    Section,
    SectionKind,
    Table,
)
from digest.records.papers import Paper, Ranked, Reason, ReasonKind, Topic

__all__ = [
    "Analysis",
    "AnalysisSection",
    "Box",
    "Change",
    "Claim",
    "Counts",
    "Coverage",
    "Digest",
    "Document",
    "Entry",
    "Fact",
    "Figure",
    "Footnote",
    "Grade",
    "HiddenText",
    "PagedBox",
    "Paper",
    "Passage",
    "Provenance",
    "Ranked",
    "ReadStatus",
    "Reason",
    "ReasonKind",
    "Section",
    "SectionChange",
    "SectionKind",
    "SectionStatus",
    "Skipped",
    "Table",
    "Tally",
    "Timing",
    "Topic",
]
