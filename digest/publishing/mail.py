"""A digest as a mail: HTML as mail programs read it, the same as plain text, figures inside.

Mail programs know neither style sheets nor MathML: styles stand in the elements, formulas as Unicode. This module makes the
message and knows no server.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import TYPE_CHECKING

from digest.errors import UsageError
from digest.publishing.inline import clean
from digest.publishing.labels import labels_for
from digest.publishing.plain import page_lines
from digest.publishing.templates import fill
from digest.publishing.view import Setting, page_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.records import Digest

_ADDRESS = re.compile(r"(?:([^<>\r\n\"]*?)\s*<)?([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>?", re.ASCII)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def address(text: str) -> Address:
    """The address in *text*, bare or as ``Name <address>``.

    Raises:
        UsageError: there is none, or more than one; so nothing of it can become another header.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if not match or text.count("<") != text.count(">"):
        raise UsageError(f"{text!r} is no mail address", hint="digest send --to ada@example.org")
    try:
        return Address(display_name=clean(match[1] or ""), addr_spec=match[2])
    except ValueError:
        raise UsageError(f"{text!r} is no mail address", hint="digest send --to ada@example.org") from None


def compose_mail(digest: Digest, *, sender: Address, to: Sequence[Address], figures: Mapping[str, bytes]) -> EmailMessage:
    """The mail that carries *digest*.

    Args:
        figures: PNG files, by the path that an entry of *digest* names; one that is missing is left out.
    """
    labels = labels_for(digest.language)
    away = replace(digest, entries=tuple(replace(entry, pdf="") for entry in digest.entries))  # from the reader's files
    page = page_view(away, digest.title or labels.daily, labels, Setting(report=""))
    names = {path: f"figure-{number}@digest" for number, path in enumerate(figures, 1) if figures[path].startswith(_SIGNATURE)}
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{page.title} · {page.date}"
    message["From"] = sender
    message["To"] = tuple(to)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message.set_content("\n".join(line.text for line in page_lines(page, labels)), cte="base64")
    message.add_alternative(fill("mail.html.j2", page=page, t=labels, figures=names), subtype="html", cte="base64")
    html = message.get_payload()[1]  # type: ignore[index]
    for path, name in names.items():
        html.add_related(figures[path], maintype="image", subtype="png", cid=f"<{name}>", disposition="inline")  # type: ignore[union-attr]
    return message
