# SPDX-License-Identifier: GPL-3.0-or-later
"""Which levels above it speak to a commune, and in which order."""

from comarquage import local_of
from guichet.guide.levels import levels

DEPARTMENT = {
    "guide": {
        "level": "department",
        "covers": ["46"],
        "pivots": {"cg": {"name": "Département du Lot"}},
        "enrichments": {"F1427": {"before": "Lot", "after": "Archives"}},
    }
}
GROUPING = {
    "guide": {
        "level": "epci",
        "covers": ["46001", "46042"],
        "enrichments": {"F1427": {"before": "Grand Cahors", "procedure": "navette"}},
    }
}
COMMUNE = {"guide": {"insee": "46042", "enrichments": {"F1427": {"before": "Cahors"}}}}
# By name the grouping comes first: it is the rank that counts.
REGION = {
    "guide": {
        "level": "region",
        "covers": ["31", "46"],
        "enrichments": {"F1427": {"before": "Occitanie", "after": "Aide"}},
    }
}
DESKS = {
    "x.region.fr": REGION,
    "z.lot.fr": DEPARTMENT,
    "a.cahors.fr": GROUPING,
    "cahors.fr": COMMUNE,
    "b.fr": {},
}
TITLES = {"a.cahors.fr/navette": "La navette"}


def test_the_region_comes_first_then_the_department_then_the_grouping_and_no_commune_is_a_level():
    found = levels("46042", DESKS, TITLES.get)
    assert [one["enrichments"]["F1427"]["before"] for one in found] == [
        "Occitanie",
        "Lot",
        "Grand Cahors",
    ]
    local, problems = local_of([*found, COMMUNE["guide"]])
    assert problems == []
    assert local.enrichments["F1427"].before == "Cahors"
    assert local.enrichments["F1427"].after == "Archives"
    (shown,) = local.on("F1427")
    assert (shown.title, shown.url) == ("La navette", "https://a.cahors.fr/demarches/navette/")


def test_a_commune_elsewhere_hears_of_none():
    assert levels("12001", DESKS, TITLES.get) == []
    assert len(levels("46127", DESKS, TITLES.get)) == 2
