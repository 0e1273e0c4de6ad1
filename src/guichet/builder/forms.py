# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of the builder: which entries stand for a procedure, a mail, a step, a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guichet.builder.entries import (
    Amount,
    Block,
    Choices,
    Day,
    Entry,
    Flag,
    Lines,
    Many,
    One,
    Whole,
    demanded,
    said,
)
from guichet.builder.names import AUTOCOMPLETE, KEYS, MAILS
from guichet.procedures.categories import CATEGORIES
from guichet.procedures.kinds import KINDS
from guichet.procedures.words import mark, say

_AREA = {"rows": "4"}
_EMAIL = r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"
_SHEET = r"[FNR][0-9]{1,6}"
_URL = r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[^\s<>\"]*)?"

TITLE = Entry("title", KEYS["title"], required=True)
_FACTS: tuple[Entry, ...] = (
    TITLE,
    Block(
        "description",
        KEYS["description"],
        mark("Une ou deux phrases pour qui cherche la démarche."),
        most=1000,
        widget="textarea",
        attributes=_AREA,
    ),
    One("category", KEYS["category"], widget="select", choices=tuple(CATEGORIES.items())),
    One(
        "audience",
        KEYS["audience"],
        widget="select",
        choices=(
            ("particuliers", mark("Particuliers")),
            ("professionnels", mark("Professionnels")),
        ),
    ),
    Lines(
        "sheets",
        KEYS["sheets"],
        mark("Fiches de service-public.gouv.fr, une par ligne. Exemple : F1427"),
        pattern=_SHEET,
        expected=mark("Une fiche est une lettre F, N ou R suivie de chiffres. Exemple : F1427"),
        widget="textarea",
        attributes={"rows": "3"},
    ),
    Entry("service.name", mark("Service destinataire")),
    Entry(
        "service.email",
        mark("Courriel du service"),
        mark("Il est prévenu de chaque demande. Exemple : nom@exemple.fr"),
        most=254,
        pattern=_EMAIL,
        expected=mark("Cette adresse n’est pas valide. Exemple : nom@exemple.fr"),
    ),
    Entry("service.phone", mark("Téléphone du service"), most=30),
    Entry("service.address", mark("Adresse du service"), most=300),
    Entry("delay", KEYS["delay"], mark("Exemple : réponse sous dix jours ouvrés."), most=300),
    Lines(
        "pieces",
        KEYS["pieces"],
        mark("Ce qu’il faut avoir sous la main, une pièce par ligne."),
        most=500,
        widget="textarea",
        attributes=_AREA,
    ),
    Lines(
        "legal_basis",
        KEYS["legal_basis"],
        mark("Un texte par ligne. Exemple : code civil, article 101-1"),
        widget="textarea",
        attributes={"rows": "3"},
    ),
)
_FORM = (
    Block(
        "purpose",
        KEYS["purpose"],
        mark("À quoi servent les données personnelles demandées (RGPD, article 13)."),
        required=True,
        most=500,
        widget="textarea",
        attributes={"rows": "3"},
    ),
    Whole(
        "retention_months",
        mark("Durée de conservation, en mois"),
        mark("À compter de la clôture de la demande ; elle est ensuite effacée. Exemple : 12"),
        required=True,
        most=1200,
        attributes={"inputmode": "numeric"},
    ),
    One(
        "silence.means",
        mark("Sens du silence de l’administration"),
        mark(
            "Articles L231-1 et suivants du code des relations entre le public et l’administration."
        ),
        widget="select",
        choices=(
            ("acceptance", mark("Le silence vaut acceptation")),
            ("refusal", mark("Il vaut rejet")),
        ),
    ),
    Whole(
        "silence.after_months",
        mark("Délai du silence, en mois"),
        most=24,
        attributes={"inputmode": "numeric"},
    ),
)
_URL_ENTRY = Entry(
    "url",
    KEYS["url"],
    mark("Exemple : https://www.exemple.fr/demarche"),
    required=True,
    most=500,
    pattern=_URL,
    expected=mark("Cette adresse doit commencer par https://. Exemple : https://www.exemple.fr/"),
)
_SHEET_ENTRY = Entry(
    "sheet",
    KEYS["sheet"],
    mark("Exemple : F1427"),
    required=True,
    pattern=_SHEET,
    expected=mark("Une fiche est une lettre F, N ou R suivie de chiffres. Exemple : F1427"),
)


HEADINGS = {
    "title": mark("Présentation"),
    "service.name": mark("Service"),
    "delay": mark("Déroulement"),
    "purpose": mark("Données personnelles"),
    "silence.means": mark("Silence de l’administration"),
    "url": mark("Où elle se fait"),
    "sheet": mark("Fiche du guide national"),
}


def facts(kind: str) -> tuple[Entry, ...]:
    """What is asked about a procedure of a type."""
    own = {"form": _FORM, "link": (_URL_ENTRY,), "sheet": (_SHEET_ENTRY,)}[kind]
    return tuple(said(one) for one in _FACTS + own)


def mails() -> tuple[Entry, ...]:
    """Subject and body for each occasion."""
    made: list[Entry] = []
    for occasion, name in MAILS.items():
        made += [
            Entry(f"mails.{occasion}.subject", say("%(name)s : objet", name=say(name))),
            Block(
                f"mails.{occasion}.body",
                say("%(name)s : texte", name=say(name)),
                most=5000,
                widget="textarea",
                attributes={"rows": "5"},
            ),
        ]
    return tuple(made)


_STEP: tuple[Entry, ...] = (
    demanded(TITLE),
    Block(
        "help",
        mark("Aide"),
        mark("Un texte en haut de la page."),
        most=1000,
        widget="textarea",
        attributes={"rows": "3"},
    ),
)


def step() -> tuple[Entry, ...]:
    """What is asked about a step."""
    return tuple(said(one) for one in _STEP)


_DIGITS = {"inputmode": "numeric"}
_OPTIONS: dict[str, Entry] = {
    "max_length": Whole(
        "max_length", mark("Longueur maximale, en caractères"), most=10_000, attributes=_DIGITS
    ),
    "autocomplete": One(
        "autocomplete",
        KEYS["autocomplete"],
        mark("Seulement si la question porte sur la personne qui remplit le formulaire."),
        widget="select",
        choices=tuple(AUTOCOMPLETE.items()),
    ),
    "contact": Flag(
        "contact",
        mark("C’est à cette adresse que le lien de suivi est envoyé"),
        mark("Une question et une seule doit l’être, obligatoire et sans condition."),
        widget="checkbox",
    ),
    "after": Day("after", KEYS["after"], mark("« aujourd’hui », ou une date : jj/mm/aaaa")),
    "before": Day("before", KEYS["before"], mark("« aujourd’hui », ou une date : jj/mm/aaaa")),
    "min": Amount("min", KEYS["min"], attributes={"inputmode": "decimal"}),
    "max": Amount("max", KEYS["max"], attributes={"inputmode": "decimal"}),
    "decimals": Flag("decimals", mark("Décimales permises"), widget="checkbox"),
    "unit": Entry("unit", KEYS["unit"], mark("Exemple : m²"), most=20),
    "choices": Choices(
        "choices",
        KEYS["choices"],
        mark(
            "Une réponse par ligne. Devant « | », le nom technique dont les conditions se servent "
            ": gardez-le quand vous changez l’intitulé ; une nouvelle ligne peut s’en passer."
        ),
        required=True,
        widget="textarea",
        attributes={"rows": "8"},
    ),
    "accept": Many(
        "accept",
        mark("Types de fichiers acceptés"),
        mark("Sans choix : PDF, JPEG et PNG."),
        widget="checkboxes",
        choices=tuple((one, one.upper()) for one in ("pdf", "jpeg", "png", "odt", "docx")),
    ),
    "max_megabytes": Whole(
        "max_megabytes", mark("Taille maximale d’un fichier, en Mo"), most=10, attributes=_DIGITS
    ),
    "max_files": Whole(
        "max_files", mark("Nombre maximal de fichiers"), most=10, attributes=_DIGITS
    ),
    "ask": Many(
        "ask",
        mark("Demander aussi"),
        widget="checkboxes",
        choices=(
            ("used", mark("Le nom d’usage")),
            ("born_on", mark("La date de naissance")),
            ("born_at", mark("Le lieu de naissance")),
        ),
    ),
    "self": Flag(
        "self",
        mark("Il s’agit de la personne qui remplit le formulaire"),
        mark("Le navigateur peut alors proposer ses propres nom et prénom."),
        widget="checkbox",
    ),
}
_ORDER = tuple(_OPTIONS)
_ID = Entry(
    "id",
    mark("Identifiant technique"),
    mark("Nom de la colonne dans les exports et les conditions : minuscules, chiffres et « _ »."),
    required=True,
    most=40,
    pattern=r"(?!csrfmiddlewaretoken\Z)[a-z][a-z0-9_]*",
    expected=mark(
        "Minuscules sans accent, chiffres et « _ », une lettre d’abord. Exemple : date_visite"
    ),
)


def field(one: Mapping[str, Any]) -> tuple[Entry, ...]:
    """What is asked about a field: what all have, then the options of its kind."""
    kind = KINDS[one["type"]]
    told = kind.name == "information"
    common: list[Entry] = [
        Entry("label", mark("Titre du texte") if told else KEYS["label"], required=True, most=300),
        Block(
            "help",
            mark("Texte") if told else mark("Aide"),
            "" if told else mark("Ce qui aide à répondre, sous l’intitulé."),
            most=2000,
            widget="textarea",
            attributes={"rows": "3"},
        ),
    ]
    if not told:
        common.append(Flag("required", KEYS["required"], widget="checkbox"))
    asked = (*common, *[_OPTIONS[key] for key in _ORDER if key in kind.options], _ID)
    return tuple(said(one) for one in asked)
