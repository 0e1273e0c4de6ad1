# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run orders, on a simulated clock: ceilings, orders cut off, orders that hang."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import fake_gandi
import pytest
from fake_gandi import FakeGandi
from fake_rdap import FakeRdap
from registrar_kinds import KINDS
from registrar_server import serving

from bastide.apply.registrars import Allowance, Key, Ledger, run
from bastide.journal import Journal
from bastide.registration import Notice, Step
from bastide.targets.registrars import Rdap
from bastide.targets.registrars.gandi import Gandi
from bastide.targets.registrars.manual import Manual
from bastide.targets.registrars.observe import Situation, observe

TERM = dt.datetime(2027, 3, 14, 9, tzinfo=dt.UTC)
ALLOWED = Allowance(Decimal(15), None)


class Accounts:
    """As the real ones, with one registrar."""

    def __init__(self, registrar):
        self._registrar = registrar

    def name_for(self, declared):
        return declared or "gandi"

    def registrar(self, _name):
        return self._registrar


class World:
    """A registrar, a journal and a clock."""

    def __init__(self, imitation, registrar, folder):
        self.imitation, self.accounts, self.folder = imitation, Accounts(registrar), folder
        self.rdap = None

    def situations(self, now, names=("albas-46.fr",), notices=(), policy="tacit"):
        plain = [
            Situation(
                slug="46/albas",
                file="collectivities/46/albas.yml",
                domain=name,
                name=name,
                mode="managed",
                registrar=None,
                policy=policy,
                notices=tuple(notices),
                today=now.date(),
            )
            for name in names
        ]
        return observe(plain, self.accounts, self.rdap)

    def run(self, now, *, allowed=ALLOWED, check=False, **more):
        ledger = None if check else self.ledger()
        self.imitation.now = now
        return run(self.situations(now, **more), self.accounts, ledger, allowed, now)

    def ledger(self):
        return Ledger(Journal(self.folder / "journal.jsonl"), "agent@cdg46", "lab")


@pytest.fixture
def world(tmp_path):
    imitation = FakeGandi()
    imitation.hold("albas-46.fr", TERM)
    with serving(imitation) as url:
        yield World(imitation, Gandi(fake_gandi.TOKEN, f"{url}/v5"), tmp_path)


def before(days):
    return TERM - dt.timedelta(days=days)


def codes(done):
    return [fault.code for fault in done.faults]


def test_the_year_of_a_name_costs_one_order(world):
    ordered = []
    for days in range(200, -1, -1):
        ordered += [(days, one.what) for one in world.run(before(days)).done]
        world.imitation.settle()
    assert ordered == [(200, Step.AUTO_RENEW_ON), (15, Step.RENEW)]
    assert len(world.imitation.orders) == 1


def test_a_name_that_is_given_up_is_let_go_and_never_paid_for(world):
    world.imitation.names["albas-46.fr"]["autorenew"] = True
    notice = Notice("non_renewal", dt.date(2027, 1, 14))
    done = [
        (days, one.what)
        for days in range(200, -40, -1)
        for one in world.run(before(days), notices=[notice]).done
    ]
    assert done == [(58, Step.AUTO_RENEW_OFF)]
    assert world.imitation.orders == []


def test_with_check_nothing_is_sent_but_questions(world):
    done = world.run(before(10), check=True)
    assert [(one.what, one.price) for one in done.done] == [(Step.RENEW, Decimal("12.0"))]
    assert {one.partition(" ")[0] for one in world.imitation.seen} == {"GET"}
    assert not (world.folder / "journal.jsonl").exists()


def test_a_price_over_the_ceiling_stops_this_name_and_no_other(world):
    world.imitation.hold("mairie-albas.fr", TERM)
    world.imitation.price = 15.01
    done = world.run(before(10), names=["albas-46.fr", "mairie-albas.fr"])
    assert codes(done) == ["A625", "A625"]
    assert world.imitation.orders == []


def test_the_ceiling_of_a_run_leaves_the_rest_for_another_day(world):
    names = [f"nom-{n}.fr" for n in range(5)]
    for name in names:
        world.imitation.hold(name, TERM)
    done = world.run(before(10), names=names, allowed=Allowance(Decimal(15), Decimal(30)))
    assert (done.spent, len(world.imitation.orders)) == (Decimal(24), 2)
    assert codes(done) == ["A626"] * 3
    tomorrow = world.run(before(9), names=names, allowed=Allowance(Decimal(15), Decimal(30)))
    assert tomorrow.spent == Decimal(24)


def test_an_account_that_is_empty_is_told_for_each_name_and_tried_again(world):
    world.imitation.balance = 3
    assert codes(world.run(before(10))) == ["A611"]
    world.imitation.balance = 100
    assert [one.what for one in world.run(before(9)).done] == [Step.RENEW]


