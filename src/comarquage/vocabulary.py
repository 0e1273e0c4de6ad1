# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of flux 3.4 and 3.5, so that a new one is noticed: some of them hold words."""

from __future__ import annotations

import re
from collections import Counter

from comarquage.render.sheet import Element

_KNOWN = frozenset(
    """ID LienDam LienDamVersion LienID LienPublication URL URLcerfaGuide affichage audience
    autrenumero commentaireLien corpus date dateAgenda dateDerniereModificationImportante
    embarqueHauteur embarqueHauteurMobile format fournisseur from fusionHorizontale
    fusionVerticale groupe important indisponible langue largeur linearisation modalite
    nomTelechargement numerocerfa numerote pictogramme poids positionIllustration principal
    profilsPro redimensionnable selfEmbarque selfPrincipal spUrl statut sve to toUrl type var
    dateDebut dateFin dateMaj datePremiereMiseEnLigne formulaireContactId headerID lang
    origineSelf perime personnalisable questionnaireUrl refHeaderID sousType titre typeSelf
    unite valeur borneTemporelle misEnAvant operateur
    """.split()  # noqa: SIM905 - a list of names reads better so
)
_WRITTEN = re.compile(rb"""\s([A-Za-z_][\w.-]*)=["']""")


def unknown_attributes(data: bytes, root: Element) -> Counter[str]:
    """Names (``@name``) of attributes that no flux had so far, with their number.

    Looked for in the text of the file first, which is quick; only what looks like a new name
    is then looked for in its tree, since text may hold ``name="`` too.
    """
    found: Counter[str] = Counter()
    for name in {one.decode("ascii", "replace") for one in _WRITTEN.findall(data)} - _KNOWN:
        number = sum(1 for _ in root.iterfind(f".//*[@{name}]")) + (name in root.attrib)
        if number:
            found[f"@{name}"] = number
    return found
