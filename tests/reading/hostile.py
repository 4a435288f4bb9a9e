"""PDFs that mean harm, made on the spot."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def pdf(*objects: bytes) -> bytes:
    """A PDF of *objects*, numbered from 1, the first the catalogue; without a cross-reference table, which readers rebuild."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, content) for number, content in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def page(content: bytes, *more: bytes, filters: bytes = b"") -> bytes:
    """A PDF of one page that draws *content*; *more* objects are numbered from 6."""
    resources = b"/Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >>"
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R %s >>" % resources,
        stream(content, filters),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    )


def stream(content: bytes, keys: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), keys, content)


def form(content: bytes, draws: int) -> bytes:
    """A form that may draw object *draws* as /X."""
    resources = b"/Resources << /XObject << /X %d 0 R >> /Font << /F 5 0 R >> >>" % draws
    return stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] " + resources)


def endless() -> bytes:
    """Forms that draw one another ten times each, eight deep: a hundred million words from two kilobytes."""
    forms = [form(b"/X Do " * 10, number + 1) for number in range(6, 13)]
    return page(b"/X Do " * 10, *forms, form(b"BT /F 9 Tf 50 500 Td (endless words) Tj ET", 13))


def bomb(size_mb: int) -> bytes:
    """A page whose content is white space of that size, packed twice."""
    content = zlib.compress(zlib.compress(b" " * (size_mb << 20), 1), 9)
    return page(content, filters=b"/Filter [/FlateDecode /FlateDecode]")


def save(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