def test_an_order_that_was_placed_and_does_nothing_is_told_and_not_placed_again(world):
    world.run(before(14))
    assert len(world.imitation.orders) == 1
    for days in range(13, 0, -1):
        done = world.run(before(days))
        assert codes(done) == ["A623"]
    assert len(world.imitation.orders) == 1


def intended(world, at, kind="renew", term="2027-03-14"):
    """As a run that was killed before its request went out leaves the journal."""
    change = {"action": kind, "address": "registration:albas-46.fr", "collectivity": "46/albas"}
    world.ledger().intend(Key("albas-46.fr", kind, term), at, change, Decimal(12))


def test_an_order_that_never_went_out_and_cannot_be_traced_is_placed_two_days_later(world):
    intended(world, before(14))
    for hours in (1, 24, 47):
        done = world.run(before(14) + dt.timedelta(hours=hours))
        assert codes(done) == ["A622"]
    assert world.imitation.orders == []
    world.run(before(14) + dt.timedelta(hours=48))
    assert len(world.imitation.orders) == 1


def test_where_orders_can_be_traced_one_that_never_went_out_is_placed_in_minutes(tmp_path):
    for kind in ("ovh", "scaleway"):
        make, open_at = KINDS[kind]
        imitation = make()
        now = dt.datetime.now(dt.UTC)
        term = now + dt.timedelta(days=10)
        imitation.hold("albas-46.fr", term.date() if kind == "ovh" else term)
        with serving(imitation) as url:
            registrar = open_at(url)
            folder = tmp_path / kind
            folder.mkdir()
            world = World(imitation, registrar, folder)
            begun = now - dt.timedelta(minutes=9)
            intended(world, begun, term=str(world.situations(now)[0].expiry.day))
            assert codes(world.run(now)) == ["A622"]
            placed = world.run(now + dt.timedelta(minutes=1))
            assert Step.RENEW in [one.what for one in placed.done]
            registrar.close()


def test_a_term_that_two_sources_tell_a_day_apart_is_still_one_term(world, tmp_path):
    registry = FakeRdap()
    registry.names["albas-46.fr"] = "2027-03-13T09:00:00Z"
    world.run(before(14))
    assert len(world.imitation.orders) == 1
    with serving(registry) as url:
        world.rdap = Rdap(url, tmp_path / "rdap")
        assert world.situations(before(13))[0].expiry.day == dt.date(2027, 3, 13)
        world.run(before(13))
    assert len(world.imitation.orders) == 1


def test_a_registrar_that_contradicts_the_registry_is_not_given_an_order(world, tmp_path):
    registry = FakeRdap()
    registry.names["albas-46.fr"] = "2028-03-14T09:00:00Z"
    with serving(registry) as url:
        world.rdap = Rdap(url, tmp_path / "rdap")
        assert world.run(before(10)).done == []
    assert world.imitation.orders == []


def test_what_was_kept_of_the_registry_before_a_renewal_is_no_contradiction(world, tmp_path):
    registry = FakeRdap()
    registry.names["albas-46.fr"] = "2027-03-14T09:00:00Z"
    with serving(registry) as url:
        world.rdap = Rdap(url, tmp_path / "rdap", sleep=lambda _: None)
        world.situations(before(14))
        registry.names["albas-46.fr"] = "2028-03-14T09:00:00Z"
        world.imitation.names["albas-46.fr"]["expiry"] = TERM.replace(year=2028)
        assert world.situations(before(13))[0].expiry.conflict is False


def test_a_registry_that_does_not_answer_is_told_and_the_registrar_believed(world, tmp_path):
    world.rdap = Rdap("http://127.0.0.1:9", tmp_path / "rdap")
    (situation,) = world.situations(before(20))
    assert situation.expiry.day == dt.date(2027, 3, 14)
    assert [fault.code for fault in situation.faults] == ["A610"]


def test_a_name_that_somebody_renewed_a_minute_ago_is_not_renewed_again(world):
    observed = world.situations(before(10))
    world.imitation.names["albas-46.fr"]["expiry"] = TERM.replace(year=2028)
    done = run(observed, world.accounts, world.ledger(), ALLOWED, before(10))
    assert Step.RENEW not in [one.what for one in done.done]
    assert world.imitation.orders == []


def test_where_a_person_renews_the_run_says_so(tmp_path):
    registry = FakeRdap()
    registry.names["albas-46.fr"] = "2027-03-14T09:00:00Z"
    with serving(registry) as url:
        world = World(FakeGandi(), Manual("netim"), tmp_path)
        world.rdap = Rdap(url, tmp_path / "rdap")
        done = world.run(before(10))
    assert (done.done, codes(done)) == ([], ["A624"])


def test_an_express_renewal_that_nobody_asked_for_is_not_ordered(world):
    assert world.run(before(10), policy="express").done == []
    asked = [Notice("renewal", dt.date(2027, 1, 5))]
    done = world.run(before(10), policy="express", notices=asked)
    assert Step.RENEW in [one.what for one in done.done]
