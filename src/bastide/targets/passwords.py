# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets mailbox passwords: made here, hashed here, and only the hash travels."""

from __future__ import annotations

import json
import os
import secrets
import subprocess

import bcrypt

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.ansible import ansible_environment, ansible_playbook

NOT_SET = declare(
    "A541",
    Severity.ERROR,
    en="{host} did not take the password of {addresses}",
    fr="{host} n'a pas pris le mot de passe de {addresses}",
    hint_en="is the mailbox applied, and the host up? its output is in {log}",
    hint_fr="la boîte est-elle appliquée, l'hôte en marche ? sa sortie est dans {log}",
)
# 47 ms a check on two cores; Dovecot's cache makes it rare.
_ROUNDS = 10


def new_password() -> str:
    """A password of 128 bits that can be read out over the telephone."""
    return secrets.token_hex(16)


def set_passwords(repository: Repository, host: str, passwords: dict[str, str]) -> None:
    """Set address → password on the mail host `host`; ``RunFailed`` when it does not."""
    state = repository.state
    state.mkdir(parents=True, exist_ok=True)
    variables = state / f"passwords-{os.getpid()}.json"
    log = state / "password.log"
    hashed = [
        {"address": address, "hash": dovecot_hash(password)}
        for address, password in passwords.items()
    ]
    descriptor = os.open(variables, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"bastide_host": host, "bastide_passwords": hashed}, file)
    try:
        with log.open("wb") as output:
            done = subprocess.run(
                [
                    ansible_playbook(),
                    "playbooks/password.yml",
                    "--inventory",
                    str(repository.inventory),
                    "--extra-vars",
                    f"@{variables}",
                ],
                cwd=repository.root,
                env=ansible_environment(repository),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
    finally:
        variables.unlink(missing_ok=True)
    if done.returncode:
        raise RunFailed(
            diagnose(
                NOT_SET,
                "",
                host=host,
                addresses=", ".join(passwords),
                log=repository.relative(log),
            )
        )


def dovecot_hash(password: str) -> str:
    """Hash in Dovecot's scheme BLF-CRYPT (doc.dovecot.org, password schemes)."""
    salt = bcrypt.gensalt(_ROUNDS)
    return "{BLF-CRYPT}" + bcrypt.hashpw(password.encode(), salt).decode()
