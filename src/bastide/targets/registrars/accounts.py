# SPDX-License-Identifier: GPL-3.0-or-later
"""From a registrar's name in the catalogue to an account that can be spoken to.

Credentials come from the environment under the names that the vendors themselves use, or from
a file of such lines; neither platform.yml nor a charter ever holds one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from bastide.diagnostics import InvalidInput, diagnose
from bastide.model import Platform
from bastide.model.registrars import RegistrarAccount
from bastide.schema import Catalogues
from bastide.targets.registrars.faults import NO_ACCOUNT, NO_CREDENTIALS, UNKNOWN_REGISTRAR
from bastide.targets.registrars.manual import Manual
from bastide.targets.registrars.port import Registrar


class Accounts:
    """The accounts of one platform, opened when first asked for; files below `root`."""

    def __init__(self, platform: Platform, catalogues: Catalogues, root: Path) -> None:
        self._platform, self._catalogues, self._root = platform, catalogues, root
        self._open: dict[str, Registrar] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for registrar in self._open.values():
            registrar.close()

    def name_for(self, declared: str | None) -> str | None:
        """The registrar that a charter names, else the platform's own; None without both."""
        return declared or self._platform.registrars.default

    def registrar(self, name: str) -> Registrar:
        """The account at the registrar `name`; ``InvalidInput`` when it cannot be opened."""
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def _opened(self, name: str) -> Registrar:
        entry = self._catalogues.registrars.get(name)
        file = self._platform.file
        if entry is None:
            raise InvalidInput(diagnose(UNKNOWN_REGISTRAR, file, path="registrars", name=name))
        driver = entry.get("driver", "manual")
        if driver == "manual":
            return Manual(name)
        account = self._platform.registrars.accounts.get(name)
        if account is None:
            path = "registrars.accounts"
            raise InvalidInput(diagnose(NO_ACCOUNT, file, path=path, name=name))
        return _DRIVERS[driver](account, self._credential(name, account))

    def _credential(self, name: str, account: RegistrarAccount) -> Callable[[str], str]:
        kept = _read(self._root / account.credentials_file) if account.credentials_file else {}

        def look_up(variable: str) -> str:
            value = os.environ.get(variable) or kept.get(variable)
            if not value:
                file = self._platform.file
                fault = diagnose(NO_CREDENTIALS, file, who=name, missing=variable, name=name)
                raise InvalidInput(fault)
            return value

        return look_up


def _read(file: Path) -> Mapping[str, str]:
    """NAME=value lines of `file`, comments and quotes left out; empty when it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}  # what is missing is told by the name of the variable
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, equals, value in pairs if equals}


Credential = Callable[[str], str]


def _gandi(account: RegistrarAccount, credential: Credential) -> Registrar:
    from bastide.targets.registrars.gandi import Gandi

    return Gandi(credential("GANDI_PERSONAL_ACCESS_TOKEN"), account.url, account.organization)


def _ovh(account: RegistrarAccount, credential: Credential) -> Registrar:
    from bastide.targets.registrars.ovh import Ovh

    return Ovh(
        credential("OVH_APPLICATION_KEY"),
        credential("OVH_APPLICATION_SECRET"),
        credential("OVH_CONSUMER_KEY"),
        account.url,
    )


def _scaleway(account: RegistrarAccount, credential: Credential) -> Registrar:
    from bastide.targets.registrars.scaleway import Scaleway

    project = account.organization or credential("SCW_DEFAULT_PROJECT_ID")
    return Scaleway(
        credential("SCW_ACCESS_KEY"), credential("SCW_SECRET_KEY"), account.url, project
    )


_DRIVERS: Mapping[str, Callable[[RegistrarAccount, Credential], Registrar]] = {
    "gandi": _gandi,
    "ovh": _ovh,
    "scaleway": _scaleway,
}
