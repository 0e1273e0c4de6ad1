# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a new charter: what every collectivity starts with, ready to be edited.

In French, for those who will edit it.  What the reference knows stands in a comment, for
the reader only: the engine takes it from the reference, where it stays right.
"""

from __future__ import annotations

import datetime as dt

from bastide.charter.own_domain import own_domain
from bastide.reference import Commune, Epci, by_siren, dated, departments

# Below this many inhabitants a commune has no use for a CMS (platform.yml, minisite_below).
MINISITE_BELOW = 500

_TEMPLATE = """\
# yaml-language-server: $schema=../../schemas/collectivity.schema.json
#
# {presentation}
# Rappel de la référence du {dated}, pour le lecteur : rien de cela ne se saisit ici.

collectivity:
  kind: {kind}
  siren: "{siren}"
  contact: {{email: {mailbox}@{domain}}}
convention:
  signed_on: {signed_on}
  modules: [internet]
domains:
  {domain}:
    registration: {{mode: managed}}
mail:
  accounts:
    {mailbox}@{domain}: {{kind: classic, quota: 5 GB}}
  aliases:
    contact@{domain}: [{mailbox}@{domain}]
site:
  kind: {site}
  domain: www.{domain}
"""


def charter_text(place: Commune | Epci, *, signed_on: dt.date) -> str:
    """The charter that `place`, which has a SIREN, starts with."""
    is_commune = isinstance(place, Commune)
    return _TEMPLATE.format(
        presentation=_commune_line(place) if isinstance(place, Commune) else _epci_line(place),
        dated=dated().isoformat(),
        kind="commune" if is_commune else "epci",
        siren=place.siren,
        mailbox="mairie" if is_commune else "accueil",
        domain=own_domain(place),
        signed_on=signed_on.isoformat(),
        site="minisite" if is_commune and (place.population or 0) < MINISITE_BELOW else "cms",
    )


def _commune_line(commune: Commune) -> str:
    epci = by_siren(commune.epci_siren) if commune.epci_siren else None
    facts = [
        f"{commune.name}, commune ({_department_name(commune.department)}, INSEE {commune.insee})",
        _inhabitants(commune.population),
        epci.name if epci else "sans EPCI",
    ]
    return ", ".join(facts) + "."


def _epci_line(epci: Epci) -> str:
    facts = [
        f"{epci.name} ({_department_name(epci.department)})",
        f"{len(epci.member_insee)} communes",
        _inhabitants(epci.population),
    ]
    return ", ".join(facts) + "."


def _department_name(code: str) -> str:
    return departments()[code].name


def _inhabitants(population: int | None) -> str:
    if population is None:
        return "population inconnue"
    number = f"{population:,}".replace(",", " ")
    return f"{number} habitant{'s' if population > 1 else ''}"
