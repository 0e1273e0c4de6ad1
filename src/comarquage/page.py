# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide gives of one sheet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# Raised when the same archive gives other pages, or when what a release holds has another shape:
# releases are then made anew, and one of another format is not opened.
FORMAT = "2"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of one audience, with open slots; :func:`comarquage.fill` makes it readable.

    `html` is a fragment that begins with its breadcrumb and `h1`; `kind` the type of the source
    (``Fiche d'information conditionnée``, ``Dossier``, ``Téléservice``…); `day` when it was last
    checked by its authors; `canonical` its address on service-public, for `rel=canonical`;
    `themes` identifiers of its themes; `digest` changes when the sheet does.
    """

    audience: str
    id: str
    kind: str
    title: str
    description: str
    day: dt.date | None
    canonical: str
    digest: str
    themes: tuple[str, ...]
    html: str
