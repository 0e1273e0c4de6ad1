# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on each criterion and the six grades, in both modes.

``anct`` grades as the ANCT's checker does, its quirks included; ``strict`` by the text of the
RPNT and the RFCs.  A verdict is ``met``, ``failed`` or ``unknown``; so is a grade.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from bastide.conformity.criteria import DECLARED, ESSENTIAL, RPNT, SITE, TITLES
from bastide.conformity.declared import Owner, find_declared
from bastide.conformity.evidence import Basis as EvidenceBasis
from bastide.conformity.evidence import Evidence, Found, MailDns, Why
from bastide.conformity.generic import Generic
from bastide.conformity.mail import find_mail
from bastide.conformity.table import ALL
from bastide.conformity.web import find_web

Mode = Literal["anct", "strict"]
State = Literal["met", "failed", "unknown"]
Basis = Literal["declared", "predicted", "observed"]

GRADES = ("1.a", "1.aa", "2.a", "2.aa", "a", "aa")
_MAIL_CODES = frozenset(code for code in RPNT if code.startswith("2."))
_ESSENTIAL_MAIL = ESSENTIAL & _MAIL_CODES
# 1.6 is essential by the text, and not asked for `a` by the checker; 2.5 is the other way round.
_ANCT: dict[str, frozenset[str]] = {
    "1.a": ESSENTIAL & SITE,
    "1.aa": SITE,
    "2.a": _ESSENTIAL_MAIL | {"2.5"},
    "2.aa": _MAIL_CODES,
    "a": (ESSENTIAL | {"2.5"}) - {"1.6"},
    "aa": frozenset(RPNT),
}
_STRICT: dict[str, frozenset[str]] = {**_ANCT, "2.a": _ESSENTIAL_MAIL, "a": ESSENTIAL}

# Without a site to compare with, 2.3 is not held against the mail; the checker goes further.
_NO_SITE = {"WEBSITE_MISSING", "WEBSITE_MALFORMED"}
_NO_SITE_TO_ANCT = {
    *_NO_SITE,
    "WEBSITE_DOMAIN_EXTENSION",
    "WEBSITE_DOMAIN_IDNA",
    "WEBSITE_DOMAIN_GENERIC",
    "WEBSITE_DOMAIN_OTHER_ORG",
}
_BAD_EMAIL_DOMAIN = {"EMAIL_DOMAIN_EXTENSION", "EMAIL_DOMAIN_IDNA"}


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """State of each criterion, those beside the RPNT included, and of each grade.

    The same issues give the same object, so that what follows from it can be kept by identity.
    """

    criteria: Mapping[str, State]
    grades: Mapping[str, State]


class Report(NamedTuple):
    """What was found about one collectivity, and what follows from it."""

    mode: Mode
    evidence: Evidence
    found: tuple[Found, ...]
    verdicts: Verdicts

    @property
    def best(self) -> str:
        """The best grade of all: ``aa``, ``a``, those of a half (``1.aa 2.a``), or nothing."""
        return _best(self.verdicts)

    def of(self, code: str) -> list[Found]:
        """What blocks one criterion, what is sure before what is not known."""
        return sorted(
            (one for one in self.found if code in ALL[one.issue].blocks),
            key=lambda one: not one.raised,
        )

    def basis(self, code: str) -> Basis:
        """How the state of a criterion is known."""
        return basis_of(code, self.evidence.basis)


def basis_of(code: str, basis: EvidenceBasis) -> Basis:
    """How a state is known where the evidence is on `basis`."""
    return "declared" if code in DECLARED else basis


def nobody(domain: str) -> str | None:  # noqa: ARG001 - the signature of Owner
    """No other collectivity holds any domain."""
    return None


def grade(
    evidence: Evidence, mode: Mode, generic: Generic | None = None, owner: Owner = nobody
) -> Report:
    """Judge `evidence`; `owner` tells whose else a domain is."""
    strict = mode == "strict"
    declared = evidence.declared
    found = list(find_declared(declared, generic or Generic(), owner))
    blocked = {one.issue for one in found}
    # As the checker, which asks nothing about what the annuaire does not accept.
    if blocked.isdisjoint({*_NO_SITE, "WEBSITE_DOMAIN_GENERIC", "WEBSITE_DOMAIN_OTHER_ORG"}):
        web = evidence.web
        if isinstance(web, Why):
            found.append(_unknown(web))
        else:
            found += find_web(declared.site, web, strict=strict)
    if blocked.isdisjoint({"EMAIL_MISSING", "EMAIL_MALFORMED"}):
        mail = evidence.mail
        if isinstance(mail, MailDns):
            found += find_mail(mail, strict=strict)
        else:
            found.append(_unknown(mail))
    found += evidence.beside
    key = tuple((one.issue, one.raised) for one in found)
    return Report(mode, evidence, tuple(found), _verdicts(mode, key))


def _unknown(why: Why) -> Found:
    return Found(why.reason, raised=False, facts=(("name", why.name),))


@functools.lru_cache(maxsize=4096)
def _verdicts(mode: Mode, found: tuple[tuple[str, bool], ...]) -> Verdicts:
    criteria: dict[str, State] = dict.fromkeys(TITLES, "met")
    for issue, raised in found:
        for code in ALL[issue].blocks:
            if raised:
                criteria[code] = "failed"
            elif criteria[code] == "met":
                criteria[code] = "unknown"
    issues = {issue for issue, raised in found if raised}
    groups = _STRICT if mode == "strict" else _ANCT
    if issues & (_NO_SITE if mode == "strict" else _NO_SITE_TO_ANCT) and not (
        issues & _BAD_EMAIL_DOMAIN
    ):
        groups = {**groups, "2.a": groups["2.a"] - {"2.3"}, "2.aa": groups["2.aa"] - {"2.3"}}
    grades: dict[str, State] = {
        name: _worst([criteria[code] for code in groups[name]]) for name in GRADES
    }
    return Verdicts(MappingProxyType(criteria), MappingProxyType(grades))


def _worst(states: list[State]) -> State:
    if "failed" in states:
        return "failed"
    return "unknown" if "unknown" in states else "met"


@functools.lru_cache(maxsize=4096)
def _best(verdicts: Verdicts) -> str:
    return best_of(verdicts.grades)


def best_of(grades: Mapping[str, State]) -> str:
    """The best grades that are met: of all, else of each half."""
    met = [name for name in GRADES if grades[name] == "met"]
    for whole in ("aa", "a"):
        if whole in met:
            return whole
    halves = (("1.aa", "1.a"), ("2.aa", "2.a"))
    return " ".join(
        next(name for name in half if name in met) for half in halves if {*half} & {*met}
    )


def possible_of(grades: Mapping[str, State]) -> str:
    """The best grades that are not ruled out; empty when they are those that are met."""
    hoped: dict[str, State] = {
        name: "met" if state == "unknown" else state for name, state in grades.items()
    }
    possible = best_of(hoped)
    return "" if possible == best_of(grades) else possible
