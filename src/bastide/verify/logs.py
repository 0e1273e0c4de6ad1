# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the journal of every host for what is unusual."""

from __future__ import annotations

from bastide.fleet import Fleet
from bastide.targets.errand import run_errand
from bastide.targets.hosts import Hosts
from bastide.targets.journals import Entry, Unusual
from bastide.verify.check import Check

HOURS = 24
"""How far to look back."""
PLAYBOOK = "journal"


def check_logs(fleet: Fleet) -> list[Check]:
    """One check a host, or one for each unusual line of its journal."""
    repository = fleet.repository
    name = repository.relative(repository.inventory / "hosts.yml")
    hosts = Hosts.read(repository.inventory, name, fleet.platform)
    serving = {host for service in hosts.group_of for host in hosts.of(service)}
    named = sorted({*serving, *hosts.secondaries})
    return [check for host in named for check in _check_host(fleet, host)]


def _check_host(fleet: Fleet, host: str) -> list[Check]:
    wanted = "nothing unusual"
    wish = {"bastide_journal": {"hours": HOURS}}
    done, result = run_errand(fleet.repository, host, PLAYBOOK, wish)
    if not done:
        found = [str(result["msg"])]
    else:
        found = [_shown(host, one) for one in result["unusual"]]
        if result["more"]:
            found.append(f"{result['more']} more")
    subject = f"journal @{host}"
    if not found:
        return [Check("", "logs", subject, passed=True, wanted=wanted, found=wanted)]
    return [Check("", "logs", subject, passed=False, wanted=wanted, found=one) for one in found]


def _shown(host: str, line: dict[str, str | int]) -> str:
    entry = Entry(host, str(line["program"]), int(line["priority"]), str(line["message"]))
    return str(Unusual(entry, int(line["count"])))
