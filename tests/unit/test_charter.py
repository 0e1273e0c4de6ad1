# SPDX-License-Identifier: GPL-3.0-or-later
"""New charters: what they say, where they go, and what they never overwrite."""

import datetime as dt
import stat
import threading
from collections import Counter

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bastide import reference
from bastide.charter import (
    Draft,
    new_commune,
    new_department,
    new_epci,
    own_domain,
    write_drafts,
)
from bastide.diagnostics import Diagnostic

DAY = dt.date(2026, 1, 1)


def read(draft):
    return yaml.load(draft.text, yaml.BaseLoader)


def test_a_charter_has_the_keys_of_the_format_in_their_order():
    draft = new_commune("46309", signed_on=dt.date(2026, 5, 4))
    assert str(draft.path) == "collectivities/46/souillac.yml"
    schema_line = "# yaml-language-server: $schema=../../schemas/collectivity.schema.json\n"
    assert draft.text.startswith(schema_line)
    assert read(draft) == {
        "collectivity": {
            "kind": "commune",
            "siren": "214603094",
            "contact": {"email": "mairie@souillac.fr"},
        },
        "convention": {"signed_on": "2026-05-04", "modules": ["internet"]},
        "domains": {"souillac.fr": {"registration": {"mode": "managed"}}},
        "mail": {
            "accounts": {"mairie@souillac.fr": {"kind": "classic", "quota": "5 GB"}},
            "aliases": {"contact@souillac.fr": ["mairie@souillac.fr"]},
        },
        "site": {"kind": "cms", "domain": "www.souillac.fr"},
    }
    assert list(read(draft)) == ["collectivity", "convention", "domains", "mail", "site"]


def test_name_population_and_epci_stand_in_comments_only():
    draft = new_commune("46309", signed_on=DAY)
    comments = [line for line in draft.text.splitlines() if line.startswith("#")]
    assert any("Souillac" in c and "3 192 habitants" in c and "Dordogne" in c for c in comments)
    assert any("2026-01-01" in c for c in comments)


@pytest.mark.parametrize(("insee", "kind"), [("46135", "minisite"), ("46042", "cms")])
def test_the_site_follows_the_population(insee, kind):
    assert read(new_commune(insee, signed_on=DAY))["site"]["kind"] == kind


def test_five_hundred_inhabitants_are_enough_for_the_cms():
    for commune in reference.communes():
        if commune.siren and commune.population in {499, 500}:
            site = read(new_commune(commune.insee, signed_on=DAY))["site"]["kind"]
            assert site == ("minisite" if commune.population == 499 else "cms")


def test_an_epci_has_its_own_kind_and_a_cms():
    draft = new_epci("200023737", signed_on=DAY)
    assert str(draft.path) == "collectivities/46/ca-grand-cahors.yml"
    charter = read(draft)
    assert charter["collectivity"]["kind"] == "epci"
    assert charter["site"] == {"kind": "cms", "domain": "www.ca-grand-cahors.fr"}


def test_homonyms_bear_their_department():
    assert own_domain(reference.by_insee("46001")) == "albas-46.fr"
    assert own_domain(reference.by_insee("46042")) == "cahors.fr"
    assert own_domain(reference.by_insee("97414")) == "saint-louis-974.fr"


def test_no_two_places_of_france_are_proposed_the_same_domain():
    places = [*reference.communes(), *reference.epcis()]
    domains = Counter(own_domain(place) for place in places)
    assert [domain for domain, count in domains.items() if count > 1] == []
    assert all(len(domain.removesuffix(".fr")) <= 63 for domain in domains)


def test_every_commune_and_epci_with_a_siren_gets_a_charter_that_is_yaml():
    for code in ("2A", "46", "55", "974"):
        drafts, diagnostics = new_department(code, signed_on=DAY)
        expected = len(reference.communes_of(code)) + len(reference.epcis_seated_in(code))
        assert (len(drafts), diagnostics) == (expected, [])
        assert {str(d.path.parent) for d in drafts} == {f"collectivities/{code}"}
        for draft in drafts:
            assert reference.by_siren(read(draft)["collectivity"]["siren"]) is not None


def test_communes_without_siren_are_told_one_by_one():
    drafts, diagnostics = new_department("988", signed_on=DAY)
    assert drafts == []
    assert {d.code for d in diagnostics} == {"C704"}
    assert any("Nouméa (98818)" in d.message("fr") for d in diagnostics)


