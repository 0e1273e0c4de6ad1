# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as text for a terminal and as Markdown for a merge request.

Nothing is ever cut: a plan that is too long to read is a finding, not a reason to hide
its end.  The short summary stands first.
"""

from __future__ import annotations

import json
from typing import Any

from bastide.desired.reasons import reason_text
from bastide.diagnostics import Language
from bastide.plan.acknowledge import line_for
from bastide.plan.bodies import show_body, show_succession, show_suspension
from bastide.plan.grades import TITLE, counts, grade_lines
from bastide.plan.plan import Plan, PlannedChange, Unanswered
from bastide.plan.words import (
    SIGNS,
    breach_text,
    headline,
    why_left_alone,
)


def as_text(plan: Plan, language: Language = "en") -> str:
    """For a terminal: one line a change, grouped by collectivity."""
    lines = [headline(plan, language), *_notes(plan, language)]
    for slug, changes in plan.by_collectivity().items():
        lines += ["", slug or _nobody(language)]
        width = max(len(c.address) for c in changes)
        for change in changes:
            lines.append(
                f"  {SIGNS[change.action]} {change.address:<{width}}  {_what(change, language)}"
            )
            lines.append(f"    {_because(change, language)}")
    if plan.conformity:
        lines += ["", TITLE.format(language, {})]
        lines += [f"  {line}" for line in grade_lines(plan, language)]
    lines += _doomed(plan, language)
    lines += _left_alone(plan, language)
    for entry in plan.unanswered:
        lines += ["", *_unanswered(entry, language)]
    for breach in plan.breaches:
        lines += ["", ("LIMIT " if language == "en" else "LIMITE ") + breach_text(breach, language)]
    lines += ["", f"{plan.digest}"]
    return "\n".join(lines) + "\n"


def as_markdown(plan: Plan, language: Language = "en") -> str:
    """For a merge request: headline, warnings, then one folded table a collectivity."""
    lines = [f"### {headline(plan, language)}", ""]
    lines += [f"> {line}" for line in _notes(plan, language)]
    lines += [f"> **{breach_text(breach, language)}**" for breach in plan.breaches]
    if plan.breaches:
        lines += [f"> {line}" for line in how_to_acknowledge(plan, language).splitlines()]
    for entry in plan.unanswered:
        lines += [f"> {line}" for line in _unanswered(entry, language)]
    if plan.conformity:
        lines += ["", f"**{TITLE.format(language, {})}**", ""]
        lines += [f"- {line}" for line in grade_lines(plan, language)]
    head = (
        "| | resource | value | why | line |"
        if language == "en"
        else "| | ressource | valeur | raison | ligne |"
    )
    for slug, changes in plan.by_collectivity().items():
        lines += [
            "",
            f"<details><summary>{slug or _nobody(language)} ({len(changes)})</summary>",
            "",
            head,
            "|---|---|---|---|---|",
        ]
        for change in changes:
            cells = [
                SIGNS[change.action],
                f"`{change.address}`",
                _what(change, language),
                reason_text(change.reason, language),
                f"{change.file}:{change.line}",
            ]
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines += ["", "</details>"]
    lines += _doomed(plan, language)
    lines += _left_alone(plan, language)
    lines += ["", f"`{plan.digest}`"]
    return "\n".join(lines) + "\n"


def _notes(plan: Plan, language: Language) -> list[str]:
    """How the plan came about, where a reader must know it."""
    return [f"{note.message(language)} ({note.hint(language)})" for note in plan.notes]


def as_gitlab(plan: Plan) -> str:
    """GitLab's report of planned changes (artifacts:reports:terraform): three counts.

    GitLab leaves other keys alone: how many collectivities are graded better, worse and the same
    stands there for the scripts of a pipeline.
    """
    totals = plan.totals
    data: dict[str, Any] = {
        "create": totals["create"] + totals["restore"],
        "update": totals["update"] + totals["rename"] + totals["replace"],
        "delete": totals["delete"] + totals["suspend"],
    }
    if plan.conformity:
        data["conformity"] = counts(plan)
    return json.dumps(data) + "\n"


def how_to_acknowledge(plan: Plan, language: Language) -> str:
    """What to write in git to let this plan, and no other, over its limits."""
    file = f"inventory/{plan.environment}/acknowledgements.yml"
    if language == "fr":
        return f"si c'est voulu, validez dans git cette ligne de {file} :\n{line_for(plan.digest)}"
    return f"if this is wanted, commit this line of {file}:\n{line_for(plan.digest)}"


def _what(change: PlannedChange, language: Language) -> str:
    if change.action == "suspend":
        return show_suspension(change.after, language)
    if change.action in {"rename", "replace"}:
        return show_succession(change.action, change.before, change.after, language)
    before, after = show_body(change.before, language), show_body(change.after, language)
    if change.action == "update" and before != after:
        return f"{before} → {after}"
    return after or before


def _because(change: PlannedChange, language: Language) -> str:
    place = f"{change.file}:{change.line}" if change.file else "-"
    return f"{place}  {reason_text(change.reason, language)}"


def _doomed(plan: Plan, language: Language) -> list[str]:
    if not plan.doomed:
        return []
    title = "Will fail:" if language == "en" else "Échouera :"
    return ["", title] + [
        f"  · {one.address} ({one.host}): {one.error}  [{one.file}:{one.line}]"
        for one in plan.doomed
    ]


def _left_alone(plan: Plan, language: Language) -> list[str]:
    if not plan.left_alone:
        return []
    title = "Left alone:" if language == "en" else "Laissés tels quels :"
    return ["", title] + [
        f"  · {entry.address} ({entry.host}): {why_left_alone(entry, language)}"
        for entry in plan.left_alone
    ]


def _unanswered(entry: Unanswered, language: Language) -> list[str]:
    count = len(entry.waiting)
    if language == "fr":
        first = f"{entry.host} ({entry.service}) n'a pas répondu : {entry.message}"
        second = f"  {count} ressource(s) l'attendent"
    else:
        first = f"{entry.host} ({entry.service}) did not answer: {entry.message}"
        second = f"  {count} resource(s) wait for it"
    return [first, second] + [f"    {w['file']}:{w['line']}  {w['address']}" for w in entry.waiting]


def _nobody(language: Language) -> str:
    return "(no collectivity)" if language == "en" else "(aucune collectivité)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
