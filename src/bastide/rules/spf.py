# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of an SPF record (RFC 7208 §4.6, §5, §6), as far as a sender needs it.

Macros and `ptr` are left out: the first have no use here, the second is not to be used
(§5.5).
"""

from __future__ import annotations

import ipaddress
import re

# RFC 7208 §4.6.4: more queries than this and receivers give up.
MAX_QUERIES = 10

_DOMAIN = r"[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9])?"
_CIDR = r"(?:/[0-9]{1,2})?(?://[0-9]{1,3})?"
_QUERYING = re.compile(
    rf"(?:[+?~-]?(?:include:{_DOMAIN}|exists:{_DOMAIN}|(?:a|mx)(?::{_DOMAIN})?{_CIDR})"
    rf"|redirect={_DOMAIN})\Z",
    re.IGNORECASE,
)
_NETWORK = re.compile(r"[+?~-]?ip(?P<version>[46]):(?P<network>[0-9a-f:./]{2,50})\Z", re.IGNORECASE)


def spf_fault(text: str) -> str | None:
    """The first term at which `text` is no good SPF record; None when it is one."""
    terms = text.split(" ")
    if terms[0].lower() != "v=spf1" or not text.isprintable():
        return terms[0]
    queries = 0
    for term in terms[1:-1]:
        if _QUERYING.match(term) and not term.lower().startswith("redirect="):
            queries += 1
        elif not _is_network(term):
            return term
        if queries > MAX_QUERIES:
            return term
    last = terms[-1].lower()
    if last.startswith("redirect=") and _QUERYING.match(last):
        return None if queries < MAX_QUERIES else last
    return None if last in {"-all", "~all"} and len(terms) > 1 else terms[-1]


def _is_network(term: str) -> bool:
    match = _NETWORK.match(term)
    if match is None:
        return False
    try:
        network = ipaddress.ip_network(match["network"], strict=False)
    except ValueError:
        return False
    return network.version == int(match["version"])
