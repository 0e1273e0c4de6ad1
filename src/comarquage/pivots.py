# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the kinds of local services, in the one spelling that slots and data are joined by.

The source spells a few of them in several ways (`Onac` and `Onac-vg`, `point_accueil_numérique`,
`Sécurité sociale des indépendants`); the directory gives them as `type_service_local`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ALIASES = {
    "onac": "onac_vg",
    "cg": "cg",
    "conseil_departemental": "cg",
    "departement": "cg",
    "conseil_regional": "cr",
    "region": "cr",
    "prefecture_de_departement": "prefecture",
    "sous_prefecture": "sous_pref",
    "pole_emploi": "france_travail",
}


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """`name` in lower case, without accents, words joined by underscores, aliases resolved."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    joined = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return _ALIASES.get(joined, joined)
