# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for the settings of mail programs as these do, and for the MTA-STS policy."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bastide.desired import Origin
from bastide.model import Platform
from bastide.model.clients import sts_policy
from bastide.verify.check import Check
from bastide.verify.https import Https
from bastide.verify.silence import SILENT, Silence
from bastide.verify.web import get

_AUTODISCOVER = "/autodiscover/autodiscover.xml"
_STS = "/.well-known/mta-sts.txt"
_QUESTION = (
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/'
    'requestschema/2006"><Request><EMailAddress>{address}</EMailAddress></Request></Autodiscover>'
)


def check_clients(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    platform: Platform,
    authority: Path | None,
    silence: Silence,
) -> list[Check]:
    """One check for each name of settings and web address; `line` is the share's line of DNS."""
    checks = []
    for resource in line["resources"]:
        for rrset in resource["body"]["rrsets"]:
            label, _, domain = rrset["name"].rstrip(".").partition(".")
            key = f"rrset:{rrset['name']}/CNAME"
            origin = origins.get(key)
            if rrset["type"] != "CNAME" or not origin or origin.reason not in _REASONS:
                continue
            for address in platform.web.addresses:
                host = f"{label}.{domain}"
                wanted, found = _look(label, host, address, platform, authority, silence)
                subject = f"clients:{host} @{address}"
                passed = wanted == found
                checks.append(
                    Check(slug, "web", subject, passed, wanted, found, origin.file, origin.line)
                )
    return checks


def check_setup(platform: Platform, authority: Path | None) -> list[Check]:
    """What the name of the settings itself serves, over TLS: Outlook's answer, Apple's profile."""
    clients = platform.mail.clients
    if clients is None:
        return []
    someone = platform.probe_sender or f"someone@{clients.setup}"
    body = _QUESTION.format(address=someone)
    questions = (
        ("POST", _AUTODISCOVER, body, f"<LoginName>{someone}</LoginName>"),
        ("GET", "/mobileconfig", None, clients.server),
    )
    checks = []
    for address in platform.web.addresses:
        for method, path, sent, sign in questions:
            wanted = f"200 {sign}"
            try:
                status, text = _secure(clients.setup, address, path, authority, method, sent)
                found = f"{status} {sign}" if sign in text else f"{status} without {sign}"
            except (OSError, http.client.HTTPException) as error:
                found = f"{type(error).__name__} {error}".strip()
            subject = f"clients {method} {path} @{address}"
            checks.append(Check("", "web", subject, wanted == found, wanted, found))
    return checks


_REASONS = frozenset({"clients", "mta-sts"})


def _look(
    label: str,
    host: str,
    address: str,
    platform: Platform,
    authority: Path | None,
    silence: Silence,
) -> tuple[str, str]:
    """What one name shall answer, and what it does."""
    clients = platform.mail.clients
    assert clients is not None  # noqa: S101 - else no record has these reasons
    if label == "autoconfig":
        wanted = f"200 {clients.server}"
    elif label == "autodiscover":
        wanted = f"302 https://{clients.setup}{_AUTODISCOVER}"
    else:
        wanted = f"200 mode {platform.mail.mta_sts}"
    if silence.given_up(address):
        return wanted, SILENT
    try:
        if label == "autoconfig":
            status, _, text = get(host, address, "/mail/config-v1.1.xml")
            sign = clients.server if f"<hostname>{clients.server}</hostname>" in text else "-"
        elif label == "autodiscover":
            status, sign, _ = get(host, address, _AUTODISCOVER)
        else:
            status, text = _secure(host, address, _STS, authority)
            same = text.split() == sts_policy(platform).split()
            sign = f"mode {platform.mail.mta_sts}" if same else "another policy"
    except ssl.SSLError as error:  # an answer, though not the wanted one
        return wanted, f"{type(error).__name__} {error}".strip()
    except (OSError, http.client.HTTPException) as error:
        silence.note(address, answered=not isinstance(error, OSError))
        return wanted, f"{type(error).__name__} {error}".strip()
    silence.note(address, answered=True)
    return wanted, f"{status} {sign}".strip()


def _secure(
    host: str,
    address: str,
    path: str,
    authority: Path | None,
    method: str = "GET",
    body: str | None = None,
) -> tuple[int, str]:
    """Status and body of ``https://host/path`` as served at `address`."""
    connection = Https(host, address, authority)
    try:
        connection.request(method, path, body=body, headers={"Content-Type": "text/xml"})
        response = connection.getresponse()
        return response.status, response.read(1 << 20).decode(errors="replace")
    finally:
        connection.close()
