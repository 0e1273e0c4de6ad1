# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reconcile function: applying its changes to the actual set gives the desired one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bastide.targets.reconcile import change, digest, reconcile

bodies = st.dictionaries(st.sampled_from(["quota", "state"]), st.integers(0, 3), max_size=2)
sets = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.sampled_from(["1", "2"]), bodies), max_size=8
)


def carried_out(actual, changes):
    result = dict(actual)
    for one in changes:
        if one["action"] == "delete":
            del result[one["address"]]
        else:
            result[one["address"]] = (one["siren"], one["after"])
    return result


@given(desired=sets, actual=sets)
def test_carrying_out_the_changes_gives_the_desired_set(desired, actual):
    assert carried_out(actual, reconcile(desired, actual)) == desired


@given(both=sets)
def test_equal_sets_need_no_change(both):
    assert reconcile(both, both) == []


@given(desired=sets, actual=sets)
def test_the_digest_does_not_depend_on_the_order(desired, actual):
    changes = reconcile(desired, actual)
    assert digest(changes) == digest(list(reversed(changes)))


def test_a_pending_value_has_the_same_digest_before_and_after_it_is_known():
    before = change("create", "rrset:k/TXT", "1", None, {"pending": "dkim:x"})
    after = change("create", "rrset:k/TXT", "1", None, {"rdata": ["v=DKIM1"]})
    assert digest([before]) == digest([after], pending=["rrset:k/TXT"])
    assert digest([before]) != digest([after])


def test_a_change_of_owner_is_a_change():
    assert [c["action"] for c in reconcile({"a": ("1", {})}, {"a": ("2", {})})] == ["update"]
