# SPDX-License-Identifier: GPL-3.0-or-later
"""Where every name of a fleet stands: the charter, the registrar and the registry together.

Each registrar is asked once for all its names.  The registry is asked every day about a name
whose term is near, and every week about the others: a registrar that tells a wrong term is
found out long before it matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bastide.diagnostics import BastideError, Diagnostic
from bastide.fleet import Fleet
from bastide.model.registrars import read_notices
from bastide.registration import (
    Decision,
    Expiry,
    Notice,
    Policy,
    Standing,
    State,
    Step,
    decide,
    steps,
)
from bastide.registration.states import CHECK_FUNDS
from bastide.targets.registrars.accounts import Accounts
from bastide.targets.registrars.port import Holding, Registrar
from bastide.targets.registrars.rdap import KEPT, Rdap

NEAR = dt.timedelta(days=130)
_A_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Situation:
    """One name on one day.  `domain` is in A-labels, `name` as written in `file`.

    `holding` is None when the account does not hold the name, or its registrar could not be
    asked; `faults` say which.
    """

    slug: str
    file: str
    domain: str
    name: str
    mode: str
    registrar: str | None
    policy: Policy
    notices: tuple[Notice, ...]
    today: dt.date
    holding: Holding | None = None
    expiry: Expiry = field(default_factory=Expiry)
    faults: tuple[Diagnostic, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """What is to happen at the term; None when nobody knows it."""
        if self.expiry.day is None:
            return None
        return decide(self.expiry, self.notices, self.today, self.policy)

    @property
    def standing(self) -> Standing:
        """What states and steps follow from."""
        auto_renew = self.holding.auto_renew if self.holding else None
        return Standing(self.expiry.day, self.decision, auto_renew, self.today, self.policy)

    @property
    def state(self) -> State:
        """Where the name stands."""
        return self.standing.state

    @property
    def steps(self) -> list[Step]:
        """What is to be done at the registrar; nothing for a name that the account lacks."""
        return steps(self.standing) if self.holding else []


def declared(fleet: Fleet, today: dt.date, slugs: Iterable[str] | None = None) -> list[Situation]:
    """The names that the operator renews, by what the charters alone say."""
    found = []
    for slug in fleet.sources if slugs is None else slugs:
        facts = fleet.facts(slug)
        if facts is None or facts.retired:
            continue
        for domain, (name, mode, registrar, renewal, notices) in facts.registrations.items():
            situation = Situation(
                slug=slug,
                file=facts.file,
                domain=domain,
                name=name,
                mode=mode,
                registrar=registrar,
                policy="express" if renewal == "express" else "tacit",
                notices=tuple(read_notices(notices)),
                today=today,
            )
            found.append(situation)
    return found


def observe(
    situations: Iterable[Situation],
    accounts: Accounts,
    rdap: Rdap | None,
    on_question: Callable[[str], None] = lambda _domain: None,
) -> list[Situation]:
    """`situations` with what registrars and registry say, in the same order.

    A source that fails is a fault of the names it was asked about, and stops nothing.
    `on_question` is told of each name that the registry is asked about.
    """
    named = [replace(s, registrar=accounts.name_for(s.registrar)) for s in situations]
    today = named[0].today if named else None
    by_registrar: dict[str, list[str]] = {}
    for situation in named:
        if situation.registrar is not None:
            by_registrar.setdefault(situation.registrar, []).append(situation.domain)
    holdings: dict[str, Holding] = {}
    faults: dict[str, tuple[Diagnostic, ...]] = {}
    for registrar, domains in by_registrar.items():
        try:
            account = accounts.registrar(registrar)
            found = account.holdings(domains)
            holdings |= {d: _with_holder(one, account, today) for d, one in found.items()}
        except BastideError as error:
            faults |= dict.fromkeys(domains, tuple(error.diagnostics))
    return [
        _with_registry(
            replace(s, holding=holdings.get(s.domain), faults=faults.get(s.domain, ())),
            rdap,
            on_question,
        )
        for s in named
    ]


def _with_holder(holding: Holding, account: Registrar, today: dt.date | None) -> Holding:
    """The holder too, for a name that is about to be paid for; lists of names leave it out."""
    near = holding.expiry and today and holding.expiry - today <= CHECK_FUNDS
    return (account.holding(holding.domain) or holding) if near else holding


def _with_registry(
    situation: Situation, rdap: Rdap | None, on_question: Callable[[str], None]
) -> Situation:
    """Both terms side by side."""
    term = situation.holding.expiry if situation.holding else None
    if rdap is None:
        return replace(situation, expiry=Expiry(term))
    far = term is not None and term - situation.today > NEAR
    on_question(situation.domain)
    try:
        found = rdap.look_up(situation.domain, _A_WEEK if far else KEPT)
        if Expiry(term, found.expiry).conflict:
            # What is kept may be of before a renewal: only a new answer is a contradiction.
            found = rdap.look_up(situation.domain, dt.timedelta(0))
    except BastideError as error:
        faults = (*situation.faults, *error.diagnostics)
        return replace(situation, expiry=Expiry(term), faults=faults)
    return replace(situation, expiry=Expiry(term, found.expiry))
