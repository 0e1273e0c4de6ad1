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
)
from guichet.builder.names import AUTOCOMPLETE, CATEGORIES, KEYS, MAILS
from guichet.procedures.kinds import KINDS

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
        "Une ou deux phrases pour qui cherche la démarche.",
        most=1000,
        widget="textarea",
        attributes=_AREA,
    ),
    One("category", KEYS["category"], widget="select", choices=tuple(CATEGORIES.items())),
    One(
        "audience",
        KEYS["audience"],
        widget="select",
        choices=(("particuliers", "Particuliers"), ("professionnels", "Professionnels")),
    ),
    Lines(
        "sheets",
        KEYS["sheets"],
        "Fiches de service-public.gouv.fr, une par ligne. Exemple : F1427",
        pattern=_SHEET,
        expected="Une fiche est une lettre F, N ou R suivie de chiffres. Exemple : F1427",
        widget="textarea",
        attributes={"rows": "3"},
    ),
    Entry("service.name", "Service destinataire"),
    Entry(
        "service.email",
        "Courriel du service",
        "Il est prévenu de chaque demande. Exemple : nom@exemple.fr",
        most=254,
        pattern=_EMAIL,
        expected="Cette adresse n’est pas valide. Exemple : nom@exemple.fr",
    ),
    Entry("service.phone", "Téléphone du service", most=30),
    Entry("service.address", "Adresse du service", most=300),
    Entry("delay", KEYS["delay"], "Exemple : réponse sous dix jours ouvrés.", most=300),
    Lines(
        "pieces",
        KEYS["pieces"],
        "Ce qu’il faut avoir sous la main, une pièce par ligne.",
        most=500,
        widget="textarea",
        attributes=_AREA,
    ),
    Lines(
        "legal_basis",
        KEYS["legal_basis"],
        "Un texte par ligne. Exemple : code civil, article 101-1",
        widget="textarea",
        attributes={"rows": "3"},
    ),
)
_FORM = (
    Block(
        "purpose",
        KEYS["purpose"],
        "À quoi servent les données personnelles demandées (RGPD, article 13).",
        required=True,
        most=500,
        widget="textarea",
        attributes={"rows": "3"},
    ),
    Whole(
        "retention_months",
        "Durée de conservation, en mois",
        "À compter de la clôture de la demande ; elle est ensuite effacée. Exemple : 12",
        required=True,
        most=1200,
        attributes={"inputmode": "numeric"},
    ),
    One(
        "silence.means",
        "Sens du silence de l’administration",
        "Articles L231-1 et suivants du code des relations entre le public et l’administration.",
        widget="select",
        choices=(("acceptance", "Le silence vaut acceptation"), ("refusal", "Il vaut rejet")),
    ),
    Whole(
        "silence.after_months",
        "Délai du silence, en mois",
        most=24,
        attributes={"inputmode": "numeric"},
    ),
)
_URL_ENTRY = Entry(
    "url",
    KEYS["url"],
    "Exemple : https://www.exemple.fr/demarche",
    required=True,
    most=500,
    pattern=_URL,
    expected="Cette adresse doit commencer par https://. Exemple : https://www.exemple.fr/",
)
_SHEET_ENTRY = Entry(
    "sheet",
    KEYS["sheet"],
    "Exemple : F1427",
    required=True,
    pattern=_SHEET,
    expected="Une fiche est une lettre F, N ou R suivie de chiffres. Exemple : F1427",
)


HEADINGS = {
    "title": "Présentation",
    "service.name": "Service",
    "delay": "Déroulement",
    "purpose": "Données personnelles",
    "silence.means": "Silence de l’administration",
    "url": "Où elle se fait",
    "sheet": "Fiche du guide national",
}


def facts(kind: str) -> tuple[Entry, ...]:
    """What is asked about a procedure of a type."""
    return _FACTS + {"form": _FORM, "link": (_URL_ENTRY,), "sheet": (_SHEET_ENTRY,)}[kind]


def mails() -> tuple[Entry, ...]:
    """Subject and body for each occasion."""
    made: list[Entry] = []
    for occasion, name in MAILS.items():
        made += [
            Entry(f"mails.{occasion}.subject", f"{name} : objet"),
            Block(
                f"mails.{occasion}.body",
                f"{name} : texte",
                most=5000,
                widget="textarea",
                attributes={"rows": "5"},
            ),
        ]
    return tuple(made)


