# SPDX-License-Identifier: GPL-3.0-or-later
"""From the engine's events to Bastide's changes, without noise.

A pure function over events as the engine writes them (`pulumi preview --event-log`, one JSON
object each; apitype.EngineEvent).  Records are put together to record sets in Bastide's normal
form, so that what only looks different is none: 3600.0 for 3600, other case, order of members, and
whatever the provider computes (created_on, meta, proxiable …), since only inputs are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.targets.cloudflare.records import owner_of, set_body
from bastide.targets.cloudflare.redirects import body_of, is_ours
from bastide.targets.pulumi.graph import (
    DNSSEC,
    RECORD,
    RULESET,
    SETTING,
    ZONE,
    Node,
    api_form,
    snake_keys,
)
from bastide.targets.pulumi.state import key_of_urn, plain
from bastide.targets.reconcile import Change, reconcile

Event = Mapping[str, Any]
Members = dict[str, dict[str, Any]]
Bodies = dict[str, dict[str, Any]]

# What a resource is before and after each operation.  `replace` is the sum of its two halves, which
# have events of their own; what is only read or looked at again changes nothing.
_BEFORE = frozenset({"same", "update", "delete", "delete-replaced", "replace", "import"})
_AFTER = frozenset({"same", "update", "create", "create-replacement", "replace", "import"})
# What the engine says last, whatever it was that went wrong.
_TRAILER = re.compile(r"(preview|update) failed")
_COLOUR = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Outcome:
    """What a preview would do, or a run did.

    `changes` as modules give them; `imported` keys of what was only taken over; `failed`
    as `failed_changes` of a module; `errors` what concerns no single record; `requests` how many
    calls a run of this takes, one each for what changes or is imported.
    """

    changes: list[Change] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: int = 0


def outcome_of(events: Iterable[Event], siren: str) -> Outcome:
    """Changes, failures and cost of one run of the stack `siren`."""
    before: Members = {}
    after: Members = {}
    outcome = Outcome()
    addresses: dict[str, str] = {}
    told: dict[str, list[str]] = {}
    for event in events:
        if step := (event.get("resourcePreEvent") or {}).get("metadata"):
            _note(step, before, after, addresses, outcome)
        elif (found := event.get("diagnosticEvent")) and found.get("severity") == "error":
            told.setdefault(found.get("urn") or "", []).append(_words(found))
    outcome.changes = _changes(_bodies(before, siren), _bodies(after, siren), siren)
    for urn, messages in sorted(told.items()):
        address = addresses.get(key_of_urn(urn)) if urn else None
        if address:
            error = "; ".join(messages)
            outcome.failed.append({"address": address, "siren": siren, "error": error})
        else:
            outcome.errors += messages
    if outcome.failed or len(outcome.errors) > 1:
        outcome.errors = [one for one in outcome.errors if not _TRAILER.fullmatch(one)]
    return outcome


def _note(
    step: Mapping[str, Any],
    before: Members,
    after: Members,
    addresses: dict[str, str],
    outcome: Outcome,
) -> None:
    token, op = step.get("type"), step.get("op")
    if token not in {ZONE, RECORD, DNSSEC, SETTING, RULESET}:
        return
    key = key_of_urn(step["urn"])
    old, new = step.get("old") or {}, step.get("new") or {}
    if op == "import":
        outcome.imported.append(key)
        old = new
    if op not in {"same", "replace"}:
        outcome.requests += 1
    if op in _BEFORE and old:
        before[key] = {"token": token, **plain(old.get("inputs") or {})}
    if op in _AFTER and new:
        after[key] = {"token": token, **plain(new.get("inputs") or {})}
    addresses[key] = _address(key, after.get(key) or before.get(key) or {"token": token})


def compare(before: Iterable[Node], after: Iterable[Node], siren: str) -> list[Change]:
    """What changes from some nodes to others, in the same words; no engine is asked."""

    def members(nodes: Iterable[Node]) -> Members:
        return {node.key: {"token": node.token, **plain(node.inputs)} for node in nodes}

    return _changes(_bodies(members(before), siren), _bodies(members(after), siren), siren)


def _changes(was: Bodies, will: Bodies, siren: str) -> list[Change]:
    return reconcile(
        {address: (siren, body) for address, body in will.items()},
        {address: (siren, body) for address, body in was.items()},
    )


def _bodies(members: Members, siren: str) -> Bodies:
    """What a plan shows: zones with their settings, signing among them, record sets, redirects."""
    zones: Bodies = {}
    redirects: Bodies = {}
    sets: dict[str, list[dict[str, Any]]] = {}
    for key, member in members.items():
        address = _address(key, member)
        if member["token"] == RECORD:
            sets.setdefault(address, []).append(api_form(member))
            continue
        if member["token"] == RULESET:
            # Rules of others are nobody's business, though they are written with ours.
            ours = [one for one in snake_keys(member.get("rules") or []) if is_ours(one)]
            if ours:
                redirects[address] = body_of(ours, siren)
            continue
        zone = zones.setdefault(address, {"siren": siren, "settings": {}})
        if member["token"] == DNSSEC:
            zone["settings"]["dnssec"] = "on" if member.get("status") == "active" else "off"
        elif member["token"] == SETTING:
            zone["settings"][member.get("settingId")] = member.get("value")
    return zones | redirects | {address: set_body(found) for address, found in sets.items()}


def _address(key: str, member: Mapping[str, Any]) -> str:
    """Bastide's address of what a resource is, or is a part of."""
    if member["token"] == RECORD:
        # An event of a record may come without inputs: its key is then all that is known.
        known = "name" in member
        return f"rrset:{owner_of(member)}/{member['type']}" if known else key
    return key if member["token"] == RULESET else f"zone:{key.split(':')[1]}"


def _words(found: Mapping[str, Any]) -> str:
    """The message in one line, without the engine's colour marks."""
    return " ".join(_COLOUR.sub("", str(found.get("message", ""))).split())
