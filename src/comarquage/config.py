# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of the command: one TOML file.

folder = "/var/lib/comarquage"
[sources]                  # "file:…" for an archive on this machine
part = "https://lecomarquage.service-public.gouv.fr/vdd/3.5/part/zip/vosdroits-latest.zip"
pro = "https://lecomarquage.service-public.gouv.fr/vdd/3.5/pro/zip/vosdroits-latest.zip"
[origins]                  # of a file: source, the address its mention names
[directory]                # public services near to the communes
source = "https://lecomarquage.service-public.gouv.fr/donnees_locales_v4/all_latest.tar.bz2"
communes = ["46"]          # beginnings of INSEE codes
[limits]
archive_megabytes = 200    # of a download
directory_megabytes = 600
unpacked_megabytes = 600   # of all files of one archive
file_megabytes = 20        # of one of them
shrink_percent = 5         # fewer sheets of a kind than before are refused
dangling_percent = 1       # links without a target
unknown_percent = 5        # elements that nobody knows
sheets = 1000              # least of an audience, when there is no release yet
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from comarquage.corpus import AUDIENCES
from comarquage.messages import Finding, declare, found

DEFAULT = "https://lecomarquage.service-public.gouv.fr/vdd/3.5/{audience}/zip/vosdroits-latest.zip"

UNREADABLE = declare(
    "G001",
    "error",
    en="configuration cannot be read: {why}",
    fr="configuration illisible : {why}",
    hint_en="see docs/comarquage.md",
    hint_fr="voir docs/comarquage.md",
)
UNKNOWN_KEY = declare(
    "G002",
    "error",
    en="`{key}` is unknown, or not {wanted}",
    fr="`{key}` est inconnu, ou n’est pas {wanted}",
    hint_en="see docs/comarquage.md",
    hint_fr="voir docs/comarquage.md",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may be; see the head of the file for units."""

    archive_megabytes: int = 200
    directory_megabytes: int = 600
    unpacked_megabytes: int = 600
    file_megabytes: int = 20
    files: int = 50_000
    shrink_percent: int = 5
    dangling_percent: int = 1
    unknown_percent: int = 5
    sheets: int = 1000


@dataclass(frozen=True, slots=True)
class Config:
    """Where releases stand, and where archives come from (by audience)."""

    folder: Path
    sources: dict[str, str] = field(
        default_factory=lambda: {name: DEFAULT.format(audience=name) for name in AUDIENCES}
    )
    origins: dict[str, str] = field(default_factory=dict)
    directory: str = ""
    communes: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def origin_of(self, audience: str) -> str:
        """The address that the mention of the licence names."""
        source = self.sources[audience]
        given = self.origins.get(audience)
        if given:
            return given
        return DEFAULT.format(audience=audience) if source.startswith("file:") else source


def load(path: Path) -> Config | list[Finding]:
    """The configuration in `path`, or what is wrong with it."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return [found(UNREADABLE, str(path), why=error)]
    return of(data, str(path), path.parent)


def of(data: dict[str, object], name: str, beside: Path) -> Config | list[Finding]:
    """`data` as a configuration; relative paths are `beside` its file."""
    wrong: list[Finding] = []

    def refuse(key: str, wanted: str) -> None:
        wrong.append(found(UNKNOWN_KEY, name, key=key, wanted=wanted))

    for key in data.keys() - {"folder", "sources", "origins", "directory", "limits"}:
        refuse(key, "folder, sources, origins, directory, limits")
    folder = data.get("folder")
    if not isinstance(folder, str):
        refuse("folder", "text")
        folder = "."
    sources = _addresses(data.get("sources"), "sources", ("https://", "file:"), refuse)
    origins = _addresses(data.get("origins"), "origins", ("https://",), refuse)
    directory, communes = _directory(data.get("directory"), refuse)
    limits: dict[str, int] = {}
    given = data.get("limits", {})
    known = {one.name for one in fields(Limits)}
    for key, value in given.items() if isinstance(given, dict) else ():
        if key in known and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            limits[key] = value
        else:
            refuse(f"limits.{key}", "a number of " + ", ".join(sorted(known)))
    if wrong:
        return wrong
    config = Config(beside / folder, directory=directory, communes=communes)
    return replace(
        config,
        sources=sources or config.sources,
        origins=origins,
        limits=Limits(**limits),
    )


def _directory(given: object, refuse: Callable[[str, str], None]) -> tuple[str, tuple[str, ...]]:
    if given is None:
        return "", ()
    source = given.get("source") if isinstance(given, dict) else None
    communes = given.get("communes") if isinstance(given, dict) else None
    if not isinstance(source, str) or not source.startswith(("https://", "file:")):
        refuse("directory.source", "https://… / file:…")
        source = ""
    if not isinstance(communes, list) or not all(
        isinstance(one, str) and re.match(r"[0-9][0-9AB][0-9]{0,3}\Z", one) for one in communes
    ):
        refuse("directory.communes", "a list of beginnings of INSEE codes")
        communes = []
    return source, tuple(str(one) for one in communes)


def _addresses(
    given: object, name: str, schemes: tuple[str, ...], refuse: Callable[[str, str], None]
) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        refuse(name, "a table")
        return {}
    found_ones = {}
    for audience, value in given.items():
        if audience in AUDIENCES and isinstance(value, str) and value.startswith(schemes):
            found_ones[audience] = value
        else:
            refuse(f"{name}.{audience}", f"{' / '.join(AUDIENCES)} = {' / '.join(schemes)}…")
    return found_ones
