# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between each zone and its parent, in words, with what there is to do."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bastide.diagnostics import Language, Text
from bastide.verify.delegation import Delegation, State

STATES: dict[State, Text] = {
    "unsigned": Text("not signed", "non signée"),
    "coming": Text(
        "to be signed; the name servers show no key yet: bastide apply",
        "à signer ; les serveurs de noms ne montrent pas encore de clé : bastide apply",
    ),
    "give": Text(
        "signed, the parent has no DS: give the registrar one of these",
        "signée, le parent n'a pas de DS : donnez l'un de ceux-ci au bureau d'enregistrement",
    ),
    "secure": Text(
        "signed, and the parent has its DS", "signée, et le parent a son DS"
    ),
    "update": Text(
        "signed; the parent has other DS too: give the registrar these instead",
        "signée ; le parent a aussi d'autres DS : donnez plutôt ceux-ci au bureau d'enregistrement",
    ),
    "broken": Text(
        "the parent has a DS that fits no key: resolvers that validate see nothing of the domain."
        " Have the registrar withdraw it at once",
        "le parent a un DS qui ne va avec aucune clé : les résolveurs qui valident ne voient plus"
        " le domaine. Faites-le retirer tout de suite par le bureau d'enregistrement",
    ),
    "withdraw": Text(
        "leaving: the parent still has a DS; have the registrar withdraw it",
        "en partance : le parent a encore un DS ; faites-le retirer par le bureau d'enregistrement",
    ),
    "withdrawn": Text(
        "leaving: the parent has no DS any more. Once its TTL is over, `dnssec: false` may come",
        "en partance : le parent n'a plus de DS. Son TTL passé, `dnssec: false` peut être écrit",
    ),
    "held": Text(
        "`dnssec: false`, and signed still: bastide apply takes the signatures away when the"
        " parent has no DS",
        "`dnssec: false`, et encore signée : bastide apply retire les signatures quand le parent"
        " n'a pas de DS",
    ),
    "unknown": Text("not known: {trouble}", "inconnu : {trouble}"),
}  # fmt: skip
# Those that a person has to do something with wanted records for.
_SHOW_WANTED = frozenset({"give", "update"})


def as_text(found: Sequence[Delegation], language: Language) -> str:
    """For a terminal: a paragraph for each zone, the records as a registrar's form has them."""
    lines: list[str] = []
    for one in found:
        lines.append(f"{one.domain}  {one.file}:{one.line}")
        lines.append(f"  {STATES[one.state].format(language, {'trouble': one.trouble})}")
        if one.state in _SHOW_WANTED:
            lines += [f"    DS      {text}" for text in one.wanted]
            lines += [f"    DNSKEY  {text}" for text in one.keys]
        if one.parent and one.state != "secure":
            there = "parent" if language == "en" else "au parent"
            lines += [f"    {there}: DS {text}" for text in one.parent]
    return "\n".join([*lines, ""])


def as_json(found: Sequence[Delegation]) -> str:
    """``{"dnssec": [{"domain", "collectivity", "state", "ds", "dnskey", "parent", …}]}``."""
    entries = [
        {
            "domain": one.domain,
            "collectivity": one.collectivity,
            "state": one.state,
            "declared": one.declared,
            "ds": list(one.wanted),
            "dnskey": list(one.keys),
            "parent": None if one.parent is None else list(one.parent),
            "trouble": one.trouble,
            "file": one.file,
            "line": one.line,
        }
        for one in found
    ]
    return json.dumps({"dnssec": entries}, indent=1, ensure_ascii=False) + "\n"
