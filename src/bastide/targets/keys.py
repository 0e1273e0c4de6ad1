# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the mail hosts how far their DKIM keys have come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bastide.diagnostics import Diagnostic, InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.targets.errand import log_of, run_errand
from bastide.targets.hosts import Hosts

NOT_TOLD = declare(
    "A592",
    Severity.ERROR,
    en="{host} did not say how far its DKIM keys have come: {said}",
    fr="{host} n'a pas dit où en sont ses clés DKIM : {said}",
    hint_en="its output is in {log}",
    hint_fr="sa sortie est dans {log}",
)
NO_KEYS = declare(
    "A593",
    Severity.ERROR,
    en="the platform has no DKIM keys of its own: each domain has one",
    fr="la plateforme n'a pas de clés DKIM à elle : chaque domaine a la sienne",
    hint_en="`mail.dkim` of platform.yml gives it some (docs/mail.md)",
    hint_fr="`mail.dkim` de platform.yml lui en donne (docs/mail.md)",
)
PLAYBOOK = "keys"


def keys_of_hosts(fleet: Fleet) -> Iterator[tuple[str, dict[str, Any] | Diagnostic]]:
    """Each mail host with what it says (plugins/modules/bastide_mail_signing), or A590.

    Raises:
        InvalidInput: The platform signs with no keys of its own (A591).
    """
    repository = fleet.repository
    if fleet.platform.mail.signing is None:
        raise InvalidInput(diagnose(NO_KEYS, repository.relative(repository.platform_file)))
    name = repository.relative(repository.inventory / "hosts.yml")
    for host in Hosts.read(repository.inventory, name, fleet.platform).of("mail"):
        done, result = run_errand(repository, host, PLAYBOOK, {})
        if done:
            yield host, result
        else:
            log = repository.relative(log_of(repository, PLAYBOOK))
            yield host, diagnose(NOT_TOLD, "", host=host, said=result["msg"], log=log)
