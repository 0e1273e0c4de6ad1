# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a playbook that does one thing for one mailbox on one host, and takes its answer."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bastide.fleet import Repository
from bastide.targets.ansible import ansible_environment, ansible_playbook

Answer = tuple[bool, dict[str, Any]]
"""Whether the last module of ours did its part, and its result (``msg`` says why not)."""


def run_errand(
    repository: Repository, host: str, playbook: str, variables: dict[str, Any]
) -> Answer:
    """Run ``playbooks/<playbook>.yml`` for `host` with `variables`.

    What Ansible prints goes to ``.bastide/<environment>/<playbook>.log``; the variables are in a
    file that only the caller can read, and only while it runs.
    """
    state = repository.state
    state.mkdir(parents=True, exist_ok=True)
    file = state / f"{playbook}-{os.getpid()}.json"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump({"bastide_host": host, **variables}, opened)
    reader, writer = os.pipe()
    arguments = [
        ansible_playbook(),
        f"playbooks/{playbook}.yml",
        "--inventory",
        str(repository.inventory),
        "--extra-vars",
        f"@{file}",
    ]
    try:
        with log_of(repository, playbook).open("wb") as output, os.fdopen(reader) as events:
            try:
                process = subprocess.Popen(
                    arguments,
                    cwd=repository.root,
                    env=ansible_environment(repository)
                    | {
                        "ANSIBLE_CALLBACKS_ENABLED": "bastide_events",
                        "BASTIDE_EVENTS_FD": str(writer),
                    },
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(writer,),
                )
            finally:
                os.close(writer)
            lines = events.readlines()
            code = process.wait()
    finally:
        file.unlink(missing_ok=True)
    done, result = _last(lines)
    return done and code == 0, result


def log_of(repository: Repository, playbook: str) -> Path:
    """Where the output of Ansible goes."""
    return repository.state / f"{playbook}.log"


def _last(lines: list[str]) -> Answer:
    done, result = False, {"msg": "ansible-playbook gave no answer"}
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            break  # Ansible was killed while it wrote
        if event["event"] in {"ok", "failed", "unreachable"}:
            done = event["event"] == "ok"
            said = {"msg": str(event.get("message") or event["event"]).strip()}
            result = {**(event.get("result") or {}), **({} if done else said)}
    return done, result
