# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift: the plan read from the other side, what is on the servers against the charters."""

from __future__ import annotations

import json

from bastide.diagnostics import Language, Text
from bastide.plan.bodies import show_body
from bastide.plan.plan import Plan, PlannedChange
from bastide.plan.words import why_left_alone

# What a server shows is missing, different, or more than was declared.
KINDS = {
    "create": ("missing", Text("missing", "manque")),
    "restore": ("differs", Text("suspended there", "suspendu sur place")),
    "rename": ("differs", Text("has its former name", "porte son ancien nom")),
    "replace": ("differs", Text("is the former holder's", "est à l'ancien titulaire")),
    "update": ("differs", Text("differs", "diffère")),
    "delete": ("undeclared", Text("nobody declared it", "personne ne l'a déclaré")),
    "suspend": ("undeclared", Text("nobody declares it any more", "plus personne ne le déclare")),
}


def as_text(plan: Plan, language: Language) -> str:
    """For a terminal."""
    lines = []
    for slug, changes in plan.by_collectivity().items():
        lines.append(slug or "-")
        lines += [f"  {_line(change, language)}" for change in changes]
    for entry in plan.left_alone:
        lines.append(f"{entry.host}: {entry.address}: {why_left_alone(entry, language)}")
    for silent in plan.unanswered:
        word = "did not answer" if language == "en" else "n'a pas répondu"
        lines.append(f"{silent.host} ({silent.service}) {word}: {silent.message}")
    count = len(plan.changes) + len(plan.left_alone)
    many = "" if count == 1 else "s"
    lines.append(f"{count} difference{many}" if language == "en" else f"{count} écart{many}")
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> str:
    """``{"drift": [{"kind", "address", "host", "collectivity", "actual", "desired", …}]}``."""
    found = [
        {
            "kind": KINDS[change.action][0],
            "address": change.address,
            "host": change.host,
            "collectivity": change.collectivity,
            "file": change.file,
            "line": change.line,
            "actual": change.before,
            "desired": change.after,
        }
        for change in plan.changes
    ]
    found += [
        {
            "kind": "undeclared" if entry.why == "undeclared" else entry.why,
            "address": entry.address,
            "host": entry.host,
            "collectivity": "",
            "file": "",
            "line": 0,
            "actual": None,
            "desired": None,
        }
        for entry in plan.left_alone
    ]
    return json.dumps({"drift": found}, indent=1, ensure_ascii=False) + "\n"


def _line(change: PlannedChange, language: Language) -> str:
    kind = KINDS[change.action][1].format(language, {})
    place = f"{change.file}:{change.line}"
    values = [show_body(b, language) for b in (change.before, change.after) if b is not None]
    return f"{change.address} ({change.host}): {kind}: {' ≠ '.join(values)}  [{place}]"
