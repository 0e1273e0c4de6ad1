# SPDX-License-Identifier: GPL-3.0-or-later
"""Backs up what a mail host keeps beside the mail, and puts a backup back, on the host."""

from __future__ import annotations

from typing import Any

from bastide.diagnostics import Diagnostic, RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.errand import log_of, run_errand

NOT_BACKED_UP = declare(
    "A573",
    Severity.ERROR,
    en="{host} made no backup: {said}",
    fr="{host} n'a pas fait de sauvegarde : {said}",
    hint_en="the older ones are untouched; its output is in {log}",
    hint_fr="les plus anciennes sont intactes ; sa sortie est dans {log}",
)
NOT_RESTORED = declare(
    "A574",
    Severity.ERROR,
    en="{host} did not put {archive} back: {said}",
    fr="{host} n'a pas remis {archive} en place : {said}",
    hint_en="remedy what it says and run it again; its output is in {log}",
    hint_fr="remédiez à ce qu'il dit et relancez ; sa sortie est dans {log}",
)
PLAYBOOK = "backup"


def back_up(
    repository: Repository, host: str, folder: str, kept: int
) -> dict[str, Any] | Diagnostic:
    """What `host` says of its new archive (plugins/modules/bastide_mail_backup), or A573."""
    wanted = {"do": "backup", "folder": folder, "kept": kept}
    done, result = run_errand(repository, host, PLAYBOOK, {"bastide_backup": wanted})
    if done:
        made: dict[str, Any] = result["backup"]
        return made
    log, said = repository.relative(log_of(repository, PLAYBOOK)), result["msg"]
    return diagnose(NOT_BACKED_UP, "", host=host, said=said, log=log)


def put_back(
    repository: Repository, host: str, file: str, parts: list[str], *, force: bool
) -> dict[str, Any]:
    """Put the archive `file` of `host` back there; what it says of it, or ``RunFailed`` (A574)."""
    wanted = {"do": "restore", "archive": file, "parts": parts, "force": force}
    done, result = run_errand(repository, host, PLAYBOOK, {"bastide_backup": wanted})
    if done:
        return result
    log, said = repository.relative(log_of(repository, PLAYBOOK)), result["msg"]
    raise RunFailed(diagnose(NOT_RESTORED, "", host=host, archive=file, said=said, log=log))
