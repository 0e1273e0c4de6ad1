# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which headings a desk lists procedures, in the order of its list: French, to be said."""

from __future__ import annotations

from guichet.procedures.words import mark

CATEGORIES = {
    "civil-status": mark("État civil et identité"),
    "public-space": mark("Espace public et cadre de vie"),
    "town-planning": mark("Urbanisme et travaux"),
    "daily-life": mark("Vie quotidienne"),
    "economy": mark("Associations et entreprises"),
    "taxes": mark("Taxes et redevances"),
    "elected": mark("Vos élus"),
    "other": mark("Autres démarches"),
}
