# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference of France says, and the traps it must not fall into."""

import datetime as dt

import pytest

from bastide import reference
from bastide.diagnostics import RunFailed
from bastide.reference import store


def test_the_file_is_the_one_that_was_built():
    assert reference.verify()
    assert reference.dated() == dt.date(2026, 1, 1)
    assert len(reference.communes()) == 34969
    assert len(reference.epcis()) == 1255


def test_a_changed_byte_is_found(tmp_path):
    copy = tmp_path / "france.tsv"
    copy.write_bytes(store.REFERENCE_FILE.read_bytes().replace(b"Cahors\t20050", b"Cahors\t20051"))
    assert not store.Store(copy).verify()


@pytest.mark.parametrize("size", [0, 10, 2000, -40])
def test_a_file_cut_short_is_a_diagnostic(tmp_path, size):
    copy = tmp_path / "france.tsv"
    copy.write_bytes(store.REFERENCE_FILE.read_bytes()[:size])
    with pytest.raises(RunFailed) as failed:
        store.Store(copy)
    assert [d.code for d in failed.value.diagnostics] == ["C790"]


def test_a_missing_file_is_a_diagnostic(tmp_path):
    with pytest.raises(RunFailed):
        store.Store(tmp_path / "absent.tsv")


def test_cahors_is_found_by_both_its_codes():
    cahors = reference.by_insee("46042")
    assert cahors == reference.by_siren("214600421")
    assert (cahors.name, cahors.slug, cahors.department) == ("Cahors", "cahors", "46")
    assert cahors.population == 20050
    assert cahors.postal_codes == ("46000",)
    assert reference.by_siren(cahors.epci_siren).name == "CA du Grand Cahors"


@pytest.mark.parametrize("code", ["", "46", "4604", "46042 ", "46042\t", "2a004", "99999", "\n"])
def test_what_is_no_code_finds_nothing(code):
    assert reference.by_insee(code) is None
    assert reference.by_siren(code) is None


def test_leading_zeros_and_corsican_letters_are_kept():
    assert reference.by_insee("01004").name == "Ambérieu-en-Bugey"
    assert reference.by_insee("1004") is None
    assert reference.by_insee("2A004").department == "2A"
    assert reference.by_insee("2B033").department == "2B"
    assert len(reference.communes_of("2A")) == 124
    assert reference.communes_of("20") == ()


def test_overseas_departments_have_three_signs():
    assert reference.by_insee("97105").department == "971"
    assert {c.department for c in reference.communes_of("974")} == {"974"}
    assert len(reference.communes_of("974")) == 24
    assert reference.communes_of("97") == ()
    assert reference.departments()["974"].name == "La Réunion"


def test_every_commune_lies_in_a_known_department():
    assert {c.department for c in reference.communes()} <= set(reference.departments())


def test_communes_without_siren_or_population_say_none():
    noumea = reference.by_insee("98818")
    assert noumea.siren is None
    assert noumea.population > 0
    assert reference.by_insee("98411").population is None
    assert reference.by_insee("98411").postal_codes == ()
    assert sum(c.siren is None for c in reference.communes()) == 94
    assert sum(c.population is None for c in reference.communes()) == 6


def test_nobody_living_there_is_not_an_unknown_population():
    assert reference.by_insee("55039").population == 0


def test_the_department_is_not_read_from_the_postal_code():
    pontis = reference.by_insee("04154")
    assert (pontis.department, pontis.postal_codes) == ("04", ("05160",))
    foreign = [
        c
        for c in reference.communes()
        if c.department.isdigit()
        and not all(code.startswith(c.department[:2]) for code in c.postal_codes)
    ]
    assert len(foreign) == 23


def test_homonyms_stay_apart():
    albas = [c for c in reference.find("Albas") if c.slug == "albas"]
    assert {c.department for c in albas} == {"11", "46"}


def test_the_lot_has_312_communes_and_nine_epcis():
    assert len(reference.communes_of("46")) == 312
    assert sum(c.population < 500 for c in reference.communes_of("46")) == 225
    seated = reference.epcis_seated_in("46")
    assert len(seated) == 9
    # Ouest Aveyron Communauté has two communes of the Lot and sits in the Aveyron.
    assert "200069383" not in {e.siren for e in seated}
    assert reference.by_siren("200069383").department == "12"


def test_an_epci_and_its_members_know_each_other():
    figeac = reference.by_siren("200067361")
    assert (figeac.kind, figeac.department, len(figeac.member_insee)) == ("CC", "46", 92)
    assert all(reference.by_insee(i).epci_siren == figeac.siren for i in figeac.member_insee)
    assert sum(len(e.member_insee) for e in reference.epcis()) == sum(
        c.epci_siren is not None for c in reference.communes()
    )


def test_a_former_commune_leads_to_those_of_today():
    assert [c.name for c in reference.successors("46048")] == ["Sousceyrac-en-Quercy"]
    assert [c.name for c in reference.successors("75101")] == ["Paris"]
    assert reference.successors("46042") == ()
    assert len(reference.successors("55273")) == 2


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("cahors", "Cahors"),
        ("SAINT CERE", "Saint-Céré"),
        ("Rocamadur", "Rocamadour"),
        ("Chaors", "Cahors"),
        ("46300", "Gourdon"),
        ("Saint-Cirq-Lapopi", "Saint-Cirq-Lapopie"),
    ],
)
def test_what_was_meant_is_found(text, first):
    assert reference.find(text, department="46")[0].name == first


def test_nothing_near_finds_nothing():
    assert reference.find("zzzzzzzzzzzz") == ()
    assert reference.find("…") == ()
    assert reference.find("99999") == ()
