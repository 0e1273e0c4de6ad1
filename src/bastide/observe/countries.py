# SPDX-License-Identifier: GPL-3.0-or-later
"""In which country an address stands, by a MaxMind database that the operator brings.

The library is an extra of its own (``pip install bastide[mmdb]``): without ``--mmdb`` nobody
needs it.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from bastide.diagnostics import InvalidInput, RunFailed, Severity, declare, diagnose

NO_LIBRARY = declare(
    "V580",
    Severity.ERROR,
    en="--mmdb needs the Python package maxminddb",
    fr="--mmdb demande le paquet Python maxminddb",
    hint_en="install bastide[mmdb], or write `conformity: {{mail_country: FR}}` in platform.yml",
    hint_fr="installez bastide[mmdb], ou écrivez `conformity: {{mail_country: FR}}` dans "
    "platform.yml",
)
NO_DATABASE = declare(
    "V581",
    Severity.ERROR,
    en="{name} is no MaxMind database of countries: {reason}",
    fr="{name} n'est pas une base MaxMind des pays : {reason}",
    hint_en="give a .mmdb file of countries or cities, such as GeoLite2-Country or DB-IP Lite",
    hint_fr="donnez un fichier .mmdb de pays ou de villes, comme GeoLite2-Country ou DB-IP Lite",
)


class Countries:
    """Looks addresses up in one database."""

    def __init__(self, file: Path) -> None:
        """Open `file`; ``InvalidInput`` when it is none, ``RunFailed`` without the library."""
        try:
            library: Any = importlib.import_module("maxminddb")
        except ImportError as error:
            raise RunFailed(diagnose(NO_LIBRARY, "")) from error
        self._file = file
        try:
            self._reader: Any = library.open_database(str(file))
        except (OSError, ValueError, library.InvalidDatabaseError) as error:
            raise self._no_database(error) from error
        self._broken: type[Exception] = library.InvalidDatabaseError

    def of(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Countries of `addresses` (ISO 3166), sorted; those that are not known are left out."""
        found = set()
        for address in addresses:
            try:
                entry = self._reader.get(address)
            except (ValueError, self._broken) as error:
                raise self._no_database(error) from error
            country = entry.get("country") if isinstance(entry, dict) else None
            code = country.get("iso_code") if isinstance(country, dict) else None
            if isinstance(code, str):
                found.add(code)
        return tuple(sorted(found))

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()

    def _no_database(self, error: Exception) -> InvalidInput:
        reason = str(error) or type(error).__name__
        return InvalidInput(diagnose(NO_DATABASE, "", name=str(self._file), reason=reason))