STEP: tuple[Entry, ...] = (
    demanded(TITLE),
    Block(
        "help",
        "Aide",
        "Un texte en haut de la page.",
        most=1000,
        widget="textarea",
        attributes={"rows": "3"},
    ),
)
_DIGITS = {"inputmode": "numeric"}
_OPTIONS: dict[str, Entry] = {
    "max_length": Whole(
        "max_length", "Longueur maximale, en caractères", most=10_000, attributes=_DIGITS
    ),
    "autocomplete": One(
        "autocomplete",
        KEYS["autocomplete"],
        "Seulement si la question porte sur la personne qui remplit le formulaire.",
        widget="select",
        choices=tuple(AUTOCOMPLETE.items()),
    ),
    "contact": Flag(
        "contact",
        "C’est à cette adresse que le lien de suivi est envoyé",
        "Une question et une seule doit l’être, obligatoire et sans condition.",
        widget="checkbox",
    ),
    "after": Day("after", KEYS["after"], "« aujourd’hui », ou une date : jj/mm/aaaa"),
    "before": Day("before", KEYS["before"], "« aujourd’hui », ou une date : jj/mm/aaaa"),
    "min": Amount("min", KEYS["min"], attributes={"inputmode": "decimal"}),
    "max": Amount("max", KEYS["max"], attributes={"inputmode": "decimal"}),
    "decimals": Flag("decimals", "Décimales permises", widget="checkbox"),
    "unit": Entry("unit", KEYS["unit"], "Exemple : m²", most=20),
    "choices": Choices(
        "choices",
        KEYS["choices"],
        "Une réponse par ligne. Devant « | », le nom technique dont les conditions se servent : "
        "gardez-le quand vous changez l’intitulé ; une nouvelle ligne peut s’en passer.",
        required=True,
        widget="textarea",
        attributes={"rows": "8"},
    ),
    "accept": Many(
        "accept",
        "Types de fichiers acceptés",
        "Sans choix : PDF, JPEG et PNG.",
        widget="checkboxes",
        choices=tuple((one, one.upper()) for one in ("pdf", "jpeg", "png", "odt", "docx")),
    ),
    "max_megabytes": Whole(
        "max_megabytes", "Taille maximale d’un fichier, en Mo", most=10, attributes=_DIGITS
    ),
    "max_files": Whole("max_files", "Nombre maximal de fichiers", most=10, attributes=_DIGITS),
    "ask": Many(
        "ask",
        "Demander aussi",
        widget="checkboxes",
        choices=(
            ("used", "Le nom d’usage"),
            ("born_on", "La date de naissance"),
            ("born_at", "Le lieu de naissance"),
        ),
    ),
    "self": Flag(
        "self",
        "Il s’agit de la personne qui remplit le formulaire",
        "Le navigateur peut alors proposer ses propres nom et prénom.",
        widget="checkbox",
    ),
}
_ORDER = tuple(_OPTIONS)
_ID = Entry(
    "id",
    "Identifiant technique",
    "Nom de la colonne dans les exports et les conditions : minuscules, chiffres et « _ ».",
    required=True,
    most=40,
    pattern=r"(?!csrfmiddlewaretoken\Z)[a-z][a-z0-9_]*",
    expected="Minuscules sans accent, chiffres et « _ », une lettre d’abord. Exemple : date_visite",
)


def field(one: Mapping[str, Any]) -> tuple[Entry, ...]:
    """What is asked about a field: what all have, then the options of its kind."""
    kind = KINDS[one["type"]]
    told = kind.name == "information"
    common: list[Entry] = [
        Entry("label", "Titre du texte" if told else KEYS["label"], required=True, most=300),
        Block(
            "help",
            "Texte" if told else "Aide",
            "" if told else "Ce qui aide à répondre, sous l’intitulé.",
            most=2000,
            widget="textarea",
            attributes={"rows": "3"},
        ),
    ]
    if not told:
        common.append(Flag("required", KEYS["required"], widget="checkbox"))
    return (*common, *[_OPTIONS[key] for key in _ORDER if key in kind.options], _ID)
