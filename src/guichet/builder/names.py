# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of a definition are called in the interface: in French, to be said by `said`."""

from __future__ import annotations

from collections.abc import Mapping

from guichet.procedures.words import mark, say

KINDS = {
    "text": mark("Texte court"),
    "area": mark("Texte long"),
    "email": mark("Adresse électronique"),
    "phone": mark("Téléphone"),
    "date": mark("Date"),
    "number": mark("Nombre"),
    "choice": mark("Choix d’une réponse"),
    "choices": mark("Choix de plusieurs réponses"),
    "checkbox": mark("Case à cocher"),
    "address": mark("Adresse postale"),
    "file": mark("Fichier à joindre"),
    "identity": mark("Identité"),
    "period": mark("Période"),
    "position": mark("Lieu"),
    "information": mark("Texte d’information"),
}
TYPES = {
    "form": mark("Formulaire du guichet"),
    "link": mark("Lien vers un autre site"),
    "sheet": mark("Fiche du guide national"),
}
KEYS = {
    "type": mark("Type"),
    "title": mark("Titre"),
    "description": mark("Description"),
    "category": mark("Rubrique"),
    "audience": mark("Public"),
    "sheets": mark("Fiches nationales liées"),
    "sheet": mark("Fiche nationale"),
    "url": mark("Adresse de la démarche"),
    "service": mark("Service destinataire"),
    "legal_basis": mark("Textes de référence"),
    "purpose": mark("Finalité du traitement"),
    "delay": mark("Délai annoncé"),
    "silence": mark("Sens du silence"),
    "pieces": mark("Pièces à préparer"),
    "steps": mark("Étapes"),
    "retention_months": mark("Durée de conservation"),
    "mails": mark("Courriels"),
    "help": mark("Aide"),
    "when": mark("Condition"),
    "fields": mark("Questions"),
    "id": mark("Identifiant"),
    "label": mark("Intitulé"),
    "required": mark("Réponse obligatoire"),
    "max_length": mark("Longueur maximale"),
    "autocomplete": mark("Remplissage par le navigateur"),
    "contact": mark("Adresse de suivi"),
    "after": mark("Au plus tôt"),
    "before": mark("Au plus tard"),
    "min": mark("Minimum"),
    "max": mark("Maximum"),
    "decimals": mark("Décimales"),
    "unit": mark("Unité"),
    "choices": mark("Réponses proposées"),
    "accept": mark("Types de fichiers"),
    "max_megabytes": mark("Taille maximale"),
    "max_files": mark("Nombre de fichiers"),
    "ask": mark("Éléments demandés en plus"),
    "self": mark("La personne elle-même"),
}
MAILS = {
    "acknowledgement": mark("Accusé de réception"),
    "taken": mark("Prise en charge"),
    "waiting": mark("Complément demandé"),
    "accepted": mark("Acceptation"),
    "refused": mark("Refus"),
    "forwarded": mark("Transmission"),
    "closed": mark("Clôture"),
    "message": mark("Nouveau message"),
}
AUTOCOMPLETE = {
    "name": mark("Nom complet"),
    "given-name": mark("Prénom"),
    "family-name": mark("Nom de famille"),
    "organization": mark("Organisme"),
    "organization-title": mark("Fonction"),
    "bday": mark("Date de naissance"),
    "url": mark("Adresse de site"),
    "street-address": mark("Adresse"),
    "postal-code": mark("Code postal"),
    "address-level2": mark("Commune"),
    "country-name": mark("Pays"),
}


def said(names: Mapping[str, str]) -> dict[str, str]:
    """The same names in the language of the page."""
    return {key: say(name) for key, name in names.items()}
