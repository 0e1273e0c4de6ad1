# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks the reference, over the file that comes with the package.

Nothing is read before the first question.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from types import MappingProxyType

from bastide.reference.places import Commune, Department, Epci
from bastide.reference.store import Store


@functools.cache
def _store() -> Store:
    return Store()


def by_insee(insee: str) -> Commune | None:
    """The commune of today with this INSEE code (``46042``, ``2A004``)."""
    return _store().commune(insee)


def by_siren(siren: str) -> Commune | Epci | None:
    """The commune or the EPCI with this SIREN."""
    return _store().commune_of_siren(siren) or _store().epci(siren)


def communes() -> tuple[Commune, ...]:
    """Every commune of France, by INSEE code."""
    return _store().communes()


def communes_of(department: str) -> tuple[Commune, ...]:
    """The communes of a department (``46``, ``2A``, ``971``), by INSEE code."""
    return _store().communes_of(department)


def epcis() -> tuple[Epci, ...]:
    """Every EPCI of France, by SIREN."""
    return _store().epcis()


def epcis_seated_in(department: str) -> tuple[Epci, ...]:
    """The EPCIs taken to be seated in a department, by SIREN."""
    return tuple(epci for epci in epcis() if epci.department == department)


def successors(insee: str) -> tuple[Commune, ...]:
    """The communes of today in which a former commune lies; empty for any other code."""
    return _store().successors(insee)


@functools.cache
def departments() -> Mapping[str, Department]:
    """Departments and overseas collectivities by code."""
    return MappingProxyType(_store().departments())


def dated() -> dt.date:
    """The day whose territory the reference describes."""
    return _store().dated


def source() -> str:
    """Where the reference comes from, with its version."""
    header = _store().header
    return f"{header['source']} {header['version']}"


def verify() -> bool:
    """True when the file is, to the byte, the one that was built."""
    return _store().verify()
