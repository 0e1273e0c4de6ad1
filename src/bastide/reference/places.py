# SPDX-License-Identifier: GPL-3.0-or-later
"""Communes, EPCIs and departments, as the reference knows them."""

from __future__ import annotations

from dataclasses import dataclass

from bastide.reference.slugs import slugify, slugify_epci

# Beyond these prefixes a department's code takes three signs: 971, 988…
_OVERSEAS = ("97", "98")


def department_of(insee: str) -> str:
    """Department of a commune from its INSEE code: ``46``, ``2A``, ``971``.

    Never from a postal code: those follow the mail rounds, which cross into a neighbouring
    department for 23 communes.
    """
    return insee[:3] if insee.startswith(_OVERSEAS) else insee[:2]


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today.

    `insee` is text of five signs (``01004``, ``2A004``, ``97105``); `siren` and
    `population` are None where there is none (overseas collectivities, uninhabited
    lands); `population` is the municipal one; `epci_siren` is None on islands without one.
    """

    insee: str
    siren: str | None
    name: str
    population: int | None
    postal_codes: tuple[str, ...]
    epci_siren: str | None

    @property
    def slug(self) -> str:
        """Short name, alone of its kind inside the department only."""
        return slugify(self.name)

    @property
    def department(self) -> str:
        """Code of the department, from the INSEE code."""
        return department_of(self.insee)


@dataclass(frozen=True, slots=True)
class Epci:
    """A grouping of communes with its own taxation.

    `kind` is CC, CA, CU, METRO or MET69; `department` is where it is taken to be seated
    (see LICENCE.md, "The seat of an EPCI"); `member_insee` is sorted.
    """

    siren: str
    name: str
    kind: str
    department: str
    population: int
    member_insee: tuple[str, ...]

    @property
    def slug(self) -> str:
        """Short name: ``cc-quercy-blanc``."""
        return slugify_epci(self.name)


@dataclass(frozen=True, slots=True)
class Department:
    """A department, or an overseas collectivity that counts as one."""

    code: str
    name: str
