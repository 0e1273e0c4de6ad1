# SPDX-License-Identifier: GPL-3.0-or-later
"""The national directory of public services (« base de données locales » v4) as local places.

Read from the JSON that DILA publishes (``{"service": [record…]}``, 273 MB), as a file, gzipped
or in its tar archive, one record at a time; only services of the wished communes are kept.
Fields that name people (`affectation_personne`, `organigramme`) are never looked at.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, cast

from comarquage.local import Place
from comarquage.messages import Refused, declare, found
from comarquage.pivots import normal
from comarquage.state import synced

_CHUNK = 1 << 20
_LONGEST = 4_000_000  # characters of one record
_MOST_TEXT = 600
_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}\Z")
_START = re.compile(r'"service"\s*:\s*\[')

UNREADABLE = declare(
    "G060",
    "error",
    en="the directory cannot be read: {why}",
    fr="annuaire illisible : {why}",
    hint_en="what was read before stays",
    hint_fr="ce qui a été lu auparavant reste",
)


def records(text: io.TextIOBase) -> Iterator[dict[str, object]]:
    """The records of a directory, one after the other.  Raises ValueError for anything else."""
    decoder = json.JSONDecoder()
    buffer = text.read(_CHUNK)
    start = _START.search(buffer)
    if start is None:
        raise ValueError("no list of services")
    at = start.end()
    while True:
        while at < len(buffer) and buffer[at] in " \t\r\n,":
            at += 1
        if at < len(buffer) and buffer[at] == "]":
            return
        try:
            record, end = decoder.raw_decode(buffer, at)
        except ValueError:
            more = text.read(_CHUNK)
            if not more or len(buffer) - at > _LONGEST:
                raise
            buffer, at = buffer[at:] + more, 0
            continue
        at = end
        if isinstance(record, dict):
            yield record


def place_of(record: Mapping[str, object]) -> Place:
    """What a page shows of a record; addresses without scheme are completed, odd ones left out."""
    return Place(
        name=_text(record.get("nom")),
        address=_address(record),
        phone=_first(record.get("telephone")),
        email=next((one for one in _values(record.get("adresse_courriel")) if "@" in one), ""),
        website=_website(record),
        hours=tuple(_hours(record)),
        directory_url=_url(_text(record.get("url_service_public"))),
    )


def pivots_of(record: Mapping[str, object]) -> list[tuple[str, str]]:
    """``(pivot, INSEE code)`` pairs that a record serves."""
    found_ones = []
    for pivot in _list(record.get("pivot")):
        if not isinstance(pivot, dict):
            continue
        name = normal(_text(pivot.get("type_service_local")))
        for code in _list(pivot.get("code_insee_commune")):
            if name and isinstance(code, str) and _INSEE.match(code):
                found_ones += [(name, code)]
    return found_ones


def store(source: Path, folder: Path, prefixes: tuple[str, ...]) -> int:
    """Write ``directory.sqlite``: places by pivot and commune; how many records were kept.

    `prefixes` are beginnings of INSEE codes (``46``, ``46042``).  The former file is replaced at
    once, and stays where the new one cannot be read.  Raises Refused.
    """
    new = folder / ".directory.new"
    new.unlink(missing_ok=True)
    base = sqlite3.connect(new)
    kept = 0
    try:
        base.executescript(
            "CREATE TABLE place (number INTEGER PRIMARY KEY, about TEXT NOT NULL);"
            "CREATE TABLE serves (code TEXT, pivot TEXT, number INTEGER,"
            " PRIMARY KEY (code, pivot, number)) WITHOUT ROWID;"
        )
        with _opened(source) as text:
            for record in records(text):
                wanted = [one for one in pivots_of(record) if one[1].startswith(prefixes)]
                if not wanted:
                    continue
                kept += 1
                about = json.dumps(asdict(place_of(record)), ensure_ascii=False)
                base.execute("INSERT INTO place VALUES (?, ?)", (kept, about))
                base.executemany(
                    "INSERT OR IGNORE INTO serves VALUES (?, ?, ?)",
                    [(code, pivot, kept) for pivot, code in wanted],
                )
        base.commit()
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        new.unlink(missing_ok=True)
        raise Refused(found(UNREADABLE, source.name, why=error)) from error
    finally:
        base.close()
    with new.open("rb") as handle:
        os.fsync(handle.fileno())
    new.replace(folder / "directory.sqlite")
    synced(folder)
    return kept


def places(folder: Path, code: str) -> dict[str, tuple[Place, ...]]:
    """Places of the commune `code` by pivot, for `local_of`; none without a file."""
    path = folder / "directory.sqlite"
    if not path.exists():
        return {}
    base = sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)
    try:
        rows = base.execute(
            "SELECT pivot, about FROM serves JOIN place USING (number) WHERE code = ? "
            "ORDER BY number",
            (code,),
        ).fetchall()
    finally:
        base.close()
    found_ones: dict[str, tuple[Place, ...]] = {}
    for pivot, about in rows:
        values = json.loads(about)
        values["address"], values["hours"] = tuple(values["address"]), tuple(values["hours"])
        found_ones[pivot] = (*found_ones.get(pivot, ()), Place(**values))
    return found_ones


def _opened(source: Path) -> io.TextIOWrapper:
    """The JSON of a directory: as it is, gzipped, or the first such file of a tar archive."""
    if source.name.endswith((".tar", ".tar.bz2", ".tar.gz", ".tar.xz")):
        archive = tarfile.open(source, "r|*")  # noqa: SIM115 - closed with the text, see _Member
        for member in archive:
            inner = archive.extractfile(member) if member.isreg() else None
            if inner is not None and member.name.endswith("gouv_local.json"):
                return _Member(inner, archive)
        archive.close()
        raise ValueError("no …-data.gouv_local.json in it")
    if source.name.endswith(".gz"):
        return io.TextIOWrapper(gzip.open(source, "rb"), "utf-8")
    return source.open(encoding="utf-8")


class _Member(io.TextIOWrapper):
    """Text of a member that closes its archive with itself."""

    def __init__(self, inner: IO[bytes], archive: tarfile.TarFile) -> None:
        super().__init__(cast("io.BufferedReader", inner), "utf-8")
        self._archive = archive

    def close(self) -> None:
        super().close()
        self._archive.close()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return " ".join(value.split())[:_MOST_TEXT] if isinstance(value, str) else ""


def _values(value: object) -> list[str]:
    """Texts of a list whose items are texts or ``{"valeur": …}``."""
    found_ones = []
    for item in _list(value):
        text = _text(item.get("valeur") if isinstance(item, dict) else item)
        if text:
            found_ones.append(text)
    return found_ones


def _first(value: object) -> str:
    return next(iter(_values(value)), "")


def _url(text: str) -> str:
    """An address that may be linked to; the directory holds some without scheme, and e-mails."""
    if "@" in text or " " in text or "." not in text:
        return ""
    if re.match(r"https?://", text, re.IGNORECASE):
        return text
    return "" if ":" in text.partition("/")[0] else f"https://{text}"


def _website(record: Mapping[str, object]) -> str:
    return next(filter(None, map(_url, _values(record.get("site_internet")))), "")


def _address(record: Mapping[str, object]) -> tuple[str, ...]:
    addresses = [one for one in _list(record.get("adresse")) if isinstance(one, dict)]
    best = next((one for one in addresses if one.get("type_adresse") == "Adresse"), None)
    one = best or next(iter(addresses), None)
    if one is None:
        return ()
    town = f"{_text(one.get('code_postal'))} {_text(one.get('nom_commune'))}".strip()
    names = ("complement1", "complement2", "numero_voie", "service_distribution")
    return tuple(line for line in (*(_text(one.get(name)) for name in names), town) if line)


def _hours(record: Mapping[str, object]) -> Iterator[str]:
    for span in _list(record.get("plage_ouverture")):
        if not isinstance(span, dict):
            continue
        first, last = _text(span.get("nom_jour_debut")), _text(span.get("nom_jour_fin"))
        days = first if first == last or not last else f"{first} au {last.lower()}"
        times = []
        for number in ("1", "2"):
            begin = _hour(_text(span.get(f"valeur_heure_debut_{number}")))
            end = _hour(_text(span.get(f"valeur_heure_fin_{number}")))
            if begin and end:
                times.append(f"de {begin} à {end}")
        comment = _text(span.get("commentaire"))
        line = f"{days} : {' et '.join(times)}" if times else days
        yield f"{line} ({comment})" if comment else line


def _hour(text: str) -> str:
    """``09:00:00`` as ``9 h``, ``09:30:00`` as ``9 h 30``."""
    match = re.match(r"(\d{1,2}):(\d{2})", text)
    if match is None:
        return ""
    return f"{int(match[1])} h {match[2]}" if match[2] != "00" else f"{int(match[1])} h"
