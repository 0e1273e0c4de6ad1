# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of new charters, out of the reference."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from pathlib import PurePosixPath

from bastide.charter import findings
from bastide.charter.text import charter_text
from bastide.diagnostics import Diagnostic, diagnose
from bastide.reference import (
    Commune,
    Epci,
    by_insee,
    by_siren,
    communes_of,
    dated,
    department_of,
    departments,
    epcis_seated_in,
    find,
    slugify,
    successors,
)

# What a diagnostic names instead of a file: the fault lies in what the command was given.
_COMMAND = "bastide new"
_CODE_LENGTH = 5
_SHOWN = 40  # signs of a wrong argument that a message repeats


@dataclass(frozen=True, slots=True)
class Draft:
    """A charter to be written; `path` is relative to the repository."""

    path: PurePosixPath
    text: str


def new_commune(insee: str, *, signed_on: dt.date) -> Draft | Diagnostic:
    """The charter of one commune, or why there is none; `signed_on` dates the convention."""
    # As people copy them: 2a004, 46 042; and a SIREN as 200 023 737, also with hard spaces.
    commune = by_insee("".join(insee.split()).upper())
    if commune is None:
        return _unknown_commune(insee.strip())
    return _draft(commune, signed_on)


def new_epci(siren: str, *, signed_on: dt.date) -> Draft | Diagnostic:
    """The charter of one EPCI, or why there is none."""
    epci = by_siren("".join(siren.split()))
    given = siren.strip()[:_SHOWN]
    if isinstance(epci, Commune):
        kind, name, insee = findings.A_COMMUNES_SIREN, epci.name, epci.insee
        return diagnose(kind, _COMMAND, siren=given, name=name, insee=insee)
    if epci is None:
        return diagnose(findings.UNKNOWN_EPCI, _COMMAND, siren=given, dated=dated())
    return _draft(epci, signed_on)


def new_department(code: str, *, signed_on: dt.date) -> tuple[list[Draft], list[Diagnostic]]:
    """The charters of every commune of a department and of the EPCIs seated there."""
    code = code.strip().upper()
    if code not in departments():
        return [], [_unknown_department(code)]
    drafts, diagnostics = [], []
    places: list[Commune | Epci] = [*communes_of(code), *epcis_seated_in(code)]
    for place in places:
        result = _draft(place, signed_on)
        if isinstance(result, Draft):
            drafts.append(result)
        else:
            diagnostics.append(result)
    return drafts, diagnostics


def _draft(place: Commune | Epci, signed_on: dt.date) -> Draft | Diagnostic:
    if isinstance(place, Commune) and place.siren is None:
        return diagnose(
            findings.WITHOUT_SIREN, _COMMAND, code=place.insee, name=place.name, dated=dated()
        )
    path = PurePosixPath("collectivities", place.department, f"{place.slug}.yml")
    return Draft(path, charter_text(place, signed_on=signed_on))


def _unknown_commune(given: str) -> Diagnostic:
    heirs = successors(given.upper())
    if heirs:
        return diagnose(findings.FORMER_COMMUNE, _COMMAND, code=given, heirs=_listed(heirs))
    meant = find(given) or _one_slip_away(given.upper())
    shown = given[:_SHOWN]
    if meant:
        return diagnose(findings.MEANT_ANOTHER, _COMMAND, code=shown, suggestions=_listed(meant))
    return diagnose(findings.UNKNOWN_COMMUNE, _COMMAND, code=shown)


def _one_slip_away(code: str) -> tuple[Commune, ...]:
    """A code that lost its leading zero, has two signs swapped or one of them wrong."""
    swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)]
    slips = [commune for commune in map(by_insee, [code.zfill(_CODE_LENGTH), *swapped]) if commune]
    if slips or len(code) != _CODE_LENGTH:
        return tuple(slips)
    codes = [commune.insee for commune in communes_of(department_of(code))]
    close = difflib.get_close_matches(code, codes, n=3, cutoff=0.8)
    return tuple(commune for commune in map(by_insee, close) if commune)


def _unknown_department(given: str) -> Diagnostic:
    by_name = {slugify(department.name): department for department in departments().values()}
    meant = [by_name[slug] for slug in difflib.get_close_matches(slugify(given), by_name, n=3)]
    padded = departments().get(given.zfill(2))
    if padded:
        meant = [padded]
    if not meant:
        return diagnose(findings.UNKNOWN_DEPARTMENT, _COMMAND, code=given[:_SHOWN])
    names = ", ".join(f"{department.name} ({department.code})" for department in meant)
    return diagnose(
        findings.MEANT_ANOTHER_DEPARTMENT, _COMMAND, code=given[:_SHOWN], suggestions=names
    )


def _listed(communes: tuple[Commune, ...]) -> str:
    return ", ".join(f"{commune.name} ({commune.insee})" for commune in communes)
