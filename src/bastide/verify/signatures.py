# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the signatures of a zone hold (RFC 4035 §5), on each public name server.

A secondary that hears nothing serves on, until what it has runs out: then the domain is gone
for every resolver that validates, while all others still see it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from typing import Any

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from bastide.desired import Origin
from bastide.model import Platform
from bastide.verify.check import Check
from bastide.verify.patience import Patience
from bastide.verify.silence import SILENT, Silence

_TIMEOUT = 3.0
WANTED = "signatures that hold"


class Unsigned(Exception):
    """A server gives no signatures, or such as do not hold; says which."""


def check_signatures(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    platform: Platform,
    silence: Silence,
    patience: Patience,
) -> list[Check]:
    """One check for each zone that shall be signed and each address of a name server."""
    return [
        _check(slug, resource["address"].removeprefix("zone:"), server, origins, silence, patience)
        for resource in line["resources"]
        if resource["body"].get("dnssec")
        for name, addresses in platform.dns.nameservers.items()
        for server in ((name, address) for address in addresses)
    ]


def _check(
    slug: str,
    zone: str,
    server: tuple[str, str],
    origins: Mapping[str, Origin],
    silence: Silence,
    patience: Patience,
) -> Check:
    name, address = server
    while True:
        passed, found, settled = _look(zone, address, silence)
        if settled or not patience.ask_again():
            break
    subject = f"dnssec:{zone}"
    origin = origins.get(subject, Origin("", 0, ""))
    full = f"{subject} @{name}"
    return Check(slug, "dns", full, passed, WANTED, found, origin.file, origin.line)


def _look(zone: str, server: str, silence: Silence) -> tuple[bool, str, bool]:
    """Whether they hold, in words, and whether there is no use in asking again."""
    if silence.given_up(server):
        return False, SILENT, True
    try:
        until = validity(zone, server, time.time())
    except Unsigned as why:
        silence.note(server, answered=True)
        return False, str(why), False
    except (dns.exception.DNSException, OSError) as error:
        silence.note(server, answered=not isinstance(error, (dns.exception.Timeout, OSError)))
        return False, f"{type(error).__name__} {error}".strip(), True
    silence.note(server, answered=True)
    day = dt.datetime.fromtimestamp(until, dt.UTC).date().isoformat()
    return True, f"hold until {day}", True


def validity(zone: str, server: str, now: float) -> int:
    """Until when the signatures of DNSKEY and SOA hold on `server`, as Unix time.

    Raises:
        Unsigned: There are none, or they do not hold at `now`.
        dns.exception.DNSException, OSError: `server` gave no answer.
    """
    origin = dns.name.from_text(zone)
    keys, key_signatures = _signed(origin, "DNSKEY", server)
    soa, soa_signatures = _signed(origin, "SOA", server)
    for rrset, signatures in ((keys, key_signatures), (soa, soa_signatures)):
        try:
            dns.dnssec.validate(rrset, signatures, {origin: keys}, now=now)
        except dns.exception.ValidationFailure as error:
            kind = dns.rdatatype.to_text(rrset.rdtype)
            raise Unsigned(f"the signature of {kind} does not hold: {error}") from None
    return min(int(one.expiration) for found in (key_signatures, soa_signatures) for one in found)


def _signed(
    origin: dns.name.Name, rtype: str, server: str
) -> tuple[dns.rrset.RRset, dns.rrset.RRset]:
    query = dns.message.make_query(origin, rtype, want_dnssec=True)
    query.flags &= ~dns.flags.RD
    answer, _ = dns.query.udp_with_fallback(query, server, timeout=_TIMEOUT)
    kind = dns.rdatatype.from_text(rtype)
    inet = dns.rdataclass.IN
    rrset = answer.get_rrset(answer.answer, origin, inet, kind)
    signatures = answer.get_rrset(answer.answer, origin, inet, dns.rdatatype.RRSIG, kind)
    if rrset is None or signatures is None:
        raise Unsigned(f"no {rtype}" if rrset is None else f"{rtype} without a signature")
    return rrset, signatures
