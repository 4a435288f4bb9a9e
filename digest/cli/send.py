"""``digest send``: a digest by mail."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, offline, tools_of
from digest.errors import Offline, SetupError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

    from digest.config import MailSettings
    from digest.publishing.smtp import MailServer
    from digest.records import Digest
    from digest.wiring import Tools

PASSWORD = "DIGEST_MAIL_PASSWORD"  # noqa: S105 the name of the variable
_LARGEST_BYTES = 8 << 20  # of all figures together: many servers refuse mails of 10 MB


@click.command()
@click.argument("date", type=Day(), required=False)
@click.option("--to", multiple=True, metavar="ADDRESS", help="Recipient; may be given again. [default: mail.to of digest.toml]")
@click.option("--style", default="", help="Of several digests of the day, the one in this style.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write the mail to this file (.eml) and send nothing.")
@offline
@click.pass_context
def send(ctx: click.Context, date: dt.date | None, to: tuple[str, ...], style: str, save: Path | None, offline: bool) -> None:
    """Send the digest of DATE, or the newest one, by mail.

    The server stands in digest.toml under [mail]; the password is taken from DIGEST_MAIL_PASSWORD and from nowhere else.

    \b
    Examples:
      digest send --to ada@example.org
      digest send 2026-11-20 --save digest.eml
    """
    from digest.publishing.smtp import send as hand_in
    from digest.workspace import replace_file

    tools = tools_of(ctx, offline=offline)
    message = _message(tools, date, style, to or tools.settings.mail.to, saved=save is not None)
    if save:
        with replace_file(save) as file:
            file.write(message.as_bytes())
        click.echo(f"{message['Subject']}: {save}")
        return
    if offline:
        raise Offline("mail")
    refused = hand_in(message, _server(tools.settings.mail))
    for recipient, reason in refused.items():
        click.echo(f"digest: {recipient} was refused: {reason}", err=True)
    click.echo(f"{message['Subject']}: sent to {len(message['To'].addresses) - len(refused)}")
    ctx.exit(4 if refused else 0)


def _message(tools: Tools, date: dt.date | None, style: str, to: Sequence[str], *, saved: bool) -> EmailMessage:
    from digest.editions import editions_of
    from digest.publishing.mail import address, compose_mail

    settings = tools.settings.mail
    recipients = [address(text) for text in to]
    if not recipients and not saved:
        raise UsageError("nobody to send to", hint="digest send --to ada@example.org")
    folder, digest = next(editions_of(tools, date, style))
    sender = address(settings.sender or settings.user or (to[0] if to else "digest@localhost"))
    return compose_mail(digest, sender=sender, to=recipients or [sender], figures=_figures(digest, tools.workspace.digests / folder))


def _figures(digest: Digest, folder: Path) -> dict[str, bytes]:
    """The figures of *digest* that are there, the first ones, as long as a mail can carry them."""
    found: dict[str, bytes] = {}
    for entry in digest.entries:
        path = folder / entry.figure
        if entry.figure and path.is_file() and sum(map(len, found.values())) + path.stat().st_size <= _LARGEST_BYTES:
            found[entry.figure] = path.read_bytes()
    return found


def _server(settings: MailSettings) -> MailServer:
    from digest.publishing.smtp import MailServer

    if not settings.host:
        raise SetupError("no mail server is known", hint='set host = "smtp.example.org" under [mail] in digest.toml')
    password = os.environ.get(PASSWORD, "")
    if settings.user and not password:
        raise SetupError(f"the password of {settings.user} is not known", hint=f"export {PASSWORD}=…")
    if settings.user and settings.security == "none":
        raise UsageError('a login needs a safe connection: mail.security = "none" would show the password', hint='security = "starttls"')
    return MailServer(host=settings.host, port=settings.port, security=settings.security, user=settings.user, password=password)
