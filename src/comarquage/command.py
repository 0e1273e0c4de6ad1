# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m comarquage``: what a systemd timer and an operator run.

Exit codes: 0 done or fresh, 1 refused or stale, 2 wrong usage or configuration.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import locale
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from comarquage import config, directory, fetch, links, refresh, state
from comarquage.messages import Finding, Language, Refused

_TEXTS: dict[str, tuple[str, str]] = {
    "about": (
        "The national guide of rights and procedures: fetch, check, render.",
        "Le guide national des droits et démarches : télécharger, vérifier, mettre en page.",
    ),
    "refresh": ("bring the guide up to date", "mettre le guide à jour"),
    "status": (
        "say how old the guide is; exit code 1 when stale (72 h)",
        "dire l’âge du guide ; code de sortie 1 s’il est périmé (72 h)",
    ),
    "links": (
        "check the links that lead out of the guide, slowly",
        "vérifier, lentement, les liens qui sortent du guide",
    ),
    "directory": (
        "read the directory of public services",
        "lire l’annuaire des services publics",
    ),
    "read": ("{count} services of the directory", "{count} services de l’annuaire"),
    "no-directory": ("no [directory] in the configuration", "pas de [directory] configuré"),
    "config": ("configuration (TOML)", "configuration (TOML)"),
    "older": ("accept an archive older than what is served", "accepter une archive plus ancienne"),
    "json": ("print JSON", "écrire en JSON"),
    "delay": (
        "seconds between two requests to one host",
        "secondes entre deux requêtes à un même hôte",
    ),
    "made": ("{release}: {pages} pages", "{release} : {pages} pages"),
    "same": ("{release}: nothing new", "{release} : rien de nouveau"),
    "never": ("stale: never fetched", "périmé : jamais téléchargé"),
    "stale": (
        "stale: {hours:.0f} h since the last good run, {failures} failed since ({release})",
        "périmé : {hours:.0f} h depuis la dernière réussite, {failures} échecs depuis ({release})",
    ),
    "fresh": (
        "fresh: {hours:.0f} h since the last good run, {failures} failed since ({release})",
        "à jour : {hours:.0f} h depuis la dernière réussite, {failures} échecs depuis ({release})",
    ),
    "checked": (
        "{links} links checked, {broken} broken: {report}",
        "{links} liens vérifiés, {broken} rompus : {report}",
    ),
}


def language_of(environment: dict[str, str]) -> Language:
    """French where the locale is, English elsewhere."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name)
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    given = locale.getlocale()[0] or ""
    return "fr" if given.lower().startswith("fr") else "en"


class _Says:
    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **facts: object) -> str:
        english, french = _TEXTS[key]
        return (french if self.language == "fr" else english).format(**facts)

    def findings(self, found: Sequence[Finding]) -> None:
        for one in found:
            sys.stderr.write(one.line_of(self.language) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is returned."""
    say = _Says(language_of(dict(os.environ)))
    parser = argparse.ArgumentParser(prog="python -m comarquage", description=say("about"))
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("refresh", "status", "links", "directory"):
        sub = commands.add_parser(name, help=say(name), description=say(name))
        sub.add_argument("config", type=Path, help=say("config"))
        if name == "refresh":
            sub.add_argument("--allow-older", action="store_true", help=say("older"))
        elif name == "status":
            sub.add_argument("--json", action="store_true", help=say("json"))
        elif name == "links":
            sub.add_argument("--delay", type=float, default=2.0, help=say("delay"))
    given = parser.parse_args(arguments)
    loaded = config.load(given.config)
    if isinstance(loaded, list):
        say.findings(loaded)
        return 2
    try:
        if given.command == "refresh":
            return _refresh(loaded, say, allow_older=given.allow_older)
        if given.command == "status":
            return _status(loaded, say, as_json=given.json)
        if given.command == "directory":
            return _directory(loaded, say)
        return _links(loaded, say, given.delay)
    except Refused as refused:
        say.findings(refused.findings)
        return 1


def _refresh(given: config.Config, say: _Says, *, allow_older: bool) -> int:
    outcome = refresh.refresh(given, allow_older=allow_older)
    say.findings(outcome.findings)
    key = "made" if outcome.new else "same"
    line = say(key, release=outcome.release, pages=sum(outcome.pages.values()))
    sys.stdout.write(line + "\n")
    return 0


def _status(given: config.Config, say: _Says, *, as_json: bool) -> int:
    known = state.load(given.folder)
    served = refresh.current(given.folder)
    hours = known.hours(dt.datetime.now(dt.UTC)) if served is not None else None
    stale = hours is None or hours > state.STALE_HOURS
    if as_json:
        about = {
            "stale": stale,
            "hours": None if hours is None else round(hours, 1),
            "release": served.name if served is not None else None,
            "failures": known.failures,
            "findings": known.findings,
        }
        sys.stdout.write(json.dumps(about, ensure_ascii=False, sort_keys=True) + "\n")
        return int(stale)
    if hours is None:
        line = say("never")
    else:
        key = "stale" if stale else "fresh"
        release = served.name if served is not None else ""
        line = say(key, hours=hours, failures=known.failures, release=release)
    sys.stdout.write("\n".join([line, *known.findings]) + "\n")
    return int(stale)


def _links(given: config.Config, say: _Says, delay: float) -> int:
    report, counted, broken = links.check_all(given, delay=delay)
    sys.stdout.write(say("checked", links=counted, broken=broken, report=report) + "\n")
    return 0


def _directory(given: config.Config, say: _Says) -> int:
    if not given.directory:
        sys.stderr.write(say("no-directory") + "\n")
        return 2
    with refresh.locked(given.folder):
        archive = fetch.fetched(given, "directory", {})
        try:
            count = directory.store(archive.path, given.folder, given.communes)
        finally:
            if archive.path.name == "directory.new":
                archive.path.unlink(missing_ok=True)
    sys.stdout.write(say("read", count=count) + "\n")
    return 0
