# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference file, read once per process and looked up by code.

Plain text, so that a reviewer sees in a merge request what a new year changes, and so
that reading all of it costs a split.  The first line is JSON: ``format``, ``source``,
``version``, ``licence``, ``dated``, ``counts`` of the sections and ``sha256`` of all that
follows it.  The sections come one after the other, sorted, fields divided by tabs:

=============  ================================================================
departments    code, name
communes       INSEE, SIREN, name, population, postal codes (by space), EPCI
epcis          SIREN, kind, name, department of the seat, population
former         INSEE of a former commune, those of today it lies in (by space)
=============  ================================================================

Places become objects when they are asked for, and only then.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.reference.places import Commune, Department, Epci, department_of

REFERENCE_FILE = Path(__file__).with_name("france-2026.tsv")
FORMAT = 1
_SECTIONS = ("departments", "communes", "epcis", "former")
_SIREN = slice(6, 15)  # an INSEE code always takes five signs, then comes a tab

DAMAGED = declare(
    "C790",
    Severity.ERROR,
    en="the reference of communes cannot be read: {why}",
    fr="la référence des communes est illisible : {why}",
    hint_en="Install Bastide again, or put the file back from git.",
    hint_fr="Réinstallez Bastide, ou reprenez le fichier depuis git.",
)


class Store:
    """Lookups over one reference file.

    Args:
        path: the file; read at once.

    Raises:
        RunFailed: the file is missing, is of another format, or is cut short.
    """

    def __init__(self, path: Path = REFERENCE_FILE) -> None:
        try:
            head, _, self._payload = path.read_bytes().partition(b"\n")
            self.header: dict[str, Any] = json.loads(head)
            self.dated = dt.date.fromisoformat(self.header["dated"])
            sizes = [self.header["counts"][name] for name in _SECTIONS]
            lines = self._payload.decode().split("\n")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunFailed(diagnose(DAMAGED, str(path), why=error)) from error
        if self.header.get("format") != FORMAT or sum(sizes) != len(lines) - 1:
            why = f"format {self.header.get('format')}, {len(lines) - 1} lines of {sum(sizes)}"
            raise RunFailed(diagnose(DAMAGED, str(path), why=why))
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        self._departments = lines[: ends[0]]
        self._communes = {line[:5]: line for line in lines[ends[0] : ends[1]]}
        self._epcis = {line[:9]: line for line in lines[ends[1] : ends[2]]}
        self._former = dict(line.split("\t") for line in lines[ends[2] : ends[3]])

    def verify(self) -> bool:
        """True when the payload has the digest that the header gives."""
        return bool(hashlib.sha256(self._payload).hexdigest() == self.header["sha256"])

    def commune(self, insee: str) -> Commune | None:
        """The commune of today with this INSEE code."""
        line = self._communes.get(insee)
        return _commune(line) if line else None

    def commune_of_siren(self, siren: str) -> Commune | None:
        """The commune with this SIREN."""
        insee = self._insee_of_siren.get(siren) if siren else None
        return self.commune(insee) if insee else None

    def communes(self) -> tuple[Commune, ...]:
        """Every commune, by INSEE code."""
        return tuple(_commune(line) for line in self._communes.values())

    def communes_of(self, department: str) -> tuple[Commune, ...]:
        """The communes of a department, by INSEE code."""
        return tuple(
            _commune(line)
            for insee, line in self._communes.items()
            if insee.startswith(department) and department_of(insee) == department
        )

    def epci(self, siren: str) -> Epci | None:
        """The EPCI with this SIREN."""
        line = self._epcis.get(siren)
        return self._epci(line) if line else None

    def epcis(self) -> tuple[Epci, ...]:
        """Every EPCI, by SIREN."""
        return tuple(self._epci(line) for line in self._epcis.values())

    def departments(self) -> dict[str, Department]:
        """Every department by code, in the order of the codes."""
        return {
            code: Department(code, name)
            for code, name in (line.split("\t") for line in self._departments)
        }

    def successors(self, insee: str) -> tuple[Commune, ...]:
        """The communes that took over a former commune; empty when it never was one."""
        heirs = (self.commune(code) for code in self._former.get(insee, "").split())
        return tuple(heir for heir in heirs if heir)

    @functools.cached_property
    def _insee_of_siren(self) -> dict[str, str]:
        return {line[_SIREN]: insee for insee, line in self._communes.items() if line[6] != "\t"}

    @functools.cached_property
    def _members(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        for insee, line in self._communes.items():
            epci = line[line.rindex("\t") + 1 :]
            if epci:
                members.setdefault(epci, []).append(insee)
        return members

    def _epci(self, line: str) -> Epci:
        siren, kind, name, department, population = line.split("\t")
        members = tuple(self._members.get(siren, ()))
        return Epci(siren, name, kind, department, int(population), members)


def _commune(line: str) -> Commune:
    insee, siren, name, population, postal_codes, epci = line.split("\t")
    return Commune(
        insee,
        siren or None,
        name,
        int(population) if population else None,
        tuple(postal_codes.split()),
        epci or None,
    )
