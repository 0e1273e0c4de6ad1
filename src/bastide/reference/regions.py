# SPDX-License-Identifier: GPL-3.0-or-later
"""Which departments a region has (INSEE, Code officiel géographique; law 2015-29)."""

from __future__ import annotations

_REGIONS = (
    "01 03 07 15 26 38 42 43 63 69 73 74",  # Auvergne-Rhône-Alpes
    "21 25 39 58 70 71 89 90",  # Bourgogne-Franche-Comté
    "22 29 35 56",  # Bretagne
    "18 28 36 37 41 45",  # Centre-Val de Loire
    "2A 2B",  # Corse
    "08 10 51 52 54 55 57 67 68 88",  # Grand Est
    "02 59 60 62 80",  # Hauts-de-France
    "75 77 78 91 92 93 94 95",  # Île-de-France
    "14 27 50 61 76",  # Normandie
    "16 17 19 23 24 33 40 47 64 79 86 87",  # Nouvelle-Aquitaine
    "09 11 12 30 31 32 34 46 48 65 66 81 82",  # Occitanie
    "44 49 53 72 85",  # Pays de la Loire
    "04 05 06 13 83 84",  # Provence-Alpes-Côte d'Azur
)
_OF = {name: tuple(line.split()) for line in _REGIONS for name in line.split()}


def region_of(department: str) -> tuple[str, ...]:
    """The departments of the region that `department` (its code, "46") is in, itself included.

    One overseas is a region of its own.
    """
    return _OF.get(department, (department,))
