# SPDX-License-Identifier: GPL-3.0-or-later
"""Every driver does the same at its registrar, and a registrar that refuses is believed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import fake_gandi
import fake_ovh
import fake_scaleway
import pytest
from fake_gandi import FakeGandi
from fake_ovh import FakeOvh
from fake_scaleway import FakeScaleway
from registrar_kinds import IN_PARIS, KINDS, TERM
from registrar_server import Dropped, serving

from bastide.targets.registrars import Holder, Purchase, Refused, Unanswered
from bastide.targets.registrars.gandi import Gandi
from bastide.targets.registrars.manual import Manual
from bastide.targets.registrars.ovh import Ovh
from bastide.targets.registrars.scaleway import Scaleway

CEILING = Decimal(15)
HOLDER = Holder(
    name="Commune d'Albas",
    siren="214600017",
    given="Mairie",
    family="Albas",
    email="mairie@albas-46.fr",
    phone="+33.565200000",
    street="Mairie",
    postal_code="46140",
    city="Albas",
)
SERVERS = ("ns1.info46.com", "ns2.info46.com")
BEFORE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def purchase(domain, **more):
    return Purchase(domain, HOLDER, SERVERS, CEILING, **more)


def test_the_term_is_a_day_in_paris(both):
    _, registrar = both
    assert registrar.holding("albas-46.fr").expiry == IN_PARIS
    assert registrar.holdings(["albas-46.fr", "cahors.fr"])["albas-46.fr"].expiry == IN_PARIS


def test_a_name_that_the_account_does_not_hold_is_none(both):
    _, registrar = both
    assert registrar.holding("cahors.fr") is None
    assert registrar.holdings(["cahors.fr"]) == {}


def test_many_names_are_all_found(both):
    imitation, registrar = both
    term = IN_PARIS if isinstance(imitation, FakeOvh) else TERM
    names = [f"nom-{n:03}.fr" for n in range(205)]
    for name in names:
        imitation.hold(name, term)
    assert set(registrar.holdings(names)) == set(names)


def test_whether_a_name_is_free_and_what_it_costs(both):
    _, registrar = both
    free, taken = registrar.offer("libre-46.fr"), registrar.offer("prise.fr")
    assert (free.state, taken.state) == ("available", "taken")
    assert Decimal(6) < free.price < CEILING
    assert registrar.price("albas-46.fr", "renew") == free.price


def test_a_renewal_moves_the_term_by_a_year(both):
    imitation, registrar = both
    placed = registrar.renew("albas-46.fr", CEILING)
    assert placed.reference
    assert registrar.holding("albas-46.fr").expiry == IN_PARIS
    imitation.settle()
    assert registrar.holding("albas-46.fr").expiry == IN_PARIS.replace(year=2028)


def test_a_name_dearer_than_the_ceiling_is_not_ordered(both):
    imitation, registrar = both
    imitation.on_step = pytest.fail
    with pytest.raises(Refused, match=r"over the ceiling of 1\.50"):
        registrar.renew("albas-46.fr", Decimal("1.50"))
    cheap = dataclasses.replace(purchase("libre-46.fr"), at_most=Decimal(1))
    with pytest.raises(Refused, match="over the ceiling"):
        registrar.register(cheap)


def test_a_registration_is_in_the_name_of_the_collectivity(both):
    imitation, registrar = both
    registrar.register(purchase("libre-46.fr"))
    imitation.settle()
    assert registrar.holding("libre-46.fr") is not None
    owner = str(imitation.names["libre-46.fr"]["owner"])
    assert "Commune d'Albas" in owner
    assert "214600017" in owner


def test_a_name_that_is_taken_cannot_be_registered(both):
    imitation, registrar = both
    imitation.on_step = pytest.fail
    with pytest.raises(Refused):
        registrar.register(purchase("prise.fr"))


def test_a_transfer_needs_the_code_and_no_message_repeats_a_wrong_one(both):
    imitation, registrar = both
    with pytest.raises(Refused) as caught:
        registrar.transfer_in(purchase("prise.fr", auth_code="wrong+46"))
    assert "wrong+46" not in str(caught.value)
    registrar.transfer_in(purchase("prise.fr", auth_code="k9+authinfo"))
    imitation.settle()
    assert registrar.holding("prise.fr") is not None


def test_a_purchase_does_not_show_its_codes():
    shown = repr(purchase("prise.fr", auth_code="k9+authinfo", registry_code="AFNIC-46001"))
    assert "k9" not in shown
    assert "46001" not in shown


def test_automatic_renewal_is_turned_on_and_off_again(both):
    _, registrar = both
    for on in (True, True, False, False):
        registrar.set_auto_renew("albas-46.fr", on=on)
        assert registrar.holding("albas-46.fr").auto_renew is on


def test_the_code_for_leaving_is_given(both):
    _, registrar = both
    assert registrar.auth_code("albas-46.fr") == "albas-46.fr+secret"


def test_an_order_whose_answer_is_lost_is_unknown_and_then_found_again(both):
    imitation, registrar = both

    def break_off(name):
        if name == "ordered":
            raise Dropped

    imitation.on_step = break_off
    with pytest.raises(Unanswered):
        registrar.register(purchase("libre-46.fr"))
    imitation.on_step = lambda _: None
    assert registrar.trace("libre-46.fr", "register", BEFORE) not in {"none", "unknown"}


def test_a_renewal_that_was_never_ordered_leaves_no_trace(both):
    imitation, registrar = both
    known = "unknown" if isinstance(imitation, FakeGandi) else "none"
    assert registrar.trace("albas-46.fr", "renew", BEFORE) == known


def test_a_renewal_is_found_again_where_the_registrar_can_tell(both):
    imitation, registrar = both
    registrar.renew("albas-46.fr", CEILING)
    found = registrar.trace("albas-46.fr", "renew", BEFORE)
    if isinstance(imitation, FakeGandi):
        assert found == "unknown"
    else:
        assert found.reference
        late = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
        assert registrar.trace("albas-46.fr", "renew", late) == "none"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_registrar_that_stumbles_leaves_it_unknown(both, status):
    imitation, registrar = both
    imitation.fail_next = [(status, {})]
    with pytest.raises(Unanswered):
        registrar.holding("albas-46.fr")


def test_a_registrar_that_is_not_there_is_told_without_a_traceback():
    for make, open_at in KINDS.values():
        assert make
        registrar = open_at("http://127.0.0.1:9")
        with pytest.raises(Unanswered, match="did not answer"):
            registrar.holding("albas-46.fr")
        registrar.close()


@pytest.mark.parametrize(
    ("make", "open_at"),
    [
        (FakeGandi, lambda url: Gandi("pat_wrong", f"{url}/v5")),
        (FakeGandi, lambda url: Gandi(fake_gandi.TOKEN, f"{url}/v5", "somebody-else")),
        (FakeOvh, lambda url: Ovh(fake_ovh.KEY, "wrong", fake_ovh.CONSUMER, f"{url}/1.0")),
        (FakeOvh, lambda url: Ovh("wrong", fake_ovh.SECRET, fake_ovh.CONSUMER, f"{url}/1.0")),
        (FakeOvh, lambda url: Ovh(fake_ovh.KEY, fake_ovh.SECRET, "wrong", f"{url}/1.0")),
        (
            FakeScaleway,
            lambda url: Scaleway(
                fake_scaleway.ACCESS, fake_scaleway.PROJECT, url, fake_scaleway.PROJECT
            ),
        ),
        (
            FakeScaleway,
            lambda url: Scaleway(
                fake_scaleway.ACCESS, fake_scaleway.SECRET, url, fake_scaleway.SECRET
            ),
        ),
    ],
    ids=["gandi token", "gandi organisation", "ovh secret", "ovh key", "ovh consumer",
         "scaleway key", "scaleway project"],
)  # fmt: skip
def test_wrong_credentials_are_refused(make, open_at):
    imitation = make()
    imitation.hold("albas-46.fr", TERM)
    with serving(imitation) as url:
        registrar = open_at(url)
        with pytest.raises(Refused):
            registrar.holdings(["albas-46.fr"])
        registrar.close()


def test_a_key_that_is_none_is_refused_and_not_repeated():
    with pytest.raises(Refused) as caught:
        Scaleway("SCWXXXXXXXXXXXXXXXXX", "not-a-key", None, fake_scaleway.PROJECT)
    assert "not-a-key" not in str(caught.value)


def test_the_imitations_refuse_an_order_with_a_wrong_field(both):
    _, registrar = both
    wrong = dataclasses.replace(HOLDER, phone="05 65 20 00 00")
    with pytest.raises(Refused, match="phone"):
        registrar.register(Purchase("libre-46.fr", wrong, SERVERS, CEILING))


def test_gandi_is_rehearsed_before_every_order():
    imitation = FakeGandi()
    imitation.hold("albas-46.fr", TERM)
    with serving(imitation) as url:
        Gandi(fake_gandi.TOKEN, f"{url}/v5").renew("albas-46.fr", CEILING)
    orders = [one for one in imitation.seen if one.endswith("/renew")]
    assert (len(orders), len(imitation.orders)) == (2, 1)


def test_gandi_says_so_when_the_account_is_empty():
    imitation = FakeGandi()
    imitation.hold("albas-46.fr", TERM)
    imitation.balance = 3
    with serving(imitation) as url, pytest.raises(Refused, match="not enough money"):
        Gandi(fake_gandi.TOKEN, f"{url}/v5").renew("albas-46.fr", CEILING)


def test_gandi_waits_when_it_is_asked_too_often():
    imitation = FakeGandi()
    imitation.hold("albas-46.fr", TERM)
    imitation.fail_next = [(429, {"Retry-After": "7"}), (429, {"Retry-After": "900"})]
    waited = []
    with serving(imitation) as url:
        registrar = Gandi(fake_gandi.TOKEN, f"{url}/v5", sleep=waited.append)
        assert registrar.holding("albas-46.fr").expiry == IN_PARIS
    assert waited == [7, 60]


def test_a_reserved_name_is_ordered_with_the_registrys_code_at_ovh():
    imitation = FakeOvh()
    with serving(imitation) as url:
        registrar = Ovh(fake_ovh.KEY, fake_ovh.SECRET, fake_ovh.CONSUMER, f"{url}/1.0")
        assert registrar.offer("albas-reservee.fr").state == "reserved"
        with pytest.raises(Refused, match="PROTECTED_CODE"):
            registrar.register(purchase("albas-reservee.fr"))
        registrar.register(purchase("albas-reservee.fr", registry_code="AFNIC-46001"))
        registrar.close()
    imitation.settle()
    assert "albas-reservee.fr" in imitation.names


def test_an_order_at_ovh_that_was_placed_and_not_paid_is_paid_and_not_placed_again():
    imitation = FakeOvh()
    imitation.hold("albas-46.fr", IN_PARIS)

    def break_off(name):
        if name == "ordered":
            raise Dropped

    imitation.on_step = break_off
    with serving(imitation) as url:
        registrar = Ovh(fake_ovh.KEY, fake_ovh.SECRET, fake_ovh.CONSUMER, f"{url}/1.0")
        with pytest.raises(Unanswered):
            registrar.renew("albas-46.fr", CEILING)
        assert [one["status"] for one in imitation.orders.values()] == ["notPaid"]
        assert registrar.trace("albas-46.fr", "renew", BEFORE).reference
        registrar.close()
    imitation.settle()
    assert len(imitation.orders) == 1
    assert imitation.names["albas-46.fr"]["expiry"] == IN_PARIS.replace(year=2028)


def test_scaleway_takes_the_code_of_afnic_for_a_reserved_name():
    imitation = FakeScaleway()
    with serving(imitation) as url:
        registrar = Scaleway(fake_scaleway.ACCESS, fake_scaleway.SECRET, url, fake_scaleway.PROJECT)
        registrar.register(purchase("libre-46.fr", registry_code="AFNIC-46001"))
    imitation.settle()
    extension = imitation.names["libre-46.fr"]["owner"]["extension_fr"]
    assert extension["code_auth_afnic_info"] == {"code_auth_afnic": "AFNIC-46001"}


def test_a_registrar_that_a_person_serves_says_what_is_to_be_done_there():
    registrar = Manual("netim")
    assert registrar.holding("albas-46.fr").expiry is None
    for order in (
        lambda: registrar.renew("albas-46.fr", CEILING),
        lambda: registrar.register(purchase("libre-46.fr")),
        lambda: registrar.set_auto_renew("albas-46.fr", on=False),
    ):
        with pytest.raises(Refused, match=r"netim.*by hand"):
            order()
