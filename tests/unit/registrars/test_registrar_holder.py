# SPDX-License-Identifier: GPL-3.0-or-later
"""The holder of a name is the collectivity, and no person."""

from __future__ import annotations

import pytest
import yaml

from bastide.apply.registrars.holder import holder_from
from bastide.diagnostics import InvalidInput
from bastide.model import build_collectivity


def holder(contact, siren="214600017", kind="commune"):
    data = yaml.safe_load(contact)
    head = {"kind": kind, "siren": siren, "contact": data}
    return holder_from(build_collectivity("46/x", "x.yml", {"collectivity": head}, lambda _: 0))


BOTH = "{email: mairie@albas-46.fr, phone: '%s'}"


@pytest.mark.parametrize(
    "written", ["+33 5 65 20 00 00", "+33 (0)5.65.20.00.00", "05 65 20 00 00", "0565200000"]
)
def test_a_telephone_number_is_as_registries_write_it(written):
    assert holder(BOTH % written).phone == "+33.565200000"


@pytest.mark.parametrize(
    ("siren", "name"),
    [
        ("214600017", "Commune d'Albas"),
        ("214600421", "Commune de Cahors"),
        ("214603342", "Commune du Vigan-en-Quercy"),
    ],
)
def test_a_commune_is_called_as_in_french(siren, name):
    contact = (
        "{email: a@b.fr, phone: '0565200000', "
        "address: {street: Mairie, postal_code: '46000', city: Cahors}}"
    )
    assert holder(contact, siren).name == name


@pytest.mark.parametrize(
    ("contact", "kind", "siren", "field"),
    [
        ("{phone: '0565200000'}", "commune", "214600017", "contact.email"),
        ("{email: mairie@albas-46.fr}", "commune", "214600017", "contact.phone"),
        (BOTH % "+1 555 0100", "commune", "214600017", "contact.phone"),
        (BOTH % "0565200000", "cdg", "284600012", "contact.address"),
    ],
)
def test_what_the_charter_lacks_is_named(contact, kind, siren, field):
    with pytest.raises(InvalidInput, match=field):
        holder(contact, siren, kind)


def test_an_address_that_is_written_is_used():
    found = holder(
        "{email: a@b.fr, phone: '0565200000', "
        "address: {street: 12 rue Haute, postal_code: '46000', city: Cahors}}",
        siren="284600012",
        kind="cdg",
    )
    assert (found.street, found.postal_code, found.city) == ("12 rue Haute", "46000", "Cahors")
    assert found.given == "Direction"
