"""Handing a mail to a server. The only file that knows smtplib.

A password never crosses a network in the clear, and no certificate is taken on trust: what the server cannot prove ends it.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from digest.errors import MailFailed

if TYPE_CHECKING:
    from email.message import EmailMessage

_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""  # empty: the server wants no login
    password: str = ""

    @property
    def name(self) -> str:
        """As messages name it."""
        return f"{self.host}:{self.port}"


def send(message: EmailMessage, server: MailServer) -> dict[str, str]:
    """Hand *message* to *server*; return the recipients it refused, with its reason, while it took the others.

    Raises:
        MailFailed: nothing was sent, and why.
    """
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise MailFailed(server.name, f"no recipient was taken: {_told(error.recipients)}", hint="digest send --to ADDRESS") from None
    except smtplib.SMTPAuthenticationError as error:
        raise MailFailed(server.name, f"the login as {server.user} was refused: {_text(error.smtp_error)}", hint=_PASSWORD) from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailFailed(
            server.name, str(error), hint='set mail.security in digest.toml to "tls", or to "none" for a server that needs no login'
        ) from None
    except smtplib.SMTPResponseException as error:
        raise MailFailed(server.name, f"{error.smtp_code} {_text(error.smtp_error)}") from None
    except ssl.SSLError as error:
        reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or str(error)
        raise MailFailed(
            server.name, f"no safe connection: {reason}", hint="check mail.host, mail.port and mail.security in digest.toml"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed(server.name, f"cannot be reached: {error}", hint="check mail.host and mail.port in digest.toml") from None
    return {recipient: _reason(reply) for recipient, reply in refused.items()}


_PASSWORD = "export DIGEST_MAIL_PASSWORD=…   # the password of mail.user; many providers want one made for programs"  # noqa: S105


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
    except BaseException:
        connection.close()
        raise
    return connection


def _told(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{recipient} ({_reason(reply)})" for recipient, reply in refused.items())


def _reason(reply: tuple[int, bytes]) -> str:
    return f"{reply[0]} {_text(reply[1])}"


def _text(answer: bytes | str) -> str:
    """What a server answered, on one line and not for ever."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
