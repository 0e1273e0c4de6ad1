# SPDX-License-Identifier: GPL-3.0-or-later
"""What can stand in the way of a new charter."""

from __future__ import annotations

from bastide.diagnostics import Severity, declare

UNKNOWN_COMMUNE = declare(
    "C701",
    Severity.ERROR,
    en="no commune bears the INSEE code “{code}”",
    fr="aucune commune ne porte le code INSEE « {code} »",
    hint_en="An INSEE code has five signs (46042, 2A004, 97105) and is no postal code.",
    hint_fr="Un code INSEE a cinq signes (46042, 2A004, 97105) et n'est pas un code postal.",
)

MEANT_ANOTHER = declare(
    "C702",
    Severity.ERROR,
    en="no commune bears the INSEE code “{code}”",
    fr="aucune commune ne porte le code INSEE « {code} »",
    hint_en="Did you mean {suggestions}?",
    hint_fr="Vouliez-vous dire {suggestions} ?",
)

FORMER_COMMUNE = declare(
    "C703",
    Severity.ERROR,
    en="“{code}” is the INSEE code of a former commune or of a ward",
    fr="« {code} » est le code INSEE d'une ancienne commune ou d'un arrondissement",
    hint_en="It now lies in {heirs}: use that code.",
    hint_fr="Commune d'aujourd'hui : {heirs} ; employez ce code.",
)

WITHOUT_SIREN = declare(
    "C704",
    Severity.ERROR,
    en="{name} ({code}) has no SIREN in the reference of {dated}",
    fr="{name} ({code}) n'a pas de SIREN dans la référence du {dated}",
    hint_en="A charter is known by its SIREN: write this one by hand once you have it.",
    hint_fr="Une charte se reconnaît à son SIREN : écrivez celle-ci à la main quand vous l'aurez.",
)

ALREADY_THERE = declare(
    "C705",
    Severity.WARNING,
    en="the file exists already and was left as it is",
    fr="le fichier existe déjà et n'a pas été touché",
    hint_en="Edit it, or move it away first if you want a new one.",
    hint_fr="Modifiez-le, ou déplacez-le d'abord si vous en voulez un nouveau.",
)

UNKNOWN_DEPARTMENT = declare(
    "C706",
    Severity.ERROR,
    en="no department bears the code “{code}”",
    fr="aucun département ne porte le code « {code} »",
    hint_en="A code has two signs (01, 2A, 46), or three overseas (971).",
    hint_fr="Un code a deux signes (01, 2A, 46), ou trois outre-mer (971).",
)

MEANT_ANOTHER_DEPARTMENT = declare(
    "C709",
    Severity.ERROR,
    en="no department bears the code “{code}”",
    fr="aucun département ne porte le code « {code} »",
    hint_en="Did you mean {suggestions}?",
    hint_fr="Vouliez-vous dire {suggestions} ?",
)

UNKNOWN_EPCI = declare(
    "C707",
    Severity.ERROR,
    en="no EPCI bears the SIREN “{siren}” in the reference of {dated}",
    fr="aucun EPCI ne porte le SIREN « {siren} » dans la référence du {dated}",
    hint_en="Syndicates, CCAS and management centres are not in it: write theirs by hand.",
    hint_fr="Syndicats, CCAS et centres de gestion n'y sont pas : écrivez la leur à la main.",
)

A_COMMUNES_SIREN = declare(
    "C710",
    Severity.ERROR,
    en="“{siren}” is the SIREN of {name}, which is a commune and no EPCI",
    fr="« {siren} » est le SIREN de {name}, qui est une commune et non un EPCI",
    hint_en="bastide new commune --insee {insee}",
    hint_fr="bastide new commune --insee {insee}",
)

NOT_WRITTEN = declare(
    "C708",
    Severity.ERROR,
    en="the file could not be written: {why}",
    fr="le fichier n'a pas pu être écrit : {why}",
    hint_en="Nothing of it is left behind; free the way and run the command again.",
    hint_fr="Il n'en reste rien ; levez l'obstacle et relancez la commande.",
)
