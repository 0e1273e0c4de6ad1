# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for MTA-STS as a sending server does (RFC 8461 §3)."""

from __future__ import annotations

import http.client
from collections.abc import Iterable

from bastide.conformity.evidence import Found
from bastide.conformity.zone import text_of
from bastide.observe.resolver import Resolver
from bastide.observe.web import Visitor

_OK = 200


def find_mta_sts(
    domain: str, exchangers: Iterable[str], resolver: Resolver, visitor: Visitor
) -> list[Found]:
    """What is wrong with the announcement and the policy of `domain`."""
    named = ("domain", domain)
    records = [text_of(one) for one in resolver.find(f"_mta-sts.{domain}", "TXT").rdata]
    announced = [text for text in records if text.startswith("v=STSv1;")]
    if len(announced) != 1:  # with several there is none (§3.1)
        return [Found("MTA_STS_MISSING", raised=True, facts=(named,))]
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    try:
        status, text = visitor.read(url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        fault = f"{type(error).__name__} {error}".strip()
        return [Found("MTA_STS_POLICY", raised=True, facts=(named, ("answer", fault)))]
    mode, patterns = _policy(text)
    outside = [host for host in exchangers if not any(_covers(p, host) for p in patterns)]
    if status != _OK or not mode:
        fault = f"{status}" if status != _OK else "no mode"
        return [Found("MTA_STS_POLICY", raised=True, facts=(named, ("answer", fault)))]
    if outside:
        fault = f"without {', '.join(outside)}"
        return [Found("MTA_STS_POLICY", raised=True, facts=(named, ("answer", fault)))]
    if mode != "enforce":
        return [Found("MTA_STS_TESTING", raised=True, facts=(named, ("mode", mode)))]
    return []


def _policy(text: str) -> tuple[str, list[str]]:
    """Mode and MX patterns of a policy; no mode when it is none (§3.2)."""
    pairs = [line.partition(":") for line in text.splitlines() if ":" in line]
    values = [(key.strip(), value.strip()) for key, _, value in pairs]
    first = dict(reversed(values))
    if first.get("version") != "STSv1" or not first.get("max_age", "").isdigit():
        return "", []
    mode = first.get("mode", "")
    return mode, [value.lower() for key, value in values if key == "mx"]


def _covers(pattern: str, host: str) -> bool:
    """A wildcard stands for one label (§4.1)."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern
