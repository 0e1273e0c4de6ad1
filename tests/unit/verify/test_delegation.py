# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a zone and its parent, by what both of them have."""

from __future__ import annotations

import dns.dnssec
import dns.rdata
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bastide.report.delegations import STATES, as_json, as_text
from bastide.verify import delegation
from bastide.verify.delegation import Delegation
from bastide.verify.patience import Patience
from bastide.verify.secondaries import newest_of

DS, KEY, OTHER = "1 13 2 aa", "257 3 13 bb", "2 13 2 cc"


@pytest.mark.parametrize(
    ("declared", "wanted", "parent", "fitting", "state"),
    [
        ("", (), (), (), "unsigned"),
        ("signed", (), (), (), "coming"),
        ("signed", (DS,), (), (), "give"),
        ("signed", (DS,), (DS,), (DS,), "secure"),
        ("signed", (DS,), (DS, OTHER), (DS,), "update"),
        ("signed", (DS,), (OTHER,), (), "broken"),
        ("signed", (), (OTHER,), (), "broken"),
        ("", (), (OTHER,), (), "broken"),
        ("leaving", (), (DS,), (), "withdraw"),
        ("leaving", (), (), (), "withdrawn"),
        ("", (DS,), (), (), "held"),
        ("", (DS,), (DS,), (DS,), "held"),
        ("", (DS,), (OTHER,), (), "broken"),
        ("signed", (DS,), None, (), "unknown"),
    ],
)
def test_state_by_what_zone_and_parent_have(declared, wanted, parent, fitting, state):
    keys = (KEY,) if wanted else ()
    one = Delegation("46/cahors", "cahors.fr", declared, wanted, keys, parent, fitting)
    assert one.state == state
    texts = [as_text([one], language) for language in ("en", "fr")]
    assert texts[0] != texts[1]
    given_to_registrar = state in {"give", "update"}
    assert all((f"DS      {DS}" in text) is given_to_registrar for text in texts)
    assert f'"state": "{state}"' in as_json([one])


def test_every_state_is_said_in_both_languages():
    assert all(text.format("en", {"trouble": "x"}) for text in STATES.values())


def test_a_ds_of_another_digest_fits_the_same_key_and_that_of_another_zone_does_not():
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), "ECDSAP256SHA256", flags=257)
    for digest in ("SHA256", "SHA384"):
        ds = dns.dnssec.make_ds("cahors.fr.", key, digest).to_text()
        assert delegation.fits("cahors.fr", ds, [key.to_text()])
        assert not delegation.fits("albas.fr", ds, [key.to_text()])
    assert not delegation.fits("cahors.fr", f"{dns.dnssec.key_id(key)} 13 99 aa", [key.to_text()])


@given(st.lists(st.integers(0, 2**31 - 2), min_size=1), st.integers(0, 2**32 - 1))
def test_the_newest_serial_is_that_of_rfc_1982_wherever_the_count_begins(steps, start):
    serials = [(start + step) % 2**32 for step in steps]
    assert newest_of(serials) == (start + max(steps)) % 2**32


def test_patience_is_one_for_a_whole_run():
    assert Patience(30).ask_again()
    assert not Patience(0).ask_again()
    assert newest_of([]) is None
