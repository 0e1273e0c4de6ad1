# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that every rendering of a plan uses."""

from __future__ import annotations

from bastide.diagnostics import Language, Text
from bastide.plan.plan import Breach, LeftAlone, Plan

SIGNS = {
    "create": "+",
    "update": "~",
    "rename": ">",
    "replace": "%",
    "restore": "^",
    "suspend": "!",
    "delete": "-",
}
ACTIONS = {
    "create": Text("to create", "à créer"),
    "update": Text("to change", "à changer"),
    "rename": Text("to rename", "à renommer"),
    "replace": Text("to hand over empty", "à remettre vide"),
    "restore": Text("to bring back", "à rétablir"),
    "suspend": Text("to suspend", "à suspendre"),
    "delete": Text("to remove", "à retirer"),
}
WHYS = {
    "unmarked": Text("it does not bear Bastide's mark", "il ne porte pas la marque de Bastide"),
    "other-owner": Text(
        "it bears the mark of another collectivity", "il porte la marque d'une autre collectivité"
    ),
    "maintenance": Text("it is in maintenance", "il est en maintenance"),
    "system": Text("the server made it for itself", "le serveur l'a fait pour lui-même"),
    "undeclared": Text("nobody declared it", "personne ne l'a déclaré"),
    "domain-gone": Text(
        "its domain left the file without `state: retired`",
        "son domaine a quitté le fichier sans `state: retired`",
    ),
    "collectivity-gone": Text(
        "its file left the repository without `state: retired`",
        "son fichier a quitté le dépôt sans `state: retired`",
    ),
}
LEVELS = {
    "zone": Text("zone {name}", "zone {name}"),
    "collectivity": Text("collectivity {name}", "collectivité {name}"),
    "run": Text("the whole run ({name})", "tout le passage ({name})"),
}


def headline(plan: Plan, language: Language) -> str:
    """``3 changes in 2 collectivities: 2 to create, 1 to suspend``."""
    count, slugs = len(plan.changes), len(plan.by_collectivity())
    if not count:
        return "No change." if language == "en" else "Aucun changement."
    parts = ", ".join(
        f"{number} {ACTIONS[action].format(language, {})}"
        for action, number in plan.totals.items()
        if number
    )
    if language == "fr":
        return f"{count} changement{_s(count)} dans {slugs} collectivité{_s(slugs)} : {parts}"
    units = "collectivity" if slugs == 1 else "collectivities"
    return f"{count} change{_s(count)} in {slugs} {units}: {parts}"


def why_left_alone(entry: LeftAlone, language: Language) -> str:
    """Why nothing touches it."""
    text = WHYS.get(entry.why)
    return text.format(language, {}) if text else entry.why


def breach_text(breach: Breach, language: Language) -> str:
    """What is over which limit, with the numbers."""
    name = LEVELS[breach.level].format(language, {"name": breach.name})
    if language == "fr":
        return (
            f"{name} : {breach.taken} sur {breach.existing} seraient suspendus ou retirés, "
            f"la limite est {breach.allowed} ({breach.share * 100:.0f} %, au moins {breach.floor})"
        )
    return (
        f"{name}: {breach.taken} of {breach.existing} would be suspended or removed, "
        f"the limit is {breach.allowed} ({breach.share:.0%}, at least {breach.floor})"
    )


def _s(count: int) -> str:
    return "" if count == 1 else "s"
