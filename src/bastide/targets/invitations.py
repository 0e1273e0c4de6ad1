# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes links on which users choose their password: made here, and only a digest travels."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.errand import log_of, run_errand

HAS_PASSWORD = declare(
    "A542",
    Severity.ERROR,
    en="{address} has a password already",
    fr="{address} a déjà un mot de passe",
    hint_en="for a user who forgot it: bastide mail reset {address}",
    hint_fr="pour qui l'a oublié : bastide mail reset {address}",
)
CLOSED = declare(
    "A543",
    Severity.ERROR,
    en="{address} is suspended on {host}: nobody can choose a password for it",
    fr="{address} est suspendue sur {host} : nul ne peut lui choisir un mot de passe",
    hint_en="write `state: active` in its charter and apply",
    hint_fr="écrivez `state: active` dans sa charte et appliquez",
)
NOT_NOTED = declare(
    "A544",
    Severity.ERROR,
    en="{host} did not note the link for {address}: {said}",
    fr="{host} n'a pas noté le lien pour {address} : {said}",
    hint_en="is the mailbox applied, and the host up? its output is in {log}",
    hint_fr="la boîte est-elle appliquée, l'hôte en marche ? sa sortie est dans {log}",
)
PLAYBOOK = "invitation"
PATH = "acces"
"""Where the role mail_credentials serves the page."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What to note: `digest` is the SHA-256 of the link's secret, in hex."""

    address: str
    digest: str
    hours: int
    renew: bool


def new_secret() -> tuple[str, str]:
    """A secret of 256 bits for a link, and its digest."""
    secret = secrets.token_urlsafe(32)
    return secret, hashlib.sha256(secret.encode()).hexdigest()


def link(host_name: str, secret: str) -> str:
    """The link that a user gets."""
    return f"https://{host_name}/{PATH}/{secret}"


def note_invitation(repository: Repository, host: str, wanted: Invitation) -> str:
    """Have `host` note it; until when it counts, ISO 8601 in UTC.

    Raises:
        RunFailed: The mailbox has a password, is suspended, or the host did not do it.
    """
    facts = {
        "address": wanted.address,
        "digest": wanted.digest,
        "hours": wanted.hours,
        "renew": wanted.renew,
    }
    done, result = run_errand(repository, host, PLAYBOOK, {"bastide_invitation": facts})
    if done:
        return str(result["expires_at"])
    why = result.get("why")
    if why == "has-password":
        raise RunFailed(diagnose(HAS_PASSWORD, "", address=wanted.address))
    if why in {"suspended", "undeclared"}:
        raise RunFailed(diagnose(CLOSED, "", address=wanted.address, host=host))
    log = repository.relative(log_of(repository, PLAYBOOK))
    said = result["msg"]
    failure = diagnose(NOT_NOTED, "", host=host, address=wanted.address, said=said, log=log)
    raise RunFailed(failure)
