# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the queries that an SPF record really needs, those of its includes as well."""

from __future__ import annotations

from bastide.conformity.spf import parse_spf
from bastide.conformity.zone import text_of
from bastide.model.spf import MOST_QUERIES
from bastide.observe.resolver import Resolver


def count_queries(text: str, resolver: Resolver) -> int | None:
    """Queries of the record `text` (RFC 7208 §4.6.4); None when nobody can tell.

    It stops once there are too many.
    """
    total = 0
    waiting = [text]
    while waiting:
        record = parse_spf(waiting.pop())
        if isinstance(record, str):
            continue  # a broken include is an error of its own, not a query more
        total += record.queries
        if total > MOST_QUERIES:
            return total
        for domain in record.follows:
            if "%" in domain:  # a macro depends on who sends
                return None
            reply = resolver.find(domain.lower().removesuffix("."), "TXT")
            if reply.fault:
                return None
            texts = (text_of(rdata) for rdata in reply.rdata)
            waiting += [one for one in texts if one.startswith("v=spf1")]
    return total
