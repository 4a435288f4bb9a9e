"""``read``: PDFs in full, without ranking or analysis."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import Reporter, as_json, print_json, quiet, tools_of
from digest.errors import PaperError, UsageError
from digest.workspace import find_workspace, replace_file, safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.reading.pool import Pool
    from digest.records import Document

_path = click.Path(path_type=Path)


@click.command()
@click.argument("pdfs", nargs=-1, required=True, type=_path, metavar="PDF|DIR...")
@click.option("--text", is_flag=True, help="Print the body.")
@click.option(
    "--figures", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write captioned figures and tables as PNG."
)
@click.option("--ocr", is_flag=True, help="Recognise scanned pages. Needs the language data of Tesseract.")
@quiet
@as_json
@click.pass_context
def read(ctx: click.Context, pdfs: tuple[Path, ...], text: bool, figures: Path | None, ocr: bool, quiet: bool, as_json: bool) -> None:
    """Read PDFs in full: body in reading order, sections, passages, figures, hidden text, grade.

    Several are read at once, each where a broken one can do no harm. In a workspace what was read is kept.

    \b
    Examples:
      digest read paper.pdf --json
      digest read ~/papers --figures figures
    """
    paths = _files(pdfs)
    if figures:
        _make(figures)
    failed = False
    documents, readers = _documents(ctx, paths, ocr=ocr)
    with readers, Reporter(quiet=quiet or len(paths) == 1) as progress:
        progress.stage("read", len(paths))
        for path, document in zip(paths, documents, strict=True):
            failed |= document.status != "ok"
            images = _drawn(readers, path, document, figures) if figures else []
            if as_json:
                print_json(_document_json(path, document, images))
            else:
                click.echo(document.text if text else _line(path, document))
            progress.advance()
    ctx.exit(4 if failed else 0)


def _files(paths: Sequence[Path]) -> list[Path]:
    """*paths*, the folders among them replaced by the PDFs below them."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".pdf" and file.is_file()) if path.is_dir() else []
        if not inside and not path.is_file():
            what = "no PDF in" if path.is_dir() else "cannot open"
            raise UsageError(f"{what} {path}{'' if path.exists() else ': no such file'}", hint="digest read --help")
        found += inside or [path]
    return found


def _make(folder: Path) -> None:
    """Make *folder* before anything is read for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}", hint="digest read --help") from error


def _documents(ctx: click.Context, paths: Sequence[Path], *, ocr: bool) -> tuple[Iterator[Document], Pool]:
    """The documents of *paths* and what reads them; through the library where there is a workspace."""
    from digest.config import Settings
    from digest.wiring import reading_pool

    workspace = find_workspace(ctx.obj)
    if not workspace.settings.is_file():
        readers = reading_pool(Settings(), ocr=ocr)
        return readers.read_all(paths), readers
    tools = tools_of(ctx)
    tools.readers = reading_pool(tools.settings, ocr=ocr)
    return tools.read_all(paths), tools.readers


def _drawn(readers: Pool, path: Path, document: Document, folder: Path) -> list[str]:
    """Write a PNG of each figure of *document* below *folder*; return their paths, "" for one that cannot be drawn."""
    try:
        pictures = readers.crop(path, document.figures)
    except PaperError as error:
        click.echo(f"digest: {error}", err=True)
        pictures = [b""] * len(document.figures)
    paths: list[str] = []
    for figure, picture in zip(document.figures, pictures, strict=True):
        name = safe_name(f"{figure.label or 'figure'}-p{figure.page}".replace(" ", "-").lower())
        out = folder / f"{safe_name(path.stem)}-{document.sha256[:8]}" / f"{len(paths) + 1:02d}-{name}.png"
        if picture:
            with replace_file(out) as file:
                file.write(picture)
        paths.append(str(out) if picture else "")
    return paths


def _line(path: Path, document: Document) -> str:
    grade = document.grade
    marks = f", grade {grade.letter}, {len(document.passages)} passages, {len(document.figures)} figures" if grade else ""
    problem = f" ({document.problem})" if document.problem else ""
    hidden = f", hidden text on page {', '.join(sorted({str(one.page) for one in document.hidden_text}, key=int))}"
    return f"{path}: {document.status}{problem}, {document.pages} pages{marks}{hidden if document.hidden_text else ''}"


def _document_json(path: Path, document: Document, images: Sequence[str]) -> dict[str, object]:
    figures = [{"page": f.page, "label": f.label, "caption": f.caption} for f in document.figures]
    return {
        "path": str(path),
        "status": document.status,
        "problem": document.problem,
        "pages": document.pages,
        "title": document.title,
        "text": document.text,
        "sections": [{"title": s.title, "kind": s.kind, "page": s.page, "text": s.text} for s in document.sections],
        "passages": [{"id": p.id, "page": p.page, "section": p.section, "text": p.text} for p in document.passages],
        "footnotes": [{"page": n.page, "mark": n.mark, "text": n.text} for n in document.footnotes],
        "figures": [{**figure, "image": image} for figure, image in zip(figures, images, strict=True)] if images else figures,
        "hidden_text": [asdict(hidden) for hidden in document.hidden_text],
        "grade": asdict(document.grade) if document.grade else {},
        "facts": [asdict(fact) for fact in document.facts],
    }
