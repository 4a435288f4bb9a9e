r"""References as BibTeX, in UTF-8, for BibTeX, biblatex and Zotero.

Titles keep the LaTeX of their authors; what would break a ``.bib`` file or a document (a lone brace, a bare ``&``) is mended.
Words with capitals inside (DiffFNO, 3D) are braced, since styles write titles in small letters. Fields of arXiv are those
of https://info.arxiv.org/help/hypertex/bibstyles.html, with biblatex's ``eprinttype`` beside them, by which Zotero knows arXiv.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.publishing.inline import Mark, metadata, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.publishing.names import Name
    from digest.publishing.references import Reference

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPES = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",  # not \{: BibTeX counts that as a brace
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
_TOKEN = re.compile(r"\\[A-Za-z]+\s*|\\.|[{}]|[^\W_](?:[\w-]*[^\W_])?|.")
_NO_TIE = re.compile(r"(?<![\w.,)\\])~|(?<!\\)~(?![\w\\(])")  # "~30%" means "about"
_TILDE = r"{\\textasciitilde}"
_SPECIAL = re.compile(r"[&%#$_]")
_CAPITAL_INSIDE = re.compile(r"[^\W_].*[A-Z]")


def render_bibtex(references: Iterable[Reference]) -> str:
    """*references* as one ``.bib`` file."""
    return "".join(stream_bibtex(references))


def stream_bibtex(references: Iterable[Reference]) -> Iterator[str]:
    """Yield the file piece by piece: a whole library does not fit into memory."""
    for number, item in enumerate(references):
        yield "\n" * bool(number) + _entry(item)


def _entry(item: Reference) -> str:
    fields = [(name, value) for name, value in _fields(item) if value]
    lines = [f"  {name:<13} = {value if name == 'month' else f'{{{value}}}'}" for name, value in fields]
    return f"@misc{{{item.key},\n" + ",\n".join(lines) + "\n}\n"


def _fields(item: Reference) -> Iterator[tuple[str, str]]:
    yield "title", latex_text(item.source_title, protect=True)
    yield "author", " and ".join(map(latex_name, item.authors))
    if item.published:
        yield "year", str(item.published.year)
        yield "month", _MONTHS[item.published.month - 1]
    if item.arxiv:
        yield "eprint", item.arxiv
        yield "archiveprefix", "arXiv"
        yield "primaryclass", item.primary_class
        yield "eprinttype", "arxiv"
    yield "doi", _verbatim(item.doi)
    yield "url", _verbatim(item.url)
    yield "keywords", _escaped(", ".join(item.categories))
    yield "abstract", latex_text(item.source_abstract)
    yield "file", _file(item)


def latex_text(source: str, *, protect: bool = False) -> str:
    """*source* as its authors typed it where TeX can read that, else its plain text with the formulas it has.

    With *protect*, words with a capital inside are braced, unless they stand in braces already.
    """
    runs = [
        (formula, run) for formula, text in pieces(source) for run in ([text] if formula else _TOKEN.findall(_NO_TIE.sub(_TILDE, text)))
    ]
    if not _sound(runs):
        spans = metadata(source).spans
        runs = [(True, f"${span.text}$") if span.mark is Mark.MATH else (False, span.text) for span in spans]
        return "".join(run if formula and _balanced(run) else _escaped(run) for formula, run in runs)
    depth, parts = 0, []
    for place, (formula, run) in enumerate(runs):
        depth += _step(run)
        shown = run if formula or run.startswith("\\") else _SPECIAL.sub(r"\\\g<0>", run)
        capital = protect and not formula and depth == 0 and _CAPITAL_INSIDE.match(run)
        alone = capital and not any(_commands(beside) for _, beside in runs[max(place - 1, 0) : place + 2])
        parts.append(f"{{{shown}}}" if alone else shown)
    return "".join(parts)


def _step(run: str) -> int:
    """How much deeper *run* leads into braces."""
    return {"{": 1, "}": -1}.get(run, 0)


def _commands(run: str) -> bool:
    """Whether a word beside *run* may be part of a command or a group."""
    return run in {"{", "}"} or run.startswith("\\")


def _sound(runs: list[tuple[bool, str]]) -> bool:
    """Whether TeX can read the runs: braces in pairs, also within each formula, no lone backslash or caret, none before the field's end."""
    if runs[-1:] == [(False, r"\\")]:
        return False
    depth = 0
    for formula, run in runs:
        depth += _step(run)
        if depth < 0 or (formula and not _balanced(run)) or (not formula and run in {"\\", "^", r"\{", r"\}"}):
            return False
    return depth == 0


def latex_name(name: Name) -> str:
    """*name* in BibTeX's order, ``von Last, Jr, First``; braced where BibTeX would split it elsewhere."""
    if name.whole:
        return f"{{{_escaped(name.family)}}}"
    if not name.given.isascii() and re.fullmatch(r"[\u3400-\u9fff]+", name.family + name.given):
        return name.family + name.given  # styles would turn 李, 雷 into 雷 李
    family = _escaped(name.family)
    if " " in family and (re.search(r" [^\WA-Z\d]| and ", family) or family[0].islower()):
        family = f"{{{family}}}"
    head = f"{name.particle} {family}".strip()
    return ", ".join(filter(None, (head, _escaped(name.suffix), _given(name.given))))


def _given(text: str) -> str:
    """Given names, braced where " and " or a comma would end the name."""
    escaped = _escaped(text)
    return f"{{{escaped}}}" if re.search(r",|\band\b", escaped, re.IGNORECASE) else escaped


def _escaped(text: str) -> str:
    return re.sub(r"[\\{}~^&%$#_]", lambda match: _ESCAPES[match[0]], text)


def _verbatim(text: str) -> str:
    """An address: percent-encoded where a brace or a backslash would end the field."""
    return text.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")


def _file(item: Reference) -> str:
    """``name:path:type`` as Zotero and JabRef write it."""
    if not item.pdf or "{" in item.pdf or "}" in item.pdf:
        return ""
    return "PDF:" + re.sub(r"([\\:;])", r"\\\1", item.pdf) + ":application/pdf"


def _balanced(text: str) -> bool:
    """Whether the braces of *text* come in pairs, escaped ones too: a parser of ``.bib`` files counts those as well."""
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0
