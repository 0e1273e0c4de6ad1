# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the web hosts for every page, redirect and moved page that the charters want.

Where certificates come by ACME, as a browser does: HTTP leads to HTTPS in one hop (RPNT 1.4, 1.7),
HTTPS shows a certificate of the name (1.5) and says for how long it will (RFC 6797).  A desk is
served over HTTPS alone, whatever the certificates; a lab's authority vouches for its machines, not
for names made up since.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import dns.exception

from bastide.desired import Origin
from bastide.model import Platform, Tls
from bastide.model.edge import ORIGINLESS
from bastide.model.services import WEBMAIL
from bastide.verify.check import Check
from bastide.verify.dns import ask
from bastide.verify.https import Https
from bastide.verify.silence import SILENT, Silence

_TIMEOUT = 5.0
# Moved pages of one site that are asked for: they come out of one list.
_MOST_MOVED = 5
# Parts of a desk, which its page shows.
_OF_DESKS = frozenset({"procedure", "agent"})


@dataclass(frozen=True, slots=True)
class Served:
    """How the web hosts are asked.

    `authority` is a file of certificates to trust, None for the system's; `edge` are names that
    Cloudflare answers instead of them (:func:`edge_hosts`).
    """

    platform: Platform
    authority: Path | None
    silence: Silence
    edge: frozenset[str] = frozenset()
    named: bool = True
    """Whether certificates have to be of the name that was asked for."""

    @property
    def secure(self) -> bool:
        """Every name has a certificate."""
        return self.platform.tls.mode == "acme"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str
    text: str
    hsts: str | None


def check_pages(
    slug: str, line: Mapping[str, Any], origins: Mapping[str, Origin], served: Served
) -> list[Check]:
    """One check for each page, redirect or desk, and address; `line` is that of a share."""
    checks = []
    for resource in line["resources"]:
        kind, _, host = resource["address"].partition(":")
        if kind in _OF_DESKS:
            continue
        origin = origins.get(resource["address"], Origin("", 0, ""))
        addresses, asked = served.platform.web.addresses, served
        if kind == "desk" and served.platform.guichet:
            addresses = served.platform.guichet.addresses
        if host in served.edge:
            addresses, asked = _edge_addresses(host, served.platform), _at_edge(served)
        for address in addresses:
            wanted, found = _look(kind, host, resource["body"], address, asked)
            subject = f"{resource['address']} @{address}"
            passed = wanted == found
            checks.append(
                Check(slug, "web", subject, passed, wanted, found, origin.file, origin.line)
            )
    return checks


def edge_hosts(line: Mapping[str, Any]) -> frozenset[str]:
    """Names that only lead elsewhere and that Cloudflare answers; `line` is the share's of DNS."""
    return frozenset(
        rrset["name"].removesuffix(".")
        for resource in line["resources"]
        for rrset in resource["body"]["rrsets"]
        if rrset.get("proxied") and set(rrset["rdata"]) <= set(ORIGINLESS.values())
    )


def _at_edge(served: Served) -> Served:
    """Cloudflare has certificates that everybody trusts; HSTS is a setting of its own."""
    platform = replace(served.platform, tls=Tls(mode="acme", hsts=0))
    return replace(served, platform=platform, authority=None, named=True)


def _edge_addresses(host: str, platform: Platform) -> tuple[str, ...]:
    """One address that the name servers give for `host`; one of nowhere when they give none."""
    for server in (one for found in platform.dns.nameservers.values() for one in found):
        try:
            found = sorted(ask(f"{host}.", "A", server))
        except (dns.exception.DNSException, OSError):
            continue
        if found:
            return (found[0],)
    return (ORIGINLESS["A"],)


def _look(
    kind: str, host: str, body: Mapping[str, Any], address: str, served: Served
) -> tuple[str, str]:
    """What is wanted of one name, and what was found."""
    steps = _steps(kind, host, body, served)
    wanted = ", ".join(said for _, _, said in steps)
    if served.silence.given_up(address):
        return wanted, SILENT
    found = []
    for scheme, path, said in steps:
        try:
            answer = _ask(scheme, host, address, path, served.authority, named=served.named)
            served.silence.note(address, answered=True)
        except (OSError, http.client.HTTPException) as error:
            served.silence.note(address, answered=not isinstance(error, OSError))
            found.append(f"{type(error).__name__} {error}".strip())
            break
        found.append(_said(scheme, answer, said, served))
    return wanted, ", ".join(found)


def _steps(
    kind: str, host: str, body: Mapping[str, Any], served: Served
) -> list[tuple[str, str, str]]:
    """What is asked, as scheme and path, and the answer that is wanted."""
    schemes = ("http", "https") if served.secure else ("http",)
    if kind == "redirect":
        said = f"{moved_status(host):d} {body['to']}"
        return [(scheme, "/", said + _hsts(scheme, served)) for scheme in schemes]
    if kind == "paths":
        moved = sorted(body["moved"].items())[:_MOST_MOVED]
        return [
            (scheme, path, f"301 {_whole(target, host, schemes[-1])}" + _hsts(scheme, served))
            for path, target in moved
            for scheme in schemes
        ]
    page = f"200 {body['name'] if kind == 'desk' else body['title']}"
    if served.secure:
        return [
            ("http", "/", f"301 https://{host}/"),
            ("https", "/", page + _hsts("https", served)),
        ]
    if kind == "desk":
        return [("http", "/", f"301 https://{host}/"), ("https", "/", page)]
    return [("http", "/", page)]


def _whole(target: str, host: str, scheme: str) -> str:
    return f"{scheme}://{host}{target}" if target.startswith("/") else target


def _hsts(scheme: str, served: Served) -> str:
    """Said of an answer over HTTPS that asks browsers to stay with it."""
    return " HSTS" if scheme == "https" and served.platform.tls.hsts else ""


def _said(scheme: str, answer: _Answer, wanted: str, served: Served) -> str:
    """The answer in the words of what is wanted, so that the two can be compared."""
    said = f"{answer.status} {answer.location}".strip()
    title = wanted.removesuffix(" HSTS").partition(" ")[2]
    if not answer.location and answer.status == http.client.OK:
        said += f" {title}" if escape(title) in answer.text else " without the title"
    if scheme == "https" and answer.hsts == f"max-age={served.platform.tls.hsts}":
        said += " HSTS"
    return said


def moved_status(host: str) -> http.HTTPStatus:
    """How a redirection from `host` is answered: for good, or for now (role nginx)."""
    lent = host.startswith(f"{WEBMAIL}.")
    return http.HTTPStatus.FOUND if lent else http.HTTPStatus.MOVED_PERMANENTLY


def _ask(
    scheme: str, host: str, address: str, path: str, authority: Path | None, *, named: bool = True
) -> _Answer:
    connection: http.client.HTTPConnection = (
        Https(host, address, authority, named=named)
        if scheme == "https"
        else http.client.HTTPConnection(address, 80, timeout=_TIMEOUT)
    )
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        text = response.read(1 << 20).decode(errors="replace")
        headers = response.headers
        hsts = headers.get("Strict-Transport-Security")
        return _Answer(response.status, headers.get("Location", ""), text, hsts)
    finally:
        connection.close()


def get(host: str, address: str, path: str = "/") -> tuple[int, str, str]:
    """Status, Location and body of ``http://host/path`` as served at `address`."""
    answer = _ask("http", host, address, path, None)
    return answer.status, answer.location, answer.text
