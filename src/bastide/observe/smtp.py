# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks mail servers whether they encrypt, and with which key (RFC 3207, RFC 7672)."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bastide.conformity.evidence import Found
from bastide.observe.dnssec import is_secure
from bastide.observe.ports import Ports
from bastide.observe.resolver import Resolver
from bastide.observe.tls import looking

_TIMEOUT = 10.0
_END_ENTITY = 3


class Key(NamedTuple):
    """The certificate of a mail server (DER), or why none was shown."""

    certificate: bytes
    fault: str = ""


def find_encryption(host: str, resolver: Resolver, ports: Ports) -> list[Found]:
    """What is wrong with STARTTLS and DANE of one mail exchanger."""
    key = _key(host, resolver, ports)
    named = ("host", host)
    if key.fault:
        return [Found("STARTTLS_MISSING", raised=True, facts=(named, ("answer", key.fault)))]
    records = resolver.find(f"_25._tcp.{host}", "TLSA").rdata
    if not records or not is_secure(resolver, resolver.zone_of(host)):
        return [Found("DANE_MISSING", raised=True, facts=(named,))]
    fields = [record.split(maxsplit=3) for record in records]
    if any(_matches(key.certificate, *one) for one in fields):
        return []
    if not any(int(usage) == _END_ENTITY for usage, *_ in fields):
        return [Found("TLSA_AUTHORITY", raised=False, facts=(("name", host),))]
    line = f"_25._tcp.{host}. IN TLSA 3 1 1 {_digest(key.certificate, 1, 1)}"
    return [Found("DANE_OTHER_KEY", raised=True, facts=(named, ("line", line)))]


def _key(host: str, resolver: Resolver, ports: Ports) -> Key:
    addresses = resolver.addresses(host)
    fault = "no address"
    for address in addresses:
        try:
            with smtplib.SMTP(
                address, ports.smtp, local_hostname="bastide.invalid", timeout=_TIMEOUT
            ) as session:
                session.ehlo()
                if not session.has_extn("starttls"):
                    fault = "no STARTTLS"
                    continue
                # TLSA vouches for the key, no authority does (RFC 7672 §1.3).
                session.starttls(context=looking())
                shown = None
                if isinstance(session.sock, ssl.SSLSocket):
                    shown = session.sock.getpeercert(binary_form=True)
                session.ehlo()
                if shown:
                    return Key(shown)
        except (OSError, smtplib.SMTPException) as error:
            fault = f"{type(error).__name__} {error}".strip()
    return Key(b"", fault)


def _matches(certificate: bytes, usage: str, selector: str, matching: str, data: str) -> bool:
    """True when one TLSA record is of this certificate (RFC 6698 §2.1, usage 3 alone)."""
    if int(usage) != _END_ENTITY:
        return False
    wanted = data.replace(" ", "").lower()
    return _digest(certificate, int(selector), int(matching)) == wanted


def _digest(certificate: bytes, selector: int, matching: int) -> str:
    data = certificate
    if selector == 1:
        key = x509.load_der_x509_certificate(certificate).public_key()
        data = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if matching == 0:
        return data.hex()
    return (hashlib.sha256(data) if matching == 1 else hashlib.sha512(data)).hexdigest()
