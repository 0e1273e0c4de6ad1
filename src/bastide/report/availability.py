# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names a collectivity could have: suggestions, whether they are free, what they cost."""

from __future__ import annotations

from bastide import reference
from bastide.charter.candidates import RESERVED, SHARED, candidates, namesakes
from bastide.charter.own_domain import own_domain
from bastide.diagnostics import (
    BastideError,
    InvalidInput,
    Language,
    Severity,
    Text,
    declare,
    diagnose,
)
from bastide.fleet import Fleet
from bastide.model.names import to_ascii
from bastide.targets.registrars import Accounts, Offer, Rdap

NO_NAME = declare(
    "C864",
    Severity.ERROR,
    en="`{name}` is no domain name",
    fr="« {name} » n'est pas un nom de domaine",
    hint_en="write it with its extension, as cahors.fr",
    hint_fr="écrivez-le avec son extension, comme cahors.fr",
)
NOT_IN_THE_REFERENCE = declare(
    "C865",
    Severity.ERROR,
    en="{slug} is no commune or EPCI of the reference, so there is no name to start from",
    fr="{slug} n'est ni commune ni EPCI du référentiel : pas de nom dont partir",
    hint_en="ask about a name of your own: bastide registrar available NAME",
    hint_fr="demandez un nom de votre choix : bastide registrar available NOM",
)
_STATES = {
    "available": Text("free", "libre"),
    "taken": Text("taken", "pris"),
    "reserved": Text("reserved", "réservé"),
    "unknown": Text("not known here", "inconnu ici"),
}


def of_name(name: str, accounts: Accounts, rdap: Rdap | None, language: Language) -> str:
    """One line about one name."""
    domain = to_ascii(name)
    if domain is None:
        raise InvalidInput(diagnose(NO_NAME, "", name=name))
    return f"{domain}  {_said(domain, accounts, rdap, language)}\n"


def of_collectivity(
    fleet: Fleet, slug: str, accounts: Accounts, rdap: Rdap | None, language: Language
) -> str:
    """A line about each name that would fit, and what the registry keeps for a commune."""
    facts = fleet.facts(slug)
    place = reference.by_siren(facts.siren) if facts else None
    if facts is None or place is None:
        raise InvalidInput(diagnose(NOT_IN_THE_REFERENCE, "", slug=slug))
    lines = []
    ours = "of this charter" if language == "en" else "de cette charte"
    for one in candidates(place):
        held = one.domain in facts.domains
        said = ours if held else _said(one.domain, accounts, rdap, language)
        mark = " *" if one.reserved else ""
        lines.append(f"{one.domain}{mark}  {said}  ({one.why.format(language, {})})")
    if isinstance(place, reference.Commune):
        lines.append(f"* {RESERVED.format(language, {'insee': place.insee})}")
        count = namesakes(place)
        if count > 1:
            lines.append(f"  {SHARED.format(language, {'count': str(count)})}")
            lines.append(f"  → {own_domain(place)}")
    return "\n".join(lines) + "\n"


def _said(domain: str, accounts: Accounts, rdap: Rdap | None, language: Language) -> str:
    offer = _offer(domain, accounts)
    state = offer.state
    if state == "unknown" and rdap is not None:
        # Not registered is not the same as free: a reserved name is in no registry either.
        state = "taken" if rdap.look_up(domain).registered else "unknown"
    word = _STATES[state].format(language, {})
    return f"{word}  {offer.price:.2f} €" if offer.price is not None else word


def _offer(domain: str, accounts: Accounts) -> Offer:
    name = accounts.name_for(None)
    if name is None:
        return Offer(domain, "unknown")
    try:
        return accounts.registrar(name).offer(domain)
    except BastideError:
        # Suggestions are of use without the registrar, too.
        return Offer(domain, "unknown")
