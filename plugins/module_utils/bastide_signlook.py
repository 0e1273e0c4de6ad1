# SPDX-License-Identifier: GPL-3.0-or-later
"""What the world can see of the platform's DKIM keys.

Name servers are asked one by one, without a cache between; the CNAMEs of a domain as anybody asks
for them, by the host's resolver, since the DNS of some domains is elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.query
    import dns.rdatatype
    import dns.resolver

    HAS_DNSPYTHON = True
except ImportError:  # the module then says which package is missing
    HAS_DNSPYTHON = False

from ansible.module_utils.bastide_rotation import Generation
from ansible.module_utils.bastide_signing import Wanted, values

TIMEOUT = 3.0
AT_ONCE = 16
# What is left then is looked at in the next run.
MOST_SECONDS = 60.0


def generations_seen(wanted: Wanted, known: Iterable[Generation]) -> set[int]:
    """Numbers of those whose keys every name server of the zone gives, and nothing else."""
    seen = set()
    for one in known:
        told = values(wanted, (one,))
        names = [f"{s}._domainkey.{wanted.zone}." for s in wanted.in_place(one.place).values()]
        texts = [told.get(f"dkim:{s}.{wanted.zone}") for s in wanted.in_place(one.place).values()]
        questions = [(server, name) for server in wanted.servers for name in names]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda q: _texts(*q), questions))
        expected = [[text] for _ in wanted.servers for text in texts]
        if answers and answers == expected:
            seen.add(one.number)
    return seen


def _texts(server: str, name: str) -> list[str]:
    """The TXT records of `name` at one server; none when it does not answer."""
    query = dns.message.make_query(name, "TXT")
    query.flags &= ~dns.flags.RD
    try:
        answer, _ = dns.query.udp_with_fallback(query, server, timeout=TIMEOUT)
    except (dns.exception.DNSException, OSError, ValueError):
        return []
    return [
        b"".join(rdata.strings).decode(errors="replace")
        for rrset in answer.answer
        if rrset.rdtype == dns.rdatatype.TXT
        for rdata in rrset
    ]


def domains_seen(wanted: Wanted, domains: Iterable[str]) -> tuple[set[str], set[str]]:
    """Which of `domains` lead to the keys under every selector, and which could be looked at.

    The zone of the keys leads to them itself.
    """
    resolver = dns.resolver.Resolver()
    resolver.lifetime = TIMEOUT
    deadline = time.monotonic() + MOST_SECONDS
    selectors = [name for pair in wanted.selectors.values() for name in pair]

    def leads(domain: str) -> bool | None:
        if domain == wanted.zone:
            return True
        if time.monotonic() > deadline:
            return None
        return all(
            _target(resolver, f"{s}._domainkey.{domain}.") == f"{s}._domainkey.{wanted.zone}."
            for s in selectors
        )

    names = sorted(domains)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(names, pool.map(leads, names), strict=True))
    return (
        {name for name, leads_there in found.items() if leads_there},
        {name for name, leads_there in found.items() if leads_there is not None},
    )


def _target(resolver: dns.resolver.Resolver, name: str) -> str | None:
    """Where the CNAME of `name` leads, absolute and lower case."""
    try:
        answer = resolver.resolve(name, "CNAME")
    except (dns.exception.DNSException, OSError):
        return None
    return str(answer[0].target).lower()
