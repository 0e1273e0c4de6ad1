# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may spend, and how much: never a merge request, and never without a ceiling.

Whoever opens a merge request chooses what its pipeline runs; what spends money runs from the
protected branch, after somebody has approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bastide.diagnostics import RefusedBySafety, Severity, declare, diagnose
from bastide.model import Platform

FROM_A_MERGE_REQUEST = declare(
    "A620",
    Severity.ERROR,
    en="this pipeline runs for a merge request ({variable}={value}): nothing is ordered from it",
    fr="ce pipeline tourne pour une demande de fusion ({variable}={value}) : rien n'y est commandé",
    hint_en="run it on the protected branch, by a schedule; `--check` shows what would be done",
    hint_fr="lancez-le sur la branche protégée, par un planning ; `--check` montre ce qui serait "
    "fait",
)
NO_CEILING = declare(
    "A621",
    Severity.ERROR,
    en="platform.yml has no price ceiling, so nothing is ordered",
    fr="platform.yml n'a pas de plafond de prix, donc rien n'est commandé",
    hint_en="write registrars: {{price_ceiling: 15}}, the most that one order may cost before tax",
    hint_fr="écrivez registrars: {{price_ceiling: 15}}, le prix maximal d'une commande hors taxe",
)

# GitLab and GitHub name the kind of pipeline here.
_MERGE_REQUESTS: Mapping[str, frozenset[str]] = {
    "CI_PIPELINE_SOURCE": frozenset({"merge_request_event", "external_pull_request_event"}),
    "GITHUB_EVENT_NAME": frozenset(
        {"pull_request", "pull_request_target", "pull_request_review", "merge_group"}
    ),
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """Euros before tax: the most for one order, and for all of a run (None: no limit)."""

    order: Decimal
    run: Decimal | None


def allowance(
    platform: Platform, environ: Mapping[str, str], asked: Decimal | None = None
) -> Allowance:
    """What may be spent here; ``RefusedBySafety`` when that is nothing.

    `asked` may only lower the ceiling of platform.yml, which others have approved.
    """
    for variable, values in _MERGE_REQUESTS.items():
        value = environ.get(variable, "")
        if value in values:
            facts = diagnose(FROM_A_MERGE_REQUEST, "", variable=variable, value=value)
            raise RefusedBySafety(facts)
    ceiling = platform.registrars.price_ceiling
    if ceiling is None:
        raise RefusedBySafety(diagnose(NO_CEILING, platform.file, path="registrars"))
    return Allowance(
        ceiling if asked is None else min(ceiling, asked), platform.registrars.run_ceiling
    )
