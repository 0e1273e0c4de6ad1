# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the mail hosts: one after the other, and back again on one that was lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bastide.apply.lock import run_lock, who
from bastide.diagnostics import Diagnostic, InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.journal import journal_of
from bastide.targets.backups import back_up, put_back
from bastide.targets.hosts import Hosts

NO_MAIL_HOST = declare(
    "A575",
    Severity.ERROR,
    en="{host} is no mail host of this environment",
    fr="{host} n'est pas un serveur de messagerie de cet environnement",
    hint_en="name one of {known}",
    hint_fr="nommez l'un de {known}",
)


def back_up_hosts(
    fleet: Fleet, host: str | None = None
) -> Iterator[tuple[str, dict[str, Any] | Diagnostic]]:
    """Each mail host (or `host` alone) with what it says of its new archive, or why it has none.

    One that fails does not keep the others from theirs.
    """
    mail, hosts = fleet.platform.mail, _mail_hosts(fleet, host)
    for name in hosts:
        yield name, back_up(fleet.repository, name, mail.backup_folder, mail.backups_kept)


def restore_host(
    fleet: Fleet, host: str, file: str, parts: list[str], *, force: bool, wait: float = 60
) -> dict[str, Any]:
    """Put the archive `file`, a path on `host`, back there; what the host says of it.

    No apply runs meanwhile, and the journal has it: what people had may be replaced by what they
    had before.

    Raises:
        InvalidInput: No such mail host (A575).
        RunFailed: The host refused or failed (A574).
    """
    _mail_hosts(fleet, host)
    repository = fleet.repository
    with run_lock(repository.state / "apply.lock", wait):
        journal = journal_of(repository, fleet.platform)
        head = {"by": who(), "host": host, "file": file, "parts": sorted(parts), "force": force}
        journal.append("restore-begin", head)
        said = put_back(repository, host, file, parts, force=force)
        journal.append("restore-end", {**head, "restored": said["restored"]})
    return said


def _mail_hosts(fleet: Fleet, host: str | None) -> list[str]:
    repository = fleet.repository
    name = repository.relative(repository.inventory / "hosts.yml")
    hosts = Hosts.read(repository.inventory, name, fleet.platform).of("mail")
    if host is not None and host not in hosts:
        raise InvalidInput(diagnose(NO_MAIL_HOST, "", host=host, known=", ".join(hosts)))
    return [host] if host else hosts
