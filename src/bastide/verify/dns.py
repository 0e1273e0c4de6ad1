# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the name servers for every record set that the charters want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rdatatype

from bastide.desired import Origin
from bastide.model import Platform
from bastide.model.normal_form import normal_rdata, quote_txt
from bastide.verify.check import Check
from bastide.verify.patience import Patience
from bastide.verify.silence import SILENT, Silence

_TIMEOUT = 3.0
_AT_ONCE = 8
_NO_KEY = "a key that no mail host has made yet"
_PROXIED = "any address: the name goes through Cloudflare's proxy"


def check_zones(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    platform: Platform,
    values: Mapping[str, str],
    silence: Silence,
    patience: Patience,
) -> list[Check]:
    """One check for each record set and name server; `line` is the share's line of `slug`.

    A server whose answer is another one may be about to learn of the zone: it is asked again.
    """
    questions = [
        (rrset, server, name)
        for resource in line["resources"]
        for rrset in resource["body"]["rrsets"]
        for name, addresses in platform.dns.nameservers.items()
        for server in addresses
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(
            pool.map(lambda q: _check(slug, q, origins, values, silence, patience), questions)
        )


def _check(
    slug: str,
    question: tuple[Mapping[str, Any], str, str],
    origins: Mapping[str, Origin],
    values: Mapping[str, str],
    silence: Silence,
    patience: Patience,
) -> Check:
    rrset, server, server_name = question
    key = f"rrset:{rrset['name']}/{rrset['type']}"
    wanted = sorted(_wanted(rrset, values))
    found: list[str] = []
    if silence.given_up(server):
        text = SILENT
    else:
        try:
            found = sorted(ask(rrset["name"], rrset["type"], server))
            while _differs(rrset, wanted, found) and patience.ask_again():
                found = sorted(ask(rrset["name"], rrset["type"], server))
            text = ", ".join(found) or "no answer of this type"
            silence.note(server, answered=True)
        except (dns.exception.DNSException, OSError) as error:
            text = f"{type(error).__name__} {error}".strip()
            silence.note(server, answered=not isinstance(error, (dns.exception.Timeout, OSError)))
    origin = origins.get(key, Origin("", 0, ""))
    return Check(
        slug,
        "dns",
        f"{key} @{server_name}",
        bool(found) if rrset.get("proxied") else bool(wanted) and found == wanted,
        _PROXIED if rrset.get("proxied") else ", ".join(wanted) or _NO_KEY,
        text,
        origin.file,
        origin.line,
    )


def _differs(rrset: Mapping[str, Any], wanted: list[str], found: list[str]) -> bool:
    """Of a name that goes through the proxy, Cloudflare answers addresses of its own choice."""
    return not found if rrset.get("proxied") else bool(wanted) and found != wanted


def _wanted(rrset: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    if "rdata" in rrset:
        yield from rrset["rdata"]
    elif rrset["pending"] in values and rrset["type"] != "TXT":
        # One record each, where a text is one whatever is in it.
        yield from (
            normal_rdata(rrset["type"], one) for one in values[rrset["pending"]].split(", ")
        )
    elif rrset["pending"] in values:
        yield quote_txt(values[rrset["pending"]])


def ask(name: str, rtype: str, server: str) -> list[str]:
    """Authoritative answer of one server, as canonical rdata texts.

    TCP follows a truncated UDP answer (RFC 7766).  Raises dnspython's exceptions.
    """
    # A wildcard is asked for by a name below it.
    asked = name.replace("*", "bastide-verify", 1) if name.startswith("*") else name
    query = dns.message.make_query(asked, rtype)
    query.flags &= ~dns.flags.RD
    answer, _ = dns.query.udp_with_fallback(query, server, timeout=_TIMEOUT)
    wanted = dns.rdatatype.from_text(rtype)
    found = answer.answer
    if rtype == "NS" and not found:
        # Who has the zone above alone refers to the servers of the one below (RFC 1034 §4.3.2).
        found = [one for one in answer.authority if one.name == query.question[0].name]
    return [
        normal_rdata(rtype, rdata.to_text())
        for rrset in found
        if rrset.rdtype == wanted
        for rdata in rrset
    ]
