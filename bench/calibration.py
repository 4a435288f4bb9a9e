"""What an embedding model calls relevant: the figures behind the constants of ranking/calibration.py and ranking/scores.py.

Usage: python -m bench calibration [EMBEDDER] [--backend torch|onnx|onnx-int8]
EMBEDDER (default: minilm-l6) is an embedding model of the registry that is installed. ../shared/data/metadata beside the checkout is read;
vectors are kept below the system's temporary folder.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digest.config import load_profile
from digest.embedding.backends import Model, build
from digest.errors import DigestError
from digest.glossary import Glossary
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from digest.ranking.calibration import AT_LARGE, OF_A_FIELD, Background
from digest.ranking.evidence import topics_of, traits_of
from digest.ranking.language import spoken
from digest.ranking.scores import ABOUT, FLOOR
from digest.registry import Registry
from digest.sources.metadata import papers_from_jsonl
from digest.workspace import Workspace, shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors
    from digest.records import Paper

ROOT = Path(__file__).resolve().parents[1]
METADATA = ROOT.parent / "shared" / "data" / "metadata"
# Words of the starter profile: a paper with one of them may be what the reader wants.
SUBJECT = re.compile(
    r"(?i)restor|denois|deblur|derain|desnow|dehaz|low-light|super-?resolution|implicit neural|diffusion|flow matching|rectified flow"
    r"|autoregressive|masked (image|auto|generat)|distill|summari[sz]|language model"
)
_VISION = {"cs.CV", "eess.IV"}
_MOST = 600  # papers of each group
_QUANTILES = (5, 50, 95, 99, 99.9)


def embedder_of(model_id: str, backend: str | None) -> CachedEmbedder:
    """An installed model of the registry in front of its kept vectors."""
    registry = Registry.load(Workspace(ROOT))
    card = registry.card(model_id)
    model = Model(
        folder=registry.path(card).parent,
        model_id=card.id,
        sha256=registry.verify(card),
        dim=card.dim,
        window_tokens=card.context_tokens,
        pooling=card.pooling,
    )
    store = Store(Path(tempfile.gettempdir()) / "digest-bench" / NAME)
    return CachedEmbedder(
        build(model, backend),  # type: ignore[arg-type]
        store,
        query_prompt=card.query_prompt,
        document_prompt=card.document_prompt,
    )


def groups() -> dict[str, list[Paper]]:
    """Papers of early 2026 by how near they are to the starter profile, drawn by a hash of their ids."""
    papers: dict[str, Paper] = {}
    for path in sorted(METADATA.glob("2026-*.jsonl")):
        papers |= {paper.id: paper for paper in papers_from_jsonl(path.read_text(encoding="utf-8").split("\n"), origin=path)}
    found: dict[str, list[Paper]] = {"other fields": [], "vision, no word of the profile": [], "vision, one in the title": []}
    for paper in sorted(papers.values(), key=lambda paper: hashlib.sha256(paper.id.encode()).hexdigest()):
        vision = bool(_VISION.intersection(paper.categories))
        if not vision and not SUBJECT.search(paper.gist):
            found["other fields"].append(paper)
        elif vision and not SUBJECT.search(paper.gist):
            found["vision, no word of the profile"].append(paper)
        elif vision and SUBJECT.search(paper.title):
            found["vision, one in the title"].append(paper)
    return {name: group[:_MOST] for name, group in found.items()}


def relevances(papers: Sequence[Paper], texts: Sequence[str], embedder: CachedEmbedder) -> Vectors:
    """(n, m) relevance of each paper to each text."""
    topics = topics_of(texts, embedder)
    rows: Vectors = np.array([topics.relevance(traits)[0] for traits in traits_of(papers, embedder)])
    return rows


def logistic(values: Vectors) -> Background:
    """The curve through the median and the 99th percentile: the middle decides low scores, the tail high ones."""
    centre, high = (float(np.percentile(values, part)) for part in (50, 99))
    return Background(centre=centre, spread=(high - centre) / np.log(99))


def main(arguments: Sequence[str] = ()) -> None:
    """Print percentiles of each group, and what they make of the constants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embedder", nargs="?", default="minilm-l6")
    parser.add_argument("--backend", choices=["torch", "onnx", "onnx-int8"])
    options = parser.parse_args(arguments)
    if not METADATA.is_dir():
        print(f"skipped: no metadata at {METADATA}")
        return
    try:
        embedder = embedder_of(options.embedder, options.backend)
    except DigestError as error:
        print(f"skipped: {error}: {error.hint}")
        return
    card = Registry.load(Workspace(ROOT)).card(options.embedder)
    profile = spoken(load_profile(shipped("profile.toml")), card.languages, Glossary.load())
    found = {name: relevances(group, [i.text for i in profile.interest], embedder) for name, group in groups().items()}
    print(f"{embedder.id}: relevance to the closest interest of the starter profile, percentiles {', '.join(map(str, _QUANTILES))}")
    for name, values in found.items():
        print(f"{len(values):4} {name:32} " + "  ".join(f"{value:.2f}" for value in np.percentile(values.max(axis=1), _QUANTILES)))
    away = found["vision, no word of the profile"]
    for name, values, known in (
        ("AT_LARGE", away, AT_LARGE),
        ("OF_A_FIELD", np.concatenate([away, found["vision, one in the title"]]), OF_A_FIELD),
    ):
        curve = logistic(values.max(axis=1))
        print(f"{name}: centre {curve.centre:.3f}, spread {curve.spread:.4f}; it has {known.centre}, {known.spread}")
    below = [(found["other fields"].max(axis=1) < FLOOR).mean(), (away < ABOUT).mean()]
    print(f"FLOOR {FLOOR}: {below[0]:.0%} of the papers of other fields lie below; ABOUT {ABOUT}: {below[1]:.1%} to a single interest do")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
