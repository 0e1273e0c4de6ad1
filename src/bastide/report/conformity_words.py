# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of every rendering of conformity."""

from __future__ import annotations

import functools

from bastide.conformity.criteria import VERSION
from bastide.conformity.evidence import Found
from bastide.conformity.grade import Basis, Mode, State
from bastide.conformity.table import ALL
from bastide.diagnostics import Language, Text

SIGNS: dict[State, str] = {"met": "✓", "failed": "✗", "unknown": "?"}
STATES: dict[State, Text] = {
    "met": Text("met", "satisfait"),
    "failed": Text("failed", "non satisfait"),
    "unknown": Text("unknown", "inconnu"),
}
BASES: dict[Basis, Text] = {
    "declared": Text("by the declaration", "par la déclaration"),
    "predicted": Text("predicted", "prévu"),
    "observed": Text("observed", "observé"),
}
MODES: dict[Mode, Text] = {
    "anct": Text("as the ANCT grades it", "comme l'ANCT le note"),
    "strict": Text("strict, by the RFCs", "strict, selon les RFC"),
}
BESIDE = Text("beside the RPNT", "hors RPNT")
NONE = Text("no grade", "aucun niveau")
GRADES = Text("grades", "niveaux")
MAY_BE = Text("perhaps", "peut-être")
SITE = Text("site", "site")
EMAIL = Text("e-mail", "adresse")
LETS_DOWN = Text("not as the charter wants it: {codes}", "pas comme la charte le veut : {codes}")
RECORDS = Text("records: {counts}", "enregistrements : {counts}")


def title(mode: Mode, *, observed: bool, language: Language) -> str:
    """``RPNT 0.2.1, as the ANCT grades it, predicted``."""
    basis = BASES["observed" if observed else "predicted"].format(language, {})
    return f"RPNT {VERSION}, {MODES[mode].format(language, {})}, {basis}"


@functools.lru_cache(maxsize=8192)
def text_of(found: Found, language: Language) -> str:
    """What is wrong or unknown."""
    return ALL[found.issue].text.format(language, dict(found.facts))


@functools.lru_cache(maxsize=8192)
def fix_of(found: Found, language: Language) -> str:
    """What to do about it."""
    return ALL[found.issue].fix.format(language, dict(found.facts))
