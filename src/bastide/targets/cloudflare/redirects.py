# SPDX-License-Identifier: GPL-3.0-or-later
"""The redirections of a compiled zone as rules of Cloudflare's Single Redirects, and the way back.

A zone has one list of them, the entry point ruleset of the phase below, written as a whole.  Rules
that bear no mark are somebody else's: they are sent back as they came, and asked first.
Source: https://developers.cloudflare.com/rules/url-forwarding/single-redirects/ and, of the
language, https://developers.cloudflare.com/ruleset-engine/rules-language/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bastide.targets.cloudflare.records import mark_of, siren_of_mark

PHASE = "http_request_dynamic_redirect"
PERMANENTLY = 301
MOST_BY_PLAN = {"free": 10, "pro": 25, "business": 50}
"""Rules in a zone, by the plan's id in the API; of Enterprise, Cloudflare alone knows.

https://developers.cloudflare.com/rules/url-forwarding/#availability
"""
MOST_EXPRESSION = 4_096
"""Characters of one expression."""

Rule = Mapping[str, Any]
Redirect = Mapping[str, Any]

_REF = "bastide_"
# What the API gives of a rule and does not take.
_READ_ONLY = frozenset({"version", "last_updated", "categories"})
_LISTS = {"whole": "lower(http.request.uri)", "paths": "lower(http.request.uri.path)"}


def rules_of(redirects: Iterable[Redirect], siren: str) -> list[dict[str, Any]]:
    """The rules that answer `redirects` (:mod:`bastide.desired.edge`), in their order."""
    return [_rule(expression, one, siren) for one in redirects for expression in _expressions(one)]


def is_ours(rule: Rule) -> bool:
    """Whether Bastide wrote a rule of the API: its description or its reference says so."""
    return bool(owner_of_rule(rule)) or str(rule.get("ref") or "").startswith(_REF)


def owner_of_rule(rule: Rule) -> str:
    """SIREN in the mark of a rule, empty where its description has none."""
    return siren_of_mark(str(rule.get("description") or ""))


def as_sent(rule: Rule) -> dict[str, Any]:
    """A rule of the API as it is sent back, to stay what it is."""
    return {name: value for name, value in rule.items() if name not in _READ_ONLY}


def merged(others: Iterable[Rule], ours: Iterable[Rule], there: Iterable[Rule]) -> list[Any]:
    """The whole list to write: those of others as they came, then ours, under the ids they have."""
    ids = {str(one["ref"]): one["id"] for one in there if is_ours(one) and one.get("ref")}
    kept = [as_sent(one) for one in others]
    return kept + [
        {**one, "id": ids[one["ref"]]} if one["ref"] in ids else dict(one) for one in ours
    ]


def body_of(rules: Iterable[Rule], siren: str) -> dict[str, Any]:
    """What a plan compares and shows: of each rule when, to where, and what is odd about it."""
    return {"rules": [_shown(one, siren) for one in rules]}


def _shown(rule: Rule, siren: str) -> dict[str, Any]:
    value = (rule.get("action_parameters") or {}).get("from_value") or {}
    target = value.get("target_url") or {}
    shown: dict[str, Any] = {"when": rule.get("expression"), "to": target.get("value")}
    if "expression" in target:
        shown["to"] = f"={target['expression']}"
    odd = {
        "status": value.get("status_code", PERMANENTLY),
        "query": bool(value.get("preserve_query_string")),
        "enabled": bool(rule.get("enabled", True)),
        "ref": rule.get("ref"),
        "mark": rule.get("description"),
    }
    usual = {
        "status": PERMANENTLY,
        "query": False,
        "enabled": True,
        "ref": _ref(str(rule.get("expression"))),
        "mark": mark_of(siren),
    }
    return shown | {name: one for name, one in odd.items() if one != usual[name]}


def _rule(expression: str, redirect: Redirect, siren: str) -> dict[str, Any]:
    to = str(redirect["to"])
    target = {"value": to}
    if redirect.get("keep"):
        target = {"expression": f"concat({_quoted(to)}, http.request.uri)"}
    return {
        "ref": _ref(expression),
        "description": mark_of(siren),
        "expression": expression,
        "action": "redirect",
        "action_parameters": {
            "from_value": {
                "target_url": target,
                "status_code": PERMANENTLY,
                # What is kept of a query is in the expression already.
                "preserve_query_string": False,
            }
        },
        "enabled": True,
    }


def _ref(expression: str) -> str:
    """What a rule is known by: for whom it stands, so that another target is a change of it."""
    return _REF + hashlib.sha256(expression.encode()).hexdigest()[:16]


def _expressions(redirect: Redirect) -> Iterator[str]:
    hosts = f"http.host in {_set(redirect['hosts'])}"
    for name, field in _LISTS.items():
        if name in redirect:
            room = MOST_EXPRESSION - len(f"{hosts} and {field} in {{}}")
            for part in _parts(redirect[name], room):
                yield f"{hosts} and {field} in {_set(part)}"
            return
    yield hosts


def _parts(pages: Iterable[str], room: int) -> Iterator[list[str]]:
    part: list[str] = []
    used = 0
    for page in pages:
        size = len(_quoted(page)) + 1
        if part and used + size > room:
            yield part
            part, used = [], 0
        part.append(page)
        used += size
    if part:
        yield part


def _set(values: Iterable[str]) -> str:
    return "{" + " ".join(_quoted(one) for one in values) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
