# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk's own mails, and the legal mentions of an acknowledgement; English is in the catalogue.

The mentions follow CRPA L112-3, L112-11, R112-5 and R112-11-1 as they are understood here;
docs/desk.md says that a lawyer has to check them for each collectivity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from guichet.language import FRENCH, current, show_moment, worded
from guichet.models import Request
from guichet.procedures.words import Foreign, mark

_HELLO = "Bonjour,\n\n"
_FOLLOW = "\n\nSuivre votre demande et nous écrire : {link}"
_KEEP = "\nCe lien est personnel : ne le transmettez à personne."

BINDING = mark("Seul le texte français, qui suit, fait foi.")

OCCASIONS: dict[str, dict[str, str]] = {
    "acknowledgement": {
        "subject": "Demande {number} reçue : {title}",
        "body": _HELLO
        + "Votre demande « {title} » a bien été reçue par {town}. Elle porte le numéro {number}."
        + _FOLLOW
        + _KEEP,
    },
    "taken": {
        "subject": "Demande {number} prise en charge",
        "body": _HELLO
        + "Votre demande « {title} » (n° {number}) est prise en charge par : {service}."
        + "\n\n{text}"
        + _FOLLOW,
    },
    "waiting": {
        "subject": "Demande {number} : votre réponse est attendue",
        "body": _HELLO
        + "Pour traiter votre demande « {title} » (n° {number}), il nous manque :\n\n{text}"
        + _FOLLOW,
    },
    "accepted": {
        "subject": "Demande {number} acceptée",
        "body": _HELLO
        + "Votre demande « {title} » (n° {number}) est acceptée.\n\n{text}"
        + _FOLLOW,
    },
    "refused": {
        "subject": "Demande {number} : réponse",
        "body": _HELLO
        + "Votre demande « {title} » (n° {number}) n’a pas pu être acceptée, pour "
        + "le motif suivant :"
        + "\n\n{text}\n\nVous pouvez contester cette décision dans les deux mois auprès de {town} "
        + "(recours gracieux) ou du tribunal administratif (www.telerecours.fr)."
        + _FOLLOW,
    },
    "forwarded": {
        "subject": "Demande {number} transmise",
        "body": _HELLO
        + "Votre demande « {title} » (n° {number}) a été transmise :\n\n{text}"
        + _FOLLOW,
    },
    "closed": {
        "subject": "Demande {number} close",
        "body": _HELLO + "Votre demande « {title} » (n° {number}) est close.\n\n{text}" + _FOLLOW,
    },
    "link": {
        "subject": "Demande {number} : votre lien de suivi",
        "body": _HELLO
        + "Voici le lien de suivi de votre demande « {title} » (n° {number}) :\n{link}"
        + _KEEP,
    },
    "message": {
        "subject": "Demande {number} : nouveau message",
        "body": _HELLO
        + "À propos de votre demande « {title} » (n° {number}) :\n\n{text}"
        + _FOLLOW,
    },
}


def fill(template: str, facts: Mapping[str, str]) -> str:
    """A template with its facts; a placeholder nobody knows stays as it is.

    No attribute and no format is looked at: str.format would reach into objects.
    """
    text = re.sub(r"\{([a-z]+)\}", lambda found: facts.get(found[1], found[0]), template)
    return re.sub(r"\n{3,}", "\n\n", text)


def mentions(request: Request, town: str) -> list[str]:
    """The legal mentions in the language of the moment, and in French as well.

    French is the language of the administration (Constitution, art. 2), and periods for an appeal
    hang on these words: a translation helps to read them and is never all that somebody was told.
    """
    definition = request.version.definition
    said = legal_mentions(worded(definition), request, town)
    if current() == FRENCH:
        return said
    with override(FRENCH):
        original = legal_mentions(definition, request, town)
    return [*said, _(BINDING), *(Foreign(one) for one in original)]


def legal_mentions(definition: Mapping[str, Any], request: Request, town: str) -> list[str]:
    """What an acknowledgement of receipt has to say, each a paragraph."""
    service = definition.get("service", {})
    name = service.get("name", town)
    reach = ", ".join(text for text in (service.get("email"), service.get("phone")) if text)
    received = _(
        "Reçue par voie électronique le %(moment)s. Le présent accusé de réception est établi en "
        "application des articles L112-11 et R112-11-1 du code des relations entre le public et "
        "l’administration."
    ) % {"moment": show_moment(request.filed_at)}
    facts = {"service": f"{name}, {town}" + (f" ({reach})" if reach else "")}
    charged = _("Service chargé du dossier : %(service)s.") % facts
    return [received, charged, *_silence(definition, town), *_personal_data(definition)]


def _silence(definition: Mapping[str, Any], town: str) -> list[str]:
    silence = definition.get("silence")
    if not silence:
        return []
    months = silence["after_months"]
    if silence["means"] == "acceptance":
        end = ngettext(
            "Sans réponse au terme d’un délai de %(months)d mois à compter de cette réception, "
            "sous réserve que le dossier soit complet, la demande fait l’objet d’une décision "
            "implicite d’acceptation.",
            "Sans réponse au terme d’un délai de %(months)d mois à compter de cette réception, "
            "sous réserve que le dossier soit complet, la demande fait l’objet d’une décision "
            "implicite d’acceptation.",
            months,
        )
        then = _(
            "Une attestation de la décision implicite d’acceptation est délivrée sur demande "
            "(article L232-3 du même code)."
        )
    else:
        end = ngettext(
            "Sans réponse au terme d’un délai de %(months)d mois à compter de cette réception, "
            "sous réserve que le dossier soit complet, la demande fait l’objet d’une décision "
            "implicite de rejet.",
            "Sans réponse au terme d’un délai de %(months)d mois à compter de cette réception, "
            "sous réserve que le dossier soit complet, la demande fait l’objet d’une décision "
            "implicite de rejet.",
            months,
        )
        then = _(
            "Une décision de rejet peut être contestée dans les deux mois, par un recours gracieux "
            "auprès de %(town)s ou devant le tribunal administratif."
        ) % {"town": town}
    return [end % {"months": months}, then]


def _personal_data(definition: Mapping[str, Any]) -> list[str]:
    purpose = definition.get("purpose")
    if not purpose:
        return []
    months = definition.get("retention_months", 0)
    text = ngettext(
        "Données personnelles : %(purpose)s Elles sont conservées %(months)d mois après la clôture "
        "de la demande. Vous pouvez y accéder, les faire rectifier ou effacer en écrivant à la "
        "mairie, et saisir la CNIL (www.cnil.fr).",
        "Données personnelles : %(purpose)s Elles sont conservées %(months)d mois après la clôture "
        "de la demande. Vous pouvez y accéder, les faire rectifier ou effacer en écrivant à la "
        "mairie, et saisir la CNIL (www.cnil.fr).",
        months,
    )
    return [text % {"purpose": purpose, "months": months}]
