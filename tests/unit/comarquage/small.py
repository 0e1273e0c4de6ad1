# SPDX-License-Identifier: GPL-3.0-or-later
"""Small archives of the guide's shape, made for a test."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

from comarquage.config import Config, Limits

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
LIMITS = Limits(sheets=1, dangling_percent=50)
NOW = dt.datetime(2026, 11, 2, 6, 0, tzinfo=dt.UTC)


def sheet(name: str, body: str = "", *, title: str = "", day: str = "2026-10-01") -> str:
    """A sheet with the least head."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Publication {DC} ID="{name}" '
        f'type="Fiche d\'information conditionnée" '
        f'spUrl="https://www.service-public.gouv.fr/particuliers/vosdroits/{name}">'
        f"<dc:title>{title or f'Fiche {name}'}</dc:title>"
        f"<dc:description>Ce qu'il faut savoir</dc:description>"
        f"<dc:date>modified {day}</dc:date>"
        f'<Theme ID="N1"><Titre>Papiers</Titre></Theme><Texte>{body}</Texte></Publication>'
    )


def redirections(date: str = "2026-11-01T01:00:00", rows: str = "") -> str:
    return f"<Redirections {DC}><dc:date>{date}</dc:date>{rows}</Redirections>"


def documents(count: int = 20, date: str = "2026-11-01T01:00:00", **more: str) -> dict[str, str]:
    """`count` sheets F1… with the index that dates them; `more` are further ones, by name."""
    found = {f"F{number}": sheet(f"F{number}", f"<Paragraphe>Corps {number}</Paragraphe>")
             for number in range(1, count + 1)}  # fmt: skip
    return {**found, "redirections": redirections(date), **more}


def packed(path: Path, files: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.xml", text)
    return path


def config(folder: Path, archive: Path, limits: Limits = LIMITS) -> Config:
    """A configuration of one audience, whose archive is a file."""
    return Config(folder / "guide", {"part": f"file:{archive}"}, limits=limits)
