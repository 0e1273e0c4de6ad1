# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives, restores and purges suspended mailboxes, one at a time, on the mail host."""

from __future__ import annotations

from typing import Any, Literal

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.errand import log_of, run_errand

NOT_DONE = declare(
    "A545",
    Severity.ERROR,
    en="{host} did not {do} {address}: {said}",
    fr="{host} n'a pas exécuté {do} pour {address} : {said}",
    hint_en="nothing was lost; its output is in {log}",
    hint_fr="rien n'est perdu ; sa sortie est dans {log}",
)
PLAYBOOK = "archive"
Deed = Literal["archive", "restore", "purge"]


def work_on_archive(
    repository: Repository, host: str, do: Deed, address: str, facts: dict[str, Any]
) -> dict[str, Any]:
    """Do one deed; what the host noted of the archive (``file``, ``sha256``, ``messages`` …).

    `facts` are ``folder``, ``messages`` and ``grace_days``.  ``RunFailed`` when it was not done.
    """
    wanted = {"do": do, "address": address, **facts}
    done, result = run_errand(repository, host, PLAYBOOK, {"bastide_archive": wanted})
    if done:
        noted: dict[str, Any] = result["archive"]
        return noted
    log, said = repository.relative(log_of(repository, PLAYBOOK)), result["msg"]
    failure = diagnose(NOT_DONE, "", host=host, do=do, address=address, said=said, log=log)
    raise RunFailed(failure)
