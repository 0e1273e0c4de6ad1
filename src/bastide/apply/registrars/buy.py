# SPDX-License-Identifier: GPL-3.0-or-later
"""Buying one name for one collectivity: a registration, or a transfer in.

Always one name at a time, by a person, for a charter that declares it; the collectivity is the
holder.  Codes are handed through and kept nowhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from bastide.apply.registrars import kinds
from bastide.apply.registrars.guards import Allowance
from bastide.apply.registrars.holder import holder_of, line_of
from bastide.apply.registrars.ledger import LISTED, Key, Ledger
from bastide.apply.registrars.run import change_of
from bastide.diagnostics import InvalidInput, RunFailed, diagnose
from bastide.fleet import Fleet
from bastide.model.names import to_ascii
from bastide.targets.registrars import Accounts, OrderKind, Placed, Purchase, Refused
from bastide.targets.registrars.observe import Situation, declared

_MODES = {"register": "managed", "transfer": "transfer"}
_LEAST_SERVERS = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be bought, with the codes that it needs."""

    domain: str
    kind: OrderKind
    auth_code: str | None = field(default=None, repr=False)
    registry_code: str | None = field(default=None, repr=False)


def buy(
    fleet: Fleet,
    accounts: Accounts,
    ledger: Ledger,
    allowed: Allowance,
    wish: Wish,
    now: dt.datetime,
) -> Placed:
    """Order `wish`; ``InvalidInput`` or ``RunFailed`` when it is not, or may not have been."""
    situation = _declared(fleet, wish, now.date())
    purchase = _purchase(fleet, situation, allowed, wish)
    name = accounts.name_for(situation.registrar)
    if name is None:
        raise InvalidInput(
            diagnose(kinds.NOT_HELD, situation.file, domain=wish.domain, registrar="-")
        )
    registrar = accounts.registrar(name)
    if registrar.holding(situation.domain) is not None:
        raise _already(situation, "the account holds it already", "le compte le détient déjà")
    key = Key(situation.domain, wish.kind, "")
    record = ledger.record(key)
    if record and record.outcome in {None, "placed"}:
        trace = registrar.trace(situation.domain, wish.kind, record.since)
        if trace == "unknown" or isinstance(trace, Placed) or now - record.since < LISTED:
            raise _already(
                situation,
                f"it was ordered on {record.since:%Y-%m-%d}, and may still be under way",
                f"commandé le {record.since:%Y-%m-%d}, et peut-être encore en cours",
            )
    price = registrar.price(situation.domain, wish.kind) or allowed.order
    change = change_of(replace(situation, registrar=name), wish.kind, line_of(fleet, situation))
    ledger.intend(key, now, change, price)
    order = registrar.register if wish.kind == "register" else registrar.transfer_in
    try:
        placed = order(purchase)
    except Refused:
        ledger.conclude(key, now, change, "refused")
        raise
    ledger.conclude(key, now, change, "placed", placed.reference)
    return placed


def _declared(fleet: Fleet, wish: Wish, today: dt.date) -> Situation:
    domain = to_ascii(wish.domain) or wish.domain
    mode = _MODES[wish.kind]
    for slug in fleet.index.holders_of_domain(domain):
        for situation in declared(fleet, today, [slug]):
            if situation.domain == domain and situation.mode == mode:
                return situation
    raise InvalidInput(diagnose(kinds.NOT_DECLARED, "", domain=wish.domain, mode=mode))


def _purchase(fleet: Fleet, situation: Situation, allowed: Allowance, wish: Wish) -> Purchase:
    servers = tuple(fleet.platform.dns.nameservers)
    if len(servers) < _LEAST_SERVERS:
        fault = diagnose(kinds.FEW_SERVERS, fleet.platform.file, count=len(servers))
        raise InvalidInput(fault)
    holder = holder_of(fleet, situation.slug)
    return Purchase(
        situation.domain, holder, servers, allowed.order, wish.auth_code, wish.registry_code
    )


def _already(situation: Situation, what: str, what_fr: str) -> RunFailed:
    file, domain = situation.file, situation.domain
    return RunFailed(diagnose(kinds.ALREADY, file, domain=domain, what=what, what_fr=what_fr))
