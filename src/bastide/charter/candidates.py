# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a collectivity could register, the one that fits best first.

Afnic keeps for a commune the names that INSEE knows it by (naming charter; article L45-2 of the
Code des postes et des communications électroniques): its name without accents, with the article
or without, whatever its hyphens.  Only the commune may have them, and the registrar asks for
its INSEE code and a code of Afnic's.  Where several communes bear one name, the department's
code follows; `mairie-` and `ville-` before it say who speaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bastide.charter.own_domain import own_domain
from bastide.diagnostics import Text
from bastide.reference import Commune, Epci, slugs_of_france

_ARTICLE = re.compile(r"(?:le|la|les|l)-")
_SAINT = re.compile(r"\bsaint(e?)-")

_OWN = Text("its own name", "son propre nom")
_HOMONYM = Text("its name and its department, since others bear it", "son nom et son département, "
                "puisque d'autres le portent")  # fmt: skip
_WITHOUT_ARTICLE = Text("without the article", "sans l'article")
_WITHOUT_HYPHENS = Text("without hyphens", "sans traits d'union")
_DEPARTMENT = Text("with its department", "avec son département")
_TOWN_HALL = Text("the town hall of the place", "la mairie du lieu")
_TOWN = Text("the town of the place", "la ville du lieu")
_SHORT = Text("with `st` for `saint`", "avec « st » pour « saint »")

RESERVED = Text(
    "reserved for the commune by Afnic: the registrar asks for its INSEE code {insee} and for an "
    "authorisation code, that Afnic gives to the commune",
    "réservé à la commune par l'Afnic : le bureau demande son code INSEE {insee} et un code "
    "d'autorisation, que l'Afnic donne à la commune",
)
SHARED = Text(
    "{count} communes of France bear this name: it may be another's, or Afnic may ask to agree",
    "{count} communes de France portent ce nom : il peut être celui d'une autre, ou l'Afnic "
    "demander un accord",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name, why it fits, and whether the registry keeps it for the commune."""

    domain: str
    why: Text
    reserved: bool = False


def candidates(place: Commune | Epci) -> list[Candidate]:
    """Names for `place` in A-labels, the best first, each once."""
    slug, department = place.slug, place.department.lower()
    plain = _ARTICLE.sub("", slug, count=1)
    first = own_domain(place)
    commune = isinstance(place, Commune)
    shared = slugs_of_france().get(slug, 0) > 1 if commune else False
    found = [Candidate(first, _HOMONYM if first != f"{slug}.fr" else _OWN, commune and not shared)]
    found.append(Candidate(f"{slug}.fr", _OWN, commune))
    if plain != slug:
        found.append(Candidate(f"{plain}.fr", _WITHOUT_ARTICLE, commune))
    joined = slug.replace("-", "")
    if joined != slug:
        found.append(Candidate(f"{joined}.fr", _WITHOUT_HYPHENS, commune))
    if commune:
        found += [
            Candidate(f"mairie-{slug}.fr", _TOWN_HALL),
            Candidate(f"ville-{slug}.fr", _TOWN),
        ]
        if shared:
            found.append(Candidate(f"mairie-{slug}-{department}.fr", _TOWN_HALL))
    found.append(Candidate(f"{slug}-{department}.fr", _DEPARTMENT))
    short = _SAINT.sub(r"st\1-", slug)
    if short != slug:
        found.append(Candidate(f"{short}.fr", _SHORT))
    once: dict[str, Candidate] = {}
    for one in found:
        once.setdefault(one.domain, one)
    return list(once.values())


def namesakes(place: Commune | Epci) -> int:
    """How many communes of France bear this name, the place itself among them."""
    return slugs_of_france().get(place.slug, 0) if isinstance(place, Commune) else 0
