# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail as the world sees it: is each address accepted, does a message arrive, who may log in."""

from __future__ import annotations

import imaplib
import secrets
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any

from bastide.desired import Origin
from bastide.verify.check import Check
from bastide.verify.silence import SILENT, Silence

_TIMEOUT = 15.0
_ARRIVAL = 20.0
_POLL = 0.2
_ASKED_AT_ONCE = 50
ACCEPTED = range(200, 300)
DISABLED = 550


@dataclass(frozen=True, slots=True)
class MailHost:
    """One mail host: its name in certificates, its address, and who signs them (None: system)."""

    name: str
    address: str
    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS as a careful client does it: certificate and name are checked."""
        cafile = str(self.authority) if self.authority else None
        return ssl.create_default_context(cafile=cafile)


class AddressProbe:
    """One connection to port 25 of a mail host, over which many addresses are asked.

    The sender is empty, as of a bounce (RFC 5321 §4.5.5): it is nobody's, and accepted by
    every server.  No message is ever sent.
    """

    def __init__(self, host: MailHost, silence: Silence) -> None:
        self._host = host
        self._silence = silence
        self._client: smtplib.SMTP | None = None
        self._asked = 0

    def ask(self, address: str) -> str:
        """What the host answers at RCPT, as ``250 2.1.5 Ok``; errors as text."""
        if self._silence.given_up(self._host.address):
            return SILENT
        try:
            client = self._client or self._begin()
            code, text = client.rcpt(address)
            self._silence.note(self._host.address, answered=True)
        except (OSError, smtplib.SMTPException) as error:
            # Of the two, smtplib's own errors are answers, though they are OSError too.
            answered = isinstance(error, smtplib.SMTPResponseException)
            self._silence.note(self._host.address, answered=answered)
            self.close()
            return f"{type(error).__name__} {error}".strip()
        self._asked += 1
        # A server slows down, then hangs up, on a client that is refused often or asks on
        # and on (postconf(5), smtpd_soft_error_limit, smtpd_recipient_limit).
        if code not in ACCEPTED or self._asked >= _ASKED_AT_ONCE:
            self.close()
        return f"{code} {text.decode(errors='replace')}"

    def close(self) -> None:
        """Hang up; the next question connects again."""
        if self._client:
            self._client.close()
        self._client, self._asked = None, 0

    def _begin(self) -> smtplib.SMTP:
        """Connect and open one transaction, in which every address is a recipient."""
        client = smtplib.SMTP(self._host.address, 25, timeout=_TIMEOUT)
        client.ehlo("verify.invalid")
        code, text = client.docmd("MAIL", "FROM:<>")
        if code not in ACCEPTED:
            client.close()
            raise smtplib.SMTPResponseException(code, text)
        self._client = client
        return client


def check_addresses(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    host: MailHost,
    probe: AddressProbe,
) -> list[Check]:
    """Ask whether each mailbox and alias is accepted; bouncing ones must be refused."""
    checks = []
    for resource in line["resources"]:
        kind, _, address = resource["address"].partition(":")
        if kind == "maildomain":
            continue
        found = probe.ask(address)
        bounces = resource["body"].get("delivery") == "bounce"
        code = int(found[:3]) if found[:3].isdigit() else 0
        origin = origins.get(resource["address"], Origin("", 0, ""))
        checks.append(
            Check(
                slug,
                "mail",
                f"{resource['address']} @{host.name}",
                code == DISABLED if bounces else code in ACCEPTED,
                "550 refused" if bounces else "250 accepted",
                found,
                origin.file,
                origin.line,
            )
        )
    return checks


def check_probe(host: MailHost, sender: str, password: str) -> list[Check]:
    """Submit a message on 587 as the probe, to itself, and read it by IMAP on 993."""
    token = secrets.token_hex(8)
    wanted = "submitted on 587, delivered, read on 993"
    try:
        _submit(host, sender, password, token)
        found = _receive(host, sender, password, token)
    except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
        found = f"{type(error).__name__} {error}".strip()
    return [Check("", "mail", f"probe {sender} @{host.name}", found == wanted, wanted, found)]


def check_suspended(host: MailHost, address: str, password: str) -> list[Check]:
    """The suspended probe is refused by IMAP and by submission, with its right password."""
    wanted = "login refused"
    checks = []
    for name, login in (("imap", _imap_login), ("submission", _smtp_login)):
        try:
            login(host, address, password)
            found = "login accepted"
        except (imaplib.IMAP4.error, smtplib.SMTPAuthenticationError):
            found = wanted
        except (OSError, smtplib.SMTPException) as error:
            found = f"{type(error).__name__} {error}".strip()
        subject = f"suspended {address} {name} @{host.name}"
        checks.append(Check("", "mail", subject, found == wanted, wanted, found))
    return checks


def _submit(host: MailHost, sender: str, password: str, token: str) -> None:
    message = EmailMessage()
    message["From"] = message["To"] = sender
    message["Subject"] = f"bastide verify {token}"
    message["Message-ID"] = f"<{token}@{sender.rpartition('@')[2]}>"
    message["Date"] = formatdate()
    message.set_content("A probe of bastide verify; it removes itself.\n")
    with _smtp(host) as client:
        client.login(sender, password)
        client.send_message(message)


def _receive(host: MailHost, address: str, password: str, token: str) -> str:
    deadline = time.monotonic() + _ARRIVAL
    with _Imap(host) as client:
        client.login(address, password)
        while time.monotonic() < deadline:
            client.select("INBOX")
            _, found = client.search(None, "SUBJECT", f'"{token}"')
            numbers = found[0].split()
            if numbers:
                for number in numbers:
                    client.store(number.decode(), "+FLAGS", "\\Deleted")
                client.expunge()
                return "submitted on 587, delivered, read on 993"
            time.sleep(_POLL)
    return f"submitted, not readable after {_ARRIVAL:.0f} s"


class _Smtp(smtplib.SMTP):
    """SMTP to an address, with the certificate checked for the host's name."""

    def __init__(self, host: MailHost, port: int) -> None:
        self._address = host.address
        super().__init__(host.name, port, timeout=_TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return socket.create_connection((self._address, port), timeout)


class _Imap(imaplib.IMAP4_SSL):
    """IMAP over TLS to an address, with the certificate checked for the host's name."""

    def __init__(self, host: MailHost) -> None:
        self._address = host.address
        super().__init__(host.name, 993, ssl_context=host.context(), timeout=_TIMEOUT)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection((self._address, self.port), timeout)
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(plain, server_hostname=self.host)


def _smtp(host: MailHost) -> smtplib.SMTP:
    client = _Smtp(host, 587)
    client.starttls(context=host.context())
    return client


def _imap_login(host: MailHost, address: str, password: str) -> None:
    with _Imap(host) as client:
        client.login(address, password)


def _smtp_login(host: MailHost, address: str, password: str) -> None:
    with _smtp(host) as client:
        client.login(address, password)
