# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks/tenants.yml and gathers what its bulk modules say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bastide.desired import Service
from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository

ANSIBLE_FAILED = declare(
    "A501",
    Severity.ERROR,
    en="ansible-playbook ended with {code} before any host was asked: {last}",
    fr="ansible-playbook s'est arrêté avec {code} avant d'interroger un hôte : {last}",
    hint_en="its whole output is in {log}",
    hint_fr="sa sortie complète est dans {log}",
)
NO_ANSIBLE = declare(
    "A502",
    Severity.ERROR,
    en="ansible-playbook is not beside this Python ({folder}) nor on PATH",
    fr="ansible-playbook n'est ni à côté de ce Python ({folder}) ni dans PATH",
    hint_en="run make venv, or pip install ansible-core",
    hint_fr="lancez make venv, ou pip install ansible-core",
)

SERVICE_OF_MODULE: dict[str, Service] = {
    "bastide_mail_directory": "mail",
    "bastide_zones": "dns",
    "bastide_web_pages": "web",
    "bastide_guichet_tenants": "desk",
    "bastide_certificates": "tls",
}
PROBE = "bastide_mail_probe"
Event = dict[str, Any]
OnEvent = Callable[[Event], None]


@dataclass(slots=True)
class HostAnswer:
    """What one service of one host said.

    `status` is ``ok``, ``failed`` (the module gave up, nothing was done) or
    ``unreachable``; `result` is the module's result, `message` its error; `unsafe` holds the
    probes of bastide_mail_probe that came out as they must not.
    """

    host: str
    service: Service
    status: Literal["ok", "failed", "unreachable"]
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    unsafe: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TenantsRun:
    """What a run of the playbook is given; see playbooks/tenants.yml.

    `lock` is a descriptor that Ansible keeps open to its end, even without the engine; `probe`
    is the mailbox that the filters are probed with after they were touched, empty for none.
    """

    check: bool
    scope: list[str] = field(default_factory=list)
    expect: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    lock: int | None = None
    probe: str = ""


def run_tenants(
    repository: Repository,
    placed: list[tuple[str, Service]],
    run: TenantsRun,
    on_event: OnEvent | None = None,
) -> list[HostAnswer]:
    """Run the playbook and return one answer for each host and service in `placed`.

    A plan raises ``RunFailed`` when Ansible itself could not start its work; after a converging
    run every host is then one that gave no answer, since something may have been done.
    """
    state = repository.state
    state.mkdir(parents=True, exist_ok=True)
    log = state / ("plan.log" if run.check else "apply.log")
    variables = json.dumps(
        {
            "bastide_scope": run.scope,
            "bastide_expect": run.expect,
            "bastide_values": run.values,
            "bastide_probe": run.probe,
        }
    )
    variables_file = state / f"variables-{os.getpid()}.json"
    variables_file.write_text(variables, encoding="utf-8")
    arguments = [
        ansible_playbook(),
        "playbooks/tenants.yml",
        "--inventory",
        str(repository.inventory),
        "--extra-vars",
        f"@{variables_file}",
    ]
    if run.check:
        arguments.append("--check")
    if run.hosts:
        arguments += ["--limit", ",".join(run.hosts)]
    answers = {
        (host, service): HostAnswer(host, service, "unreachable", "no answer")
        for host, service in placed
    }
    try:
        held = () if run.lock is None else (run.lock,)
        code = _stream(repository, arguments, held, log, answers, on_event)
    finally:
        variables_file.unlink(missing_ok=True)
    silent = [a for a in answers.values() if a.message == "no answer"]
    if code and run.check and len(silent) == len(answers):
        raise RunFailed(
            diagnose(
                ANSIBLE_FAILED,
                "playbooks/tenants.yml",
                code=code,
                last=_last_line(log),
                log=repository.relative(log),
            )
        )
    for answer in silent if code else ():
        answer.message = f"no answer, ansible-playbook ended with {code}: {_last_line(log)}"
    return list(answers.values())


def _stream(
    repository: Repository,
    arguments: list[str],
    held: tuple[int, ...],
    log: Path,
    answers: dict[tuple[str, Service], HostAnswer],
    on_event: OnEvent | None,
) -> int:
    reader, writer = os.pipe()
    environment = ansible_environment(repository) | {
        "ANSIBLE_CALLBACKS_ENABLED": "bastide_events",
        "BASTIDE_EVENTS_FD": str(writer),
    }
    with log.open("wb") as output, os.fdopen(reader, encoding="utf-8") as events:
        try:
            process = subprocess.Popen(
                arguments,
                cwd=repository.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(writer, *held),
            )
        finally:
            os.close(writer)
        try:
            for event in _events(events):
                _note(event, answers)
                if on_event:
                    on_event(event)
            return process.wait()
        except BaseException:
            # Ctrl-C: Ansible has it too; let it end what it has begun, then go.
            process.wait()
            raise


def _events(lines: Iterator[str]) -> Iterator[Event]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            return  # Ansible was killed while it wrote
        yield event
        if event["event"] == "end":
            return


def _note(event: Event, answers: dict[tuple[str, Service], HostAnswer]) -> None:
    host = event.get("host")
    if host is None:
        return
    module = str(event.get("module")).rpartition(".")[2]
    if module == PROBE:
        _note_probe(event, answers[host, "mail"])
        return
    service = SERVICE_OF_MODULE.get(module)
    for (name, wanted), answer in answers.items():
        if name != host or (service is not None and wanted != service):
            continue
        if event["event"] == "ok" and service is not None:
            answer.status, answer.message = "ok", ""
            answer.result = event.get("result") or {}
        elif event["event"] in {"failed", "unreachable"}:
            answer.status = event["event"]
            answer.message = event.get("message") or event["event"]
            answer.result = event.get("result") or {}


def _note_probe(event: Event, answer: HostAnswer) -> None:
    """What the probe says is no word on the changes, which are made by then."""
    if event["event"] == "ok":
        answer.unsafe = (event.get("result") or {}).get("unsafe") or []
    else:
        found = str(event.get("message") or event["event"])
        answer.unsafe = [{"probe": "-", "wanted": "-", "found": found}]


def ansible_environment(repository: Repository) -> dict[str, str]:
    """Environment in which every Ansible command of the engine runs."""
    return os.environ | {
        "ANSIBLE_CONFIG": str(repository.root / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def ansible_playbook() -> str:
    """Path of ansible-playbook: the one beside this Python, else the one on PATH."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    if beside.is_file():
        return str(beside)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if (Path(folder) / "ansible-playbook").is_file():
            return str(Path(folder) / "ansible-playbook")
    raise RunFailed(diagnose(NO_ANSIBLE, "", folder=Path(sys.executable).parent))


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "-"
