# SPDX-License-Identifier: GPL-3.0-or-later
"""Check digits of SIREN and SIRET numbers.

A SIREN has nine digits, a SIRET fourteen: the SIREN and the five of the establishment
(NIC).  Both obey Luhn's formula (ISO/IEC 7812-1, annex B; INSEE, Sirene).  La Poste has
more establishments than the formula allows: its SIRETs are also good when the sum of
their digits is a multiple of five.  Some of them obey Luhn, so that one is tried first.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

SIREN_LENGTH = 9
SIRET_LENGTH = 14
LA_POSTE = "356000000"


class FaultKind(enum.StrEnum):
    """What can be wrong with a number."""

    DIGITS = "digits"
    LENGTH = "length"
    CHECK_DIGIT = "check-digit"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong.

    For ``digits``: `found` is the first sign that is none, `position` its 1-based place.
    For ``length``: `found` and `expected` are numbers of digits.
    For ``check-digit``: `found` is the digit read, `expected` the one that would be right,
    `position` its place: 9 in the SIREN part, 14 at the end of a SIRET.
    """

    kind: FaultKind
    found: str
    expected: str
    position: int = 0


def is_siren(text: str) -> bool:
    """True for nine digits whose last is the right check digit."""
    return siren_fault(text) is None


def is_siret(text: str) -> bool:
    """True for fourteen digits that are right as a whole and as a SIREN."""
    return siret_fault(text) is None


def siren_fault(text: str) -> Fault | None:
    """The first thing wrong with `text` as a SIREN; None when it is one."""
    return _shape_fault(text, SIREN_LENGTH) or _check_fault(text)


def siret_fault(text: str) -> Fault | None:
    """The first thing wrong with `text` as a SIRET; None when it is one."""
    fault = _shape_fault(text, SIRET_LENGTH) or _check_fault(text[:SIREN_LENGTH])
    if fault:
        return fault
    fault = _check_fault(text)
    if fault and text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0:
        return None
    return fault


def check_digit(body: str) -> str:
    """The digit that makes `body`, all digits, followed by it obey Luhn's formula."""
    return str(-_luhn_sum(body + "0") % 10)


def _shape_fault(text: str, length: int) -> Fault | None:
    for position, sign in enumerate(text, start=1):
        if sign not in "0123456789":  # str.isdigit() takes ٣ and ² for digits
            return Fault(FaultKind.DIGITS, sign, "0-9", position)
    if len(text) != length:
        return Fault(FaultKind.LENGTH, str(len(text)), str(length))
    return None


def _check_fault(digits: str) -> Fault | None:
    expected = check_digit(digits[:-1])
    if digits[-1] == expected:
        return None
    return Fault(FaultKind.CHECK_DIGIT, digits[-1], expected, len(digits))


def _luhn_sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)  # noqa: PLR2004 - the sum of its two digits
    return total
