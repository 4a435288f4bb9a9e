"""``digest send`` against a mail server on loopback."""

import datetime as dt
import os
from pathlib import Path

import pytest

from digest.library.store import NAME, Store
from tests.library.examples import add
from tests.library.examples import digest as edition
from tests.mailserver import PASSWORD, certificate, serving

DAY = dt.date(2026, 2, 16)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("certificate")
    return certificate(folder)


@pytest.fixture
def trusted(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", f"{pem}.crt")
    return pem


@pytest.fixture
def settings(workspace, monkeypatch):
    """A library with one edition; call it to write the ``[mail]`` table."""
    monkeypatch.delenv("DIGEST_MAIL_PASSWORD", raising=False)
    store = Store(workspace / "index" / NAME)
    store.add_digest(edition(DAY, add(store, "2602.00001", "Deblurring.")), sources="samples", folder="2026-02-16")
    store.close()
    plain = (workspace / "digest.toml").read_text(encoding="utf-8")

    def write(port: int, more: str = "") -> None:
        table = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "digest@example.org"\n{more}\n'
        (workspace / "digest.toml").write_text(plain + table, encoding="utf-8")

    return write


def test_the_newest_digest_is_sent_over_starttls_after_a_login(digest, settings, trusted, monkeypatch):
    monkeypatch.setenv("DIGEST_MAIL_PASSWORD", PASSWORD)
    with serving(pem=trusted, login=True) as box:
        settings(box.port, 'user = "digest@example.org"\nto = ["ada@example.org"]')
        result = digest("send")
    assert (result.exit_code, result.stdout) == (0, "日报 · 2026-02-16: sent to 1\n"), result.stderr
    assert box.recipients == [["ada@example.org"]]
    body = box.mails[0].get_body(("plain",))
    assert body
    assert "Title of 2602.00001" in body.get_content()


def test_tls_from_the_first_byte_works_too(digest, settings, trusted):
    with serving(pem=trusted, starttls=False) as box:
        settings(box.port, 'security = "tls"')
        assert digest("send", "2026-02-16", "--to", "ada@example.org", "--to", "Bo <bo@example.org>").exit_code == 0
    assert box.recipients == [["ada@example.org", "bo@example.org"]]


def test_a_wrong_password_is_told_with_its_variable(digest, settings, trusted, monkeypatch):
    monkeypatch.setenv("DIGEST_MAIL_PASSWORD", "wrong")
    with serving(pem=trusted, login=True) as box:
        settings(box.port, 'user = "digest@example.org"')
        result = digest("send", "--to", "ada@example.org")
    assert result.exit_code == 1
    assert "the login as digest@example.org was refused" in result.stderr
    assert "DIGEST_MAIL_PASSWORD" in result.stderr
    assert "wrong" not in result.stderr
    assert box.mails == []


def test_a_refused_recipient_does_not_cost_the_others_theirs(digest, settings):
    with serving() as box:
        settings(box.port, 'security = "none"')
        some = digest("send", "--to", "nobody@example.org", "--to", "ada@example.org")
        none = digest("send", "--to", "nobody@example.org")
    assert (some.exit_code, some.stdout) == (4, "日报 · 2026-02-16: sent to 1\n")
    assert "nobody@example.org was refused: 550 no such user here" in some.stderr
    assert none.exit_code == 1
    assert "no recipient was taken" in none.stderr
    assert len(box.mails) == 1


def test_a_certificate_that_nobody_trusts_ends_it(digest, settings, pem):
    with serving(pem=pem) as box:
        settings(box.port)
        result = digest("send", "--to", "ada@example.org")
    assert result.exit_code == 1
    assert "no safe connection" in result.stderr
    assert box.mails == []


def test_a_server_without_starttls_is_not_trusted_with_anything(digest, settings):
    with serving() as box:
        settings(box.port)
        result = digest("send", "--to", "ada@example.org")
    assert result.exit_code == 1
    assert "STARTTLS" in result.stderr
    assert box.mails == []


def test_no_server_is_a_message(digest, settings, unused_port):
    settings(unused_port)
    result = digest("send", "--to", "ada@example.org")
    assert result.exit_code == 1
    assert "cannot be reached" in result.stderr


@pytest.mark.parametrize(
    ("more", "arguments", "code", "message"),
    [
        ("", ("--to", "ada@example.org", "--offline"), 1, "--offline forbids"),
        ("", (), 2, "nobody to send to"),
        ("", ("--to", "ada@example.org\nBcc: eve@example.org"), 2, "is no mail address"),
        ("", ("2020-01-01", "--to", "ada@example.org"), 2, "no digest of 2020-01-01"),
        ('user = "ada"', ("--to", "ada@example.org"), 3, "the password of ada is not known"),
    ],
)
def test_what_cannot_be_sent_is_told_before_any_connection(digest, settings, unused_port, more, arguments, code, message):
    settings(unused_port, more)
    result = digest("send", *arguments)
    assert (result.exit_code, message in result.stderr) == (code, True), result.stderr


def test_a_password_is_never_sent_in_the_clear(digest, settings, monkeypatch, unused_port):
    monkeypatch.setenv("DIGEST_MAIL_PASSWORD", PASSWORD)
    settings(unused_port, 'user = "ada"\nsecurity = "none"')
    result = digest("send", "--to", "ada@example.org")
    assert result.exit_code == 2
    assert "would show the password" in result.stderr


def test_a_mail_can_be_saved_and_looked_at_without_a_server(digest, settings, tmp_path):
    settings(1)
    assert digest("send", "--offline", "--save", tmp_path / "digest.eml").exit_code == 0
    assert (tmp_path / "digest.eml").read_bytes().startswith(b"Subject: ")
    assert os.environ.get("DIGEST_MAIL_PASSWORD") is None
