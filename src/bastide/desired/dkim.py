# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM and DANE: values of their records, and what the mail hosts are told about them.

Most values are known to a mail host alone, and pending here.
"""

from __future__ import annotations

from typing import Any

from bastide.model import Mail, Platform
from bastide.model.dane import exchanger_of
from bastide.model.signing import key_name

REASONS = frozenset({"dkim", "dkim-key", "dkim-link", "dkim-elsewhere", "dane"})
"""Reasons of the records that :func:`value_of` knows."""


def value_of(owner: str, reason: str, domain: str, mail: Mail) -> dict[str, Any]:
    """What stands in a record set beside name, type and TTL: ``pending`` or ``rdata``.

    Args:
        owner: Its absolute name.
        reason: One of `REASONS`.
        domain: The zone, without final dot.
        mail: The platform's.
    """
    if reason == "dane":
        return {"pending": f"tlsa:{exchanger_of(owner)}"}
    selector = owner.partition("._domainkey.")[0]
    if reason in {"dkim-link", "dkim-elsewhere"} and mail.signing:
        return {"rdata": [key_name(selector, mail.signing.zone)]}
    own = reason == "dkim" and selector == mail.dkim_selector
    return {"pending": f"dkim:{domain}" if own else f"dkim:{selector}.{domain}"}


def facts_for(host: str, platform: Platform) -> dict[str, Any]:
    """What the header of a mail share says to `host`; nothing where neither is wanted.

    ``signing``: zone, SIREN of the operator, generation, selectors by algorithm, addresses of the
    zone's name servers, ``wait`` and ``grace`` in seconds.  ``dane``: true.
    """
    mail, dns = platform.mail, platform.dns
    facts: dict[str, Any] = {"dane": True} if mail.dane else {}
    if mail.signing:
        beside = host if mail.placement and host != mail.placement.default else ""
        facts["signing"] = {
            "zone": mail.signing.zone,
            "operator": platform.operator_siren,
            "generation": mail.signing.generation,
            "selectors": mail.signing.selectors(beside),
            "servers": sorted({one for ips in dns.nameservers.values() for one in ips}),
            # As long as a cache may hold what stood there before, or that nothing did (RFC 2308).
            "wait": max(dns.ttl, dns.soa.minimum),
            "grace": mail.signing.grace_days * 86400,
        }
    return facts
