# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of renewals: what is to be done now, what to decide and by when, what comes later."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bastide.diagnostics import Language
from bastide.diagnostics.render import to_dict
from bastide.registration import Milestone, State, Step, milestones, notice_deadline
from bastide.report.renewals.words import DECISIONS, HEADINGS, STATES
from bastide.targets.registrars.observe import Situation

_ACT = frozenset(
    {
        State.CONFLICT,
        State.FUNDED_CHECK,
        State.RENEWING,
        State.FAILED,
        State.REDEMPTION,
        State.GONE,
        State.LAPSING,
    }
)
_DECIDE = frozenset({State.REMINDER, State.LAPSE_NOTED})


@dataclass(frozen=True, slots=True)
class Line:
    """One name as the list shows it."""

    situation: Situation
    drift: tuple[tuple[str, str], ...]

    @property
    def group(self) -> str:
        """``act``, ``decide``, ``drift`` or ``later``."""
        state = self.situation.state
        if state in _ACT or self.situation.faults:
            return "act"
        undecided = state is not State.ACTIVE and self.situation.policy == "express"
        decision = self.situation.decision
        if state in _DECIDE or (undecided and decision is not None and not decision.renews):
            return "decide"
        return "drift" if self.drift else "later"

    @property
    def next(self) -> Milestone | None:
        """The next day that matters."""
        term = self.situation.expiry.day
        if term is None:
            return None
        days = milestones(term, self.situation.decision)
        return next((one for one in days if one.day >= self.situation.today), None)


def lines_of(situations: Iterable[Situation], operator: str) -> list[Line]:
    """Lines in the order of their terms; names whose term nobody knows come first."""
    lines = [Line(s, tuple(_drift(s, operator))) for s in situations]
    first = dt.date.min
    return sorted(
        lines, key=lambda line: (line.situation.expiry.day or first, line.situation.domain)
    )


def _drift(situation: Situation, operator: str) -> Iterable[tuple[str, str]]:
    """What the registrar has otherwise than it should, in both languages."""
    holding = situation.holding
    if holding is None:
        if situation.registrar and not situation.faults and situation.mode == "managed":
            yield "not in the account", "absent du compte"
        return
    if Step.AUTO_RENEW_ON in situation.steps:
        yield (
            "auto-renew is off (run turns it on)",
            "renouvellement automatique coupé (run le rétablit)",
        )
    if Step.AUTO_RENEW_OFF in situation.steps:
        yield (
            "auto-renew is on (run turns it off)",
            "renouvellement automatique actif (run le coupe)",
        )
    if situation.policy == "express" and holding.auto_renew:
        yield (
            "auto-renew is on, although renewal is express",
            "renouvellement automatique actif, bien que le renouvellement soit express",
        )
    if holding.holder and holding.holder.casefold() == operator.casefold():
        yield f"held by the operator ({operator})", f"au nom de l'opérateur ({operator})"


def as_text(lines: list[Line], language: Language, within: int | None = None) -> str:
    """The groups one after the other; of the later ones those within `within` days."""
    parts = []
    for group, heading in HEADINGS.items():
        chosen = [one for one in lines if one.group == group and _shown(one, group, within)]
        if chosen:
            rows = [_row(one, language) for one in chosen]
            parts.append("\n".join([heading.format(language, {}), *rows]) + "\n")
    if not parts:
        return "nothing is due\n" if language == "en" else "rien n'est à faire\n"
    return "\n".join(parts)


def _shown(line: Line, group: str, within: int | None) -> bool:
    term = line.situation.expiry.day
    if group != "later" or within is None or term is None:
        return True
    return (term - line.situation.today).days <= within


def _row(line: Line, language: Language) -> str:
    situation = line.situation
    term = situation.expiry.day
    left = f"J-{(term - situation.today).days}" if term else ""
    day = str(term) if term else "?"
    head = f"  {day:<10}  {left:>6}  {situation.domain}  ({situation.slug})"
    told = [STATES[situation.state].format(language, {})]
    if situation.decision is not None and situation.state is not State.ACTIVE:
        told.append(DECISIONS[situation.decision].format(language, {}))
    if term and line.group == "decide":
        deadline = notice_deadline(term)
        told.append(f"by {deadline}" if language == "en" else f"avant le {deadline} inclus")
    if situation.expiry.conflict:
        told.append(
            f"{situation.registrar} {situation.expiry.registrar}, RDAP {situation.expiry.rdap}"
        )
    between = " ; " if language == "fr" else "; "
    rows = [head, f"              {between.join(told)}"]
    rows += [f"              ~ {fr if language == 'fr' else en}" for en, fr in line.drift]
    rows += [f"              ! {fault.message(language)}" for fault in situation.faults]
    return "\n".join(rows)


def as_json(lines: list[Line], today: dt.date, language: Language) -> str:
    """For machines: every name with what is known of it."""
    return json.dumps(
        {"today": str(today), "renewals": [_as_data(one, language) for one in lines]},
        indent=1,
        ensure_ascii=False,
    ) + "\n"  # fmt: skip


def _as_data(line: Line, language: Language) -> dict[str, Any]:
    situation = line.situation
    term, following = situation.expiry.day, line.next
    holding = situation.holding
    return {
        "domain": situation.domain,
        "collectivity": situation.slug,
        "file": situation.file,
        "registrar": situation.registrar,
        "policy": situation.policy,
        "expiry": str(term) if term else None,
        "expiry_registrar": str(situation.expiry.registrar) if situation.expiry.registrar else None,
        "expiry_rdap": str(situation.expiry.rdap) if situation.expiry.rdap else None,
        "auto_renew": holding.auto_renew if holding else None,
        "decision": situation.decision.value if situation.decision else None,
        "state": situation.state.value,
        "deadline": str(notice_deadline(term)) if term else None,
        "next": {"day": str(following.day), "occasion": following.occasion} if following else None,
        "steps": [step.value for step in situation.steps],
        "drift": [en for en, _ in line.drift],
        "faults": [to_dict(fault, language) for fault in situation.faults],
    }