@pytest.mark.parametrize(
    ("given_code", "code", "hint"),
    [
        ("Cahors", "C702", "Cahors (46042)"),
        ("46000", "C702", "Cahors (46042)"),
        ("46402", "C702", "Cahors (46042)"),
        ("1004", "C702", "Ambérieu-en-Bugey (01004)"),
        ("46048", "C703", "Sousceyrac-en-Quercy (46311)"),
        ("98818", "C704", "SIREN"),
        ("…", "C701", "five signs"),
        ("", "C701", "five signs"),
    ],
)
def test_a_wrong_code_leads_to_the_right_one(given_code, code, hint):
    found = new_commune(given_code, signed_on=DAY)
    assert isinstance(found, Diagnostic)
    assert found.code == code
    assert hint in found.hint("en")


@pytest.mark.parametrize(
    ("given_code", "code", "hint"),
    [("1", "C709", "Ain (01)"), ("lot", "C709", "Lot (46)"), ("20", "C706", "2A")],
)
def test_a_wrong_department_leads_to_the_right_one(given_code, code, hint):
    drafts, (found,) = new_department(given_code, signed_on=DAY)
    assert drafts == []
    assert found.code == code
    assert hint in found.hint("fr")


def test_a_commune_is_no_epci():
    found = new_epci("214600421", signed_on=DAY)
    assert (found.code, found.hint("fr")) == ("C710", "bastide new commune --insee 46042")


@pytest.mark.parametrize("code", ["46042", " 46042 ", "46 042", "46\u00a0042"])
def test_spaces_in_a_code_count_for_nothing(code):
    draft = new_commune(code, signed_on=DAY)
    assert str(draft.path) == "collectivities/46/cahors.yml"


def test_a_siren_is_taken_as_people_copy_it():
    draft = new_epci("200 023\u00a0737", signed_on=DAY)
    assert str(draft.path) == "collectivities/46/ca-grand-cahors.yml"


def test_a_ward_of_paris_is_called_so():
    found = new_commune("75101", signed_on=DAY)
    assert "arrondissement" in found.message("fr")
    assert "Paris (75056)" in found.hint("fr")


@pytest.mark.slow
@settings(max_examples=40)
@given(st.text(max_size=8))
def test_any_argument_gives_a_draft_or_a_diagnostic_in_both_languages(text):
    for found in (new_commune(text, signed_on=DAY), new_epci(text, signed_on=DAY)):
        if isinstance(found, Diagnostic):
            for language in ("en", "fr"):
                assert found.message(language)
                assert "{" not in found.hint(language)


def test_a_file_that_exists_is_left_as_it_is(tmp_path):
    draft = new_commune("46042", signed_on=DAY)
    path = tmp_path / draft.path
    path.parent.mkdir(parents=True)
    path.write_text("written by hand\n")
    written, (found,) = write_drafts(tmp_path, [draft])
    assert written == []
    assert (found.code, found.file) == ("C705", "collectivities/46/cahors.yml")
    assert path.read_text() == "written by hand\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_dangling_link_is_not_written_through(tmp_path):
    draft = new_commune("46042", signed_on=DAY)
    path = tmp_path / draft.path
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "elsewhere")
    _, (found,) = write_drafts(tmp_path, [draft])
    assert found.code == "C705"
    assert not (tmp_path / "elsewhere").exists()


def test_what_cannot_be_written_does_not_stop_the_others(tmp_path):
    (tmp_path / "collectivities").mkdir()
    (tmp_path / "collectivities/2A").write_text("a file where a directory should be")
    drafts = [new_commune(code, signed_on=DAY) for code in ("2A004", "46042")]
    written, (found,) = write_drafts(tmp_path, drafts)
    assert [str(path) for path in written] == ["collectivities/46/cahors.yml"]
    assert found.file == "collectivities/2A/ajaccio.yml"
    assert found.code == "C708"


def test_files_have_the_mode_that_the_umask_leaves(tmp_path):
    (path,), _ = write_drafts(tmp_path, [new_commune("46042", signed_on=DAY)])
    probe = tmp_path / "probe"
    probe.touch()
    assert stat.S_IMODE((tmp_path / path).stat().st_mode) == stat.S_IMODE(probe.stat().st_mode)


def test_of_two_writers_at_once_exactly_one_wins_with_a_whole_file(tmp_path):
    path = new_commune("46042", signed_on=DAY).path
    texts = [f"{sign * 100_000}\n" for sign in "abcdefgh"]
    results = []
    writers = [
        threading.Thread(
            target=lambda text=text: results.append(write_drafts(tmp_path, [Draft(path, text)]))
        )
        for text in texts
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sum(len(written) for written, _ in results) == 1
    assert (tmp_path / path).read_text() in texts
    assert [p.name for p in (tmp_path / path).parent.iterdir()] == ["cahors.yml"]
