"""A chart as a PNG, drawn by MuPDF, which has letters for Chinese of its own. The only file of this room that knows PyMuPDF."""

from __future__ import annotations

import pymupdf

_SCALE = 2  # pixels for each unit: sharp on screens of today


def to_png(svg: str) -> bytes:
    """*svg*, one of our own charts, as a PNG in its light colours."""
    with pymupdf.open(stream=svg.encode(), filetype="svg") as document:
        image: bytes = document[0].get_pixmap(matrix=pymupdf.Matrix(_SCALE, _SCALE), alpha=False).tobytes("png")
        return image
