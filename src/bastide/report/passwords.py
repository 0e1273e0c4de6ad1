# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a mailbox a new password: the charter must hold it, the host must know it."""

from __future__ import annotations

from bastide.fleet import Fleet
from bastide.model.names import normal_address
from bastide.report.explain import not_found
from bastide.targets.hosts import Hosts
from bastide.targets.passwords import new_password, set_passwords


def give_password(fleet: Fleet, address: str) -> str:
    """Set a new random password on `address` and return it."""
    normal = normal_address(address) or ""
    if fleet.index.kind_of_address(normal) != "account":
        raise not_found(fleet, address)
    repository = fleet.repository
    name = repository.relative(repository.inventory / "hosts.yml")
    hosts = Hosts.read(repository.inventory, name, fleet.platform)
    password = new_password()
    for host in hosts.of("mail"):
        set_passwords(repository, host, {normal: password})
    return password
