# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is a value: it survives being written, and tells when it was altered."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.plan import Doomed, Plan, PlannedChange, as_markdown, as_text, dump
from bastide.plan.bodies import show_body

changes = st.builds(
    PlannedChange,
    collectivity=st.sampled_from(["46/cahors", "46/albas"]),
    service=st.sampled_from(["dns", "mail", "web"]),
    address=st.text(
        st.characters(codec="utf-8", exclude_characters="\n|\\\\"), min_size=1, max_size=20
    ),
    host=st.sampled_from(["ns", "mail"]),
    action=st.sampled_from(["create", "update", "delete", "suspend", "restore"]),
    siren=st.just("214600421"),
    file=st.just("collectivities/46/cahors.yml"),
    line=st.integers(1, 99),
    reason=st.just("declared"),
    before=st.none() | st.just({"rdata": ["192.0.2.1"], "ttl": 60}),
    after=st.none() | st.just({"state": "active", "quota": 5_000_000_000}),
)
plans = st.builds(
    lambda found: Plan("lab", "abc", [], sorted(found)), st.lists(changes, max_size=6)
)


@given(plan=plans)
def test_a_written_plan_reads_back_the_same(plan):
    again = Plan.from_data(json.loads(dump(plan)))
    assert again == plan
    assert again.digest == plan.digest


@given(plan=plans)
def test_every_change_is_shown_in_every_form_and_both_languages(plan):
    for language in ("en", "fr"):
        for text in (as_text(plan, language), as_markdown(plan, language)):
            for change in plan.changes:
                assert change.address in text


def test_an_altered_plan_is_refused():
    plan = Plan(
        "lab",
        "c",
        [],
        [PlannedChange("s", "dns", "zone:a.fr", "ns", "create", "1", "f", 1, "zone")],
    )
    data = plan.data
    data["changes"][0]["address"] = "zone:b.fr"
    with pytest.raises(ValueError, match="altered"):
        Plan.from_data(data)


@pytest.mark.parametrize("junk", [{}, {"format": 1}, {"format": 9}, {"format": 1, "changes": 3}])
def test_what_is_no_plan_is_refused(junk):
    with pytest.raises(ValueError, match=r"plan|format"):
        Plan.from_data(junk)


def test_the_digest_is_of_the_changes_and_not_of_the_commit():
    one = PlannedChange("s", "dns", "zone:a.fr", "ns", "create", "1", "f", 1, "zone")
    assert Plan("lab", "c1", [], [one]).digest == Plan("lab", "c2", [], [one]).digest


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"quota": 2_000_000_000, "cos": None, "state": "active", "delivery": "keep"}, "2 GB"),
        ({"quota": None, "cos": "mairies", "state": "active", "delivery": "keep"}, "mairies"),
        (
            {"quota": 5_000_000_000, "cos": "mairies", "state": "suspended", "delivery": "bounce"},
            "mairies, 5 GB, login and new mail refused, mail kept",
        ),
        (
            {"to": "z.test.fr", "state": "suspended", "delivery": "keep"},
            "z.test.fr, login refused, mail kept and received",
        ),
        ({"to": "https://www.cahors.fr/"}, "https://www.cahors.fr/"),
        ({}, ""),
    ],
)
def test_accounts_of_a_groupware_and_ways_to_them_are_shown_in_words(body, text):
    assert show_body(body, "en") == text


def test_a_plan_written_before_it_told_what_will_fail_can_still_be_read():
    plan = Plan("lab", "c", [], [], doomed=[Doomed("f.yml", 3, "account:a@b.fr", "z", "no")])
    assert Plan.from_data(plan.data).doomed == plan.doomed
    before = {key: value for key, value in plan.data.items() if key != "doomed"}
    assert Plan.from_data(before).doomed == []
