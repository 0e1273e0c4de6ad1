# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry is asked politely and believed only when it answers as RFC 9083 says."""

from __future__ import annotations

import datetime as dt

import pytest

from bastide.targets.registrars import Rdap, Unanswered

NOW = dt.datetime(2027, 2, 1, 8, tzinfo=dt.UTC)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.seconds, self.slept = 0.0, []

    def now(self):
        return NOW + dt.timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def asked(rdap_server, tmp_path, clock):
    imitation, url = rdap_server
    imitation.names["albas-46.fr"] = "2027-03-13T23:30:00Z"

    def make():
        return Rdap(url, tmp_path, now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)

    return imitation, make


def test_the_term_is_a_day_in_paris(asked):
    _, make = asked
    found = make().look_up("albas-46.fr")
    assert (found.registered, found.expiry, found.status) == (
        True,
        dt.date(2027, 3, 14),
        ("active",),
    )


def test_a_name_that_nobody_registered_is_told(asked):
    _, make = asked
    assert make().look_up("libre-46.fr").registered is False


def test_it_is_asked_once_a_second_at_most(asked, clock):
    imitation, make = asked
    rdap = make()
    for n in range(4):
        rdap.look_up(f"nom-{n}.fr")
    assert clock.slept == [1.0, 1.0, 1.0]
    assert len(imitation.seen) == 4


def test_an_answer_is_kept_for_a_day_by_every_run(asked, clock):
    imitation, make = asked
    make().look_up("albas-46.fr")
    clock.seconds += 24 * 3600 - 1
    assert make().look_up("albas-46.fr").expiry == dt.date(2027, 3, 14)
    assert len(imitation.seen) == 1
    clock.seconds += 1
    make().look_up("albas-46.fr")
    assert len(imitation.seen) == 2
    make().look_up("albas-46.fr", dt.timedelta(0))
    assert len(imitation.seen) == 3


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"asked": "2099-01-01T00:00:00+00:00", "registered": true}']
)
def test_a_spoiled_answer_is_asked_for_again(asked, tmp_path, kept):
    imitation, make = asked
    (tmp_path / "albas-46.fr.json").write_text(kept)
    assert make().look_up("albas-46.fr").registered is True
    assert len(imitation.seen) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("objectClassName"),
        lambda d: d.update(objectClassName="entity"),
        lambda d: d.update(ldhName="cahors.fr"),
        lambda d: d.update(events=[{"eventAction": "expiration", "eventDate": "soon"}]),
        lambda d: d.update(events="none"),
    ],
)
def test_an_answer_about_something_else_is_none(asked, spoil):
    imitation, make = asked
    whole = imitation.describe

    def spoiled(name):
        body = whole(name)
        spoil(body)
        return body

    imitation.describe = spoiled
    with pytest.raises(Unanswered):
        make().look_up("albas-46.fr")


def test_a_registry_that_hides_the_term_is_no_error(asked):
    imitation, make = asked
    imitation.names["albas-46.fr"] = None
    assert make().look_up("albas-46.fr").expiry is None
