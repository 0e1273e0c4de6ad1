# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of a desk's host: what refuses it whole, and what concerns one body alone."""

import json

import pytest

from guichet.convergence.bodies import check_agent, check_desk, check_procedure
from guichet.convergence.share import BadShare, read_share

HEADER = {"format": 1, "service": "desk", "host": "desk", "environment": "lab"}
DESK = {"name": "Ville de Cahors", "sender": "ne-pas-repondre@cahors.fr"}
CAHORS = {
    "collectivity": "46/cahors",
    "siren": "214600421",
    "retired": False,
    "retired_domains": [],
    "domains": ["cahors.fr"],
    "resources": [{"address": "desk:demarches.cahors.fr", "body": DESK}],
}
FIGEAC = {
    **CAHORS,
    "collectivity": "46/figeac",
    "siren": "214601023",
    "domains": ["figeac.fr"],
    "resources": [],
}


@pytest.fixture
def read(tmp_path):
    def written(*lines, header=HEADER):
        file = tmp_path / "desk.jsonl"
        texts = [one if isinstance(one, str) else json.dumps(one) for one in (header, *lines)]
        file.write_text("".join(f"{text}\n" for text in texts))
        return read_share(file)

    return written


def with_resources(line, *resources):
    return {**line, "resources": [{"address": a, "body": b} for a, b in resources]}


def test_a_share_is_read(read):
    share = read(CAHORS, FIGEAC)
    assert share.resources == {"desk:demarches.cahors.fr": ("214600421", DESK)}
    assert share.fate("214601023", "demarches.figeac.fr") == "present"
    assert share.fate("214601023", "demarches.gramat.fr") == "domain-gone"
    assert share.fate("214601288", "demarches.gramat.fr") == "collectivity-gone"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        {**CAHORS, "siren": "12"},
        {**CAHORS, "collectivity": "../x"},
        {**CAHORS, "retired": "no"},
        {**CAHORS, "domains": ["Cahors.fr"]},
        {**CAHORS, "resources": {}},
        with_resources(CAHORS, ("page:www.cahors.fr", {})),
        with_resources(CAHORS, ("desk:demarches.cahors.fr/x", DESK)),
        with_resources(CAHORS, ("desk:DEMARCHES.cahors.fr", DESK)),
        with_resources(CAHORS, ("procedure:demarches.cahors.fr/../x", {})),
        with_resources(CAHORS, ("agent:demarches.cahors.fr/Maire@cahors.fr", {})),
        with_resources(CAHORS, ("desk:demarches.cahors.fr", [])),
    ],
)
def test_a_bad_line_refuses_the_whole_with_its_number(read, line):
    with pytest.raises(BadShare, match="line 3"):
        read(FIGEAC, line)


@pytest.mark.parametrize("change", [{"format": 2}, {"service": "web"}])
def test_a_share_for_something_else_is_refused(read, change):
    with pytest.raises(BadShare):
        read(CAHORS, header={**HEADER, **change})


def test_a_bad_body_concerns_nobody_else(read):
    bad = with_resources(FIGEAC, ("desk:demarches.figeac.fr", {"name": "Figeac"}))
    share = read(CAHORS, bad)
    assert "desk:demarches.cahors.fr" in share.resources
    siren, why = share.unusable["desk:demarches.figeac.fr"]
    assert siren == "214601023"
    assert "sender" in why


def test_a_desk_that_two_collectivities_claim_is_nobodys(read):
    claims = with_resources(FIGEAC, ("desk:demarches.cahors.fr", DESK))
    share = read(CAHORS, claims)
    assert share.resources == {}
    assert "214600421 and 214601023" in share.unusable["desk:demarches.cahors.fr"][1]


def test_a_part_of_somebody_elses_desk_is_refused(read):
    intruder = ("agent:demarches.cahors.fr/intrus@figeac.fr", {"role": "manager"})
    share = read(CAHORS, with_resources(FIGEAC, intruder))
    assert list(share.resources) == ["desk:demarches.cahors.fr"]
    assert share.unusable["agent:demarches.cahors.fr/intrus@figeac.fr"][0] == "214601023"


def test_what_is_retired_is_not_wanted(read):
    assert read({**CAHORS, "retired": True}).resources == {}
    assert read({**CAHORS, "retired_domains": ["cahors.fr"]}).resources == {}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": ""}, "name"),
        ({"name": "x\nBcc: y"}, "name"),
        ({"sender": "x"}, "sender"),
        ({"banner": {"sha256": "0" * 64}}, "alt"),
        ({"banner": {"sha256": "0" * 64, "alt": "  "}}, "alt"),
        ({"colours": {"primary": "red"}}, "#rrggbb"),
        ({"colours": {"primary": "#ffd700"}}, "1.40"),
        ({"site": "javascript:alert(1)"}, "site"),
        ({"script": "x"}, "script"),
    ],
)
def test_a_desk_is_refused_with_what_is_wrong_with_it(change, word):
    assert word in (check_desk({**DESK, **change}) or "")


def test_a_desk_within_the_rules_is_accepted():
    banner = {"sha256": "0" * 64, "alt": "Le pont Valentré à Cahors"}
    assert check_desk({**DESK, "banner": banner, "colours": {"primary": "#1f4e79"}}) is None


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "either"),
        ({"library": "acte-naissance", "definition": {}}, "either"),
        ({"library": "acte-naisance"}, "acte-naisance"),
        ({"library": "acte-naissance", "set": {"steps": []}}, "steps"),
        ({"library": "acte-naissance", "set": {"title": ""}}, "title"),
        ({"definition": {"type": "link", "title": "x"}}, "url"),
        ({"definition": {"type": "link", "title": "x"}, "set": {}}, "set"),
    ],
)
def test_a_procedure_is_refused_with_what_is_wrong_with_it(body, word):
    assert word in (check_procedure(body) or "")


def test_procedures_of_each_type_are_accepted():
    assert check_procedure({"library": "acte-naissance", "set": {"delay": "Dix jours."}}) is None
    link = {"type": "link", "title": "Urbanisme", "url": "https://urbanisme.exemple.fr/"}
    assert check_procedure({"definition": link}) is None
    sheet = {"type": "sheet", "title": "Je déménage", "sheet": "F14128"}
    assert check_procedure({"definition": sheet}) is None


def test_an_officer_is_in_charge_of_something():
    assert "officer" in (check_agent({"role": "officer"}) or "")
    assert check_agent({"role": "officer", "procedures": ["acte-naissance"]}) is None
    assert check_agent({"role": "maire"})
