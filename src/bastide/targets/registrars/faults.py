# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between Bastide and a registrar, as kinds of diagnostic and two errors.

The difference that counts is whether an order may have been placed: ``Refused`` says that it
certainly was not, ``Unanswered`` that nobody knows.
"""

from __future__ import annotations

from decimal import Decimal

from bastide.diagnostics import RunFailed, Severity, declare, diagnose

UNANSWERED = declare(
    "A610",
    Severity.ERROR,
    en="{who} did not answer: {reason}",
    fr="{who} n'a pas répondu : {reason}",
    hint_en="run the same command again; what may have been ordered is asked about first",
    hint_fr="relancez la même commande ; ce qui a pu être commandé est d'abord demandé",
)
REFUSED = declare(
    "A611",
    Severity.ERROR,
    en="{who} refused {what}: {reason}",
    fr="{who} a refusé {what} : {reason}",
    hint_en="nothing was ordered; correct the cause in its words above and run again",
    hint_fr="rien n'a été commandé ; corrigez la cause dite ci-dessus et relancez",
)
NO_CREDENTIALS = declare(
    "A612",
    Severity.ERROR,
    en="no credentials for {who}: {missing} is not set",
    fr="pas d'identifiants pour {who} : {missing} n'est pas défini",
    hint_en="set it in the environment, or in registrars.accounts.{name}.credentials_file of "
    "platform.yml as a line {missing}=…",
    hint_fr="définissez-le dans l'environnement, ou dans registrars.accounts.{name}."
    "credentials_file de platform.yml par une ligne {missing}=…",
)
NO_ACCOUNT = declare(
    "A613",
    Severity.ERROR,
    en="platform.yml has no account at the registrar {name}",
    fr="platform.yml n'a pas de compte chez le bureau d'enregistrement {name}",
    hint_en="add it under registrars.accounts, or name another registrar in the charter",
    hint_fr="ajoutez-le sous registrars.accounts, ou nommez un autre bureau dans la charte",
)
TOO_DEAR = declare(
    "A614",
    Severity.ERROR,
    en="{who} asks {price} € for {what}, over the ceiling of {ceiling} €",
    fr="{who} demande {price} € pour {what}, au-dessus du plafond de {ceiling} €",
    hint_en="nothing was ordered; raise registrars.price_ceiling in platform.yml if this is right",
    hint_fr="rien n'a été commandé ; relevez registrars.price_ceiling si c'est justifié",
)
BY_HAND = declare(
    "A615",
    Severity.ERROR,
    en="{name} is a registrar that a person deals with: {what} is to be done there by hand",
    fr="{name} est un bureau qu'une personne sert : {what}, c'est à faire là-bas à la main",
    hint_en="do it on its site; the term is then read from the registry",
    hint_fr="faites-le sur son site ; le terme est ensuite lu auprès du registre",
)
UNKNOWN_REGISTRAR = declare(
    "A616",
    Severity.ERROR,
    en="the registrar {name} is not in the catalogue",
    fr="le bureau d'enregistrement {name} n'est pas au catalogue",
    hint_en="correct registrars in platform.yml, or add it under schemas/catalog/",
    hint_fr="corrigez registrars dans platform.yml, ou ajoutez-le sous schemas/catalog/",
)


class Refused(RunFailed):
    """The registrar said no: nothing was ordered."""


class Unanswered(RunFailed):
    """No answer, or one that says nothing: an order may have been placed."""


def refused(who: str, what: str, reason: str, secret: str | None = None) -> Refused:
    """The error for a registrar's refusal in its own words, but for `secret`."""
    return Refused(diagnose(REFUSED, "", who=who, what=what, reason=legible(reason, secret)))


def unanswered(who: str, reason: str) -> Unanswered:
    """The error for an answer that did not come."""
    return Unanswered(diagnose(UNANSWERED, "", who=who, reason=legible(reason)))


def too_dear(who: str, what: str, price: Decimal, ceiling: Decimal) -> Refused:
    """The error for a quotation over the ceiling."""
    return Refused(diagnose(TOO_DEAR, "", who=who, what=what, price=price, ceiling=ceiling))


def legible(text: str, secret: str | None = None) -> str:
    """A stranger's words on one line, short, and without a secret that they repeat."""
    if secret:
        text = text.replace(secret, "…")
    text = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


_LONGEST = 300
