"""A mail server on loopback that keeps what it is given, asks for a password if told to, and refuses some recipients."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.loopback import closed_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

PASSWORD = "open sesame"


@dataclass
class MailBox:
    """What arrived, and for whom."""

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 aiosmtpd looks for the name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that only those who are told trust."""
    path = folder / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "server.pem.crt").read_bytes())
    return path


@contextlib.contextmanager
def serving(*, pem: Path | None = None, starttls: bool = True, login: bool = False) -> Iterator[MailBox]:
    """Serve on loopback; with the certificate *pem* after STARTTLS, or from the first byte."""
    box = MailBox(port=closed_port())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if pem else None
    if context and pem:
        context.load_cert_chain(pem)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password.decode() == PASSWORD
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {"tls_context" if starttls else "ssl_context": context} if context else {}
    if login:
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": starttls}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
