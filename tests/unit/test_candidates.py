# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a commune could have, the best first."""

from __future__ import annotations

import pytest

from bastide import reference
from bastide.charter.candidates import candidates, namesakes
from bastide.charter.own_domain import own_domain
from bastide.model.names import to_ascii


def names(insee):
    return [one.domain for one in candidates(reference.by_insee(insee))]


def reserved(insee):
    return {one.domain for one in candidates(reference.by_insee(insee)) if one.reserved}


def test_a_name_that_is_alone_in_france_comes_first_and_is_kept_for_its_commune():
    assert names("46042")[:3] == ["cahors.fr", "mairie-cahors.fr", "ville-cahors.fr"]
    assert reserved("46042") == {"cahors.fr"}


def test_a_namesake_gets_its_department():
    assert names("46001")[0] == "albas-46.fr"
    assert "mairie-albas-46.fr" in names("46001")
    assert namesakes(reference.by_insee("46001")) == 2


def test_an_article_may_be_left_out():
    wanted = {"le-vigan-en-quercy.fr", "vigan-en-quercy.fr", "leviganenquercy.fr"}
    assert wanted <= set(names("46334"))
    assert wanted <= reserved("46334")


def test_accents_ligatures_and_apostrophes_are_gone():
    assert {"l-hay-les-roses.fr", "hay-les-roses.fr", "lhaylesroses.fr"} <= set(names("94038"))
    assert "saint-cere.fr" in names("46251")
    assert "st-cere.fr" in names("46251")


@pytest.mark.parametrize("place", [*reference.communes_of("46"), *reference.epcis_seated_in("46")],
                         ids=lambda place: place.slug)  # fmt: skip
def test_every_place_of_the_lot_gets_names_that_dns_carries_each_once(place):
    found = [one.domain for one in candidates(place)]
    assert found[0] == own_domain(place)
    assert len(found) == len(set(found))
    assert [to_ascii(name) for name in found] == found
