# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an archive may take the place of the one that is served."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping

from comarquage.config import Limits
from comarquage.corpus import Corpus
from comarquage.messages import Finding, declare, found

_DATE = re.compile(rb"<dc:date[^>]*>(\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2})?)")
# What has a date of its own for the archive as a whole, the surest first.
_DATED = ("arborescence", "redirections", "menu", "idxDateModifImp", "datesMaj", "centresDeContact")

BROKEN = declare(
    "G030",
    "error",
    en="not readable XML: {why}",
    fr="XML illisible : {why}",
    hint_en="the archive is refused as a whole; what is served stays",
    hint_fr="l’archive est refusée en bloc ; ce qui est servi reste",
)
SHRUNK = declare(
    "G031",
    "error",
    en="{count} files {kind}, {before} expected",
    fr="{count} fichiers {kind}, {before} attendus",
    hint_en="limits.shrink_percent and limits.sheets say what is accepted",
    hint_fr="limits.shrink_percent et limits.sheets disent ce qui est accepté",
)
OLD = declare(
    "G032",
    "error",
    en="dated {date}, what is served is of {before}",
    fr="daté du {date}, ce qui est servi est du {before}",
    hint_en="to go back on purpose: refresh --allow-older",
    hint_fr="pour revenir en arrière volontairement : refresh --allow-older",
)
UNDATED = declare(
    "G033",
    "error",
    en="no index of this archive bears a date",
    fr="aucun index de cette archive ne porte de date",
    hint_en="is it the archive of the guide?",
    hint_fr="est-ce bien l’archive du guide ?",
)
DANGLING = declare(
    "G034",
    "error",
    en="{count} of {all} targets of links are missing, as {example}",
    fr="{count} cibles de liens sur {all} manquent, dont {example}",
    hint_en="limits.dangling_percent says what is accepted",
    hint_fr="limits.dangling_percent dit ce qui est accepté",
)
FOREIGN = declare(
    "G035",
    "error",
    en="{count} elements of {all} are unknown, as {example}",
    fr="{count} éléments inconnus sur {all}, dont {example}",
    hint_en="a new flux? the library must learn it first",
    hint_fr="un nouveau flux ? la bibliothèque doit d’abord l’apprendre",
)
NEW_WORDS = declare(
    "G036",
    "warning",
    en="unknown, shown as their text: {names}",
    fr="inconnus, affichés par leur texte : {names}",
    hint_en="nothing is lost; tell the maintainers",
    hint_fr="rien n’est perdu ; prévenir les mainteneurs",
)
MISSING = declare(
    "G037",
    "warning",
    en="{count} targets of links have no file: {names}",
    fr="{count} cibles de liens sans fichier : {names}",
    hint_en="they are linked to on service-public",
    hint_fr="les liens mènent à service-public",
)


def counts(files: Mapping[str, bytes]) -> dict[str, int]:
    """Sheets of an audience by kind: F, N, R."""
    letters = Counter(name[0] for name in files if name[1:].isdigit())
    return {letter: letters.get(letter, 0) for letter in "FNR"}


def shrunk(
    audience: str, now: Mapping[str, int], before: Mapping[str, int] | None, limits: Limits
) -> list[Finding]:
    """What an archive lacks beside the one before, or beside the least there can be."""
    if before is None:
        total = sum(now.values())
        if total >= limits.sheets:
            return []
        return [found(SHRUNK, audience, count=total, kind="F, N, R", before=limits.sheets)]
    return [
        found(SHRUNK, audience, count=now.get(kind, 0), kind=kind, before=count)
        for kind, count in before.items()
        if now.get(kind, 0) * 100 < count * (100 - limits.shrink_percent)
    ]


def date_of(files: Mapping[str, bytes]) -> str | None:
    """When an archive was made, as its indexes say (ISO, perhaps with a time); None for nobody."""
    for name in _DATED:
        data = files.get(name)
        match = _DATE.search(data, 0, 2000) if data is not None else None
        if match is not None:
            text = match[1].decode("ascii")
            try:
                dt.datetime.fromisoformat(text)
            except ValueError:
                continue
            return text
    return None


def dangling(corpus: Corpus, targets: int, limits: Limits) -> list[Finding]:
    """Links to sheets that are nowhere: a few are the source's, many a broken archive."""
    missing = sorted(corpus.missing)
    if not missing:
        return []
    names = ", ".join(f"{audience}/{name}" for audience, name in missing[:8])
    if len(missing) * 100 > targets * limits.dangling_percent:
        return [found(DANGLING, "links", count=len(missing), all=targets, example=names)]
    return [found(MISSING, "links", count=len(missing), names=names)]


def vocabulary(unknown: Counter[str], elements: int, limits: Limits) -> list[Finding]:
    """Elements that the table of rendering does not know."""
    count = sum(unknown.values())
    if not count:
        return []
    names = ", ".join(f"{name} ({number})" for name, number in unknown.most_common(8))
    if count * 100 > elements * limits.unknown_percent:
        return [found(FOREIGN, "vocabulary", count=count, all=elements, example=names)]
    return [found(NEW_WORDS, "vocabulary", names=names)]
