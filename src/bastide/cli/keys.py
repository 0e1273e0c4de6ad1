# SPDX-License-Identifier: GPL-3.0-or-later
"""How the DKIM keys of a mail host are shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bastide.diagnostics import Language, Text

_MADE = Text(
    "not yet given by every name server; the next apply looks again",
    "pas encore donnée par tous les serveurs de noms ; le prochain apply regardera",
)
_SEEN = Text(
    "published since {seen}; signs from {then} on, with the next apply",
    "publiée depuis {seen} ; signera à partir de {then}, au prochain apply",
)
_SIGNS = Text("signs since {signs}", "signe depuis {signs}")
_LEFT = Text(
    "signed until {left}; published until {then}, and the next apply",
    "a signé jusqu'à {left} ; publiée jusqu'à {then}, et au prochain apply",
)
_ASKED = Text("generation {number} is asked for", "la génération {number} est demandée")
_DOMAINS = Text("{count} domains are signed for", "{count} domaines signés")
_WAITING = Text(
    "not signed for: {domain}, whose CNAMEs do not lead to the keys (bastide explain {domain})",
    "pas signé : {domain}, dont les CNAME ne mènent pas aux clés (bastide explain {domain})",
)
_NOTHING = Text(
    "no keys yet; the next apply makes them", "pas de clés ; le prochain apply les fera"
)


def key_lines(host: str, said: dict[str, Any], language: Language) -> list[str]:
    """What `host` said: each generation with its selectors, and domains that wait."""
    wanted = said["wanted"]
    if not wanted:
        return [f"{host}  {_NOTHING.format(language, {})}"]
    asked = _ASKED.format(language, {"number": wanted["generation"]})
    lines = [f"{host}  {wanted['zone']}  {asked}"]
    for one in said["generations"]:
        names = " ".join(pair[one["place"] - 1] for pair in wanted["selectors"].values())
        lines.append(f"  {one['number']:>3}  {names}  {_state(one, wanted, language)}")
    lines.append(f"  {_DOMAINS.format(language, {'count': said['domains']})}")
    lines += [f"  {_WAITING.format(language, {'domain': one})}" for one in said["waiting"]]
    return lines


def _state(one: dict[str, Any], wanted: dict[str, Any], language: Language) -> str:
    facts = {key: _time(one[key]) for key in ("seen", "signs", "left") if one[key] is not None}
    if "left" in facts:
        return _LEFT.format(language, {**facts, "then": _time(one["left"] + wanted["grace"])})
    if "signs" in facts:
        return _SIGNS.format(language, facts)
    if "seen" in facts:
        return _SEEN.format(language, {**facts, "then": _time(one["seen"] + wanted["wait"])})
    return _MADE.format(language, {})


def _time(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
