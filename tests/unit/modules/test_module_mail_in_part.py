# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at and made in part is what is looked at and made whole, whatever came before."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_settled as settled
from ansible.module_utils.bastide_share import BadShare
from hypothesis import given, settings
from hypothesis import strategies as st
from mailhost import MailHost, collectivity

SIRENS = ("214600421", "214600017", "284600012")
DOMAINS = ("x.fr", "y.fr")
NAMES = [f"{local}@{domain}" for domain in DOMAINS for local in "abc"]
TARGETS = [*NAMES, "a+t@x.fr", "b+t@y.fr", "out@z.org", "on@gone.fr"]

states = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["active", "suspended"]),
        "delivery": st.sampled_from(["keep", "bounce"]),
    }
)
boxes = st.builds(
    lambda state, quota, more: {**state, "quota": quota, **more},
    states,
    st.sampled_from([1, 2, "bad"]),
    st.one_of(
        st.just({}),
        st.just({}),
        st.just({"collaborative": True}),
        st.sampled_from(NAMES).map(lambda name: {"renamed_from": name}),
        st.sampled_from(["2020-01-01", "2199-01-01"]).map(lambda day: {"new_holder": day}),
    ),
)
relays = states.map(lambda state: {**state, "to": "groupware.test.fr"})
aliases = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3, unique=True).map(
    lambda targets: {"targets": sorted(targets)}
)
resources = st.one_of(
    st.tuples(st.sampled_from(NAMES).map("mailbox:{}".format), boxes),
    st.tuples(st.sampled_from(NAMES).map("mailbox:{}".format), boxes),
    st.tuples(st.sampled_from(NAMES).map("alias:{}".format), aliases),
    st.tuples(st.sampled_from(NAMES).map("relay:{}".format), relays),
    st.tuples(
        st.sampled_from(DOMAINS).map("maildomain:{}".format),
        st.sampled_from(["s1", "s2"]).map(lambda one: {"selector": one}),
    ),
)
lines = st.builds(
    collectivity,
    st.sampled_from([*SIRENS, *SIRENS]),
    st.sampled_from([DOMAINS, DOMAINS, DOMAINS[:1], ()]),
    st.lists(resources, max_size=5),
    retired=st.sampled_from([False, False, False, True]),
    retired_domains=st.sampled_from([(), (), (), DOMAINS[1:]]),
)
shares = st.lists(lines, max_size=3, unique_by=lambda line: line["siren"])
EDITS = (
    "UPDATE mailbox SET state = 'suspended' WHERE address = 'a@x.fr'",
    "UPDATE mailbox SET quota = 7",
    "UPDATE mailbox SET declared = 0 WHERE domain = 'x.fr'",
    "UPDATE mailbox SET siren = '214600017' WHERE address = 'b@x.fr'",
    "UPDATE mailbox SET created_at = '2019-01-01T00:00:00+00:00'",
    "DELETE FROM mailbox WHERE address LIKE 'a@%'",
    "DELETE FROM alias",
    "UPDATE OR REPLACE alias SET address = 'c@y.fr' WHERE address LIKE 'b@%'",
    "INSERT OR IGNORE INTO alias VALUES ('c@x.fr', 'x.fr', '214600421', '[\"a@x.fr\", 7, {}]')",
    "INSERT OR IGNORE INTO alias VALUES ('odd name', 'x.fr', '999999999', 'nonsense')",
    "UPDATE relay SET host = 'other.test.fr'",
    "UPDATE relay SET siren = '214600017' WHERE address = 'a@x.fr'",
    "DELETE FROM domain WHERE name = 'x.fr'",
    "UPDATE domain SET selector = 's3'",
    "UPDATE groupware SET active = 1 - active",
    "DELETE FROM settled WHERE siren = '214600017'",
    "DROP TRIGGER mailbox_compiled",
)
steps = st.tuples(
    shares,
    st.sampled_from([True, True, True, False]),
    st.one_of(st.none(), st.none(), st.none(), st.sampled_from(EDITS)),
    st.sampled_from([(), (), (), SIRENS[:1]]),
)


@contextlib.contextmanager
def empty_host():
    """One for each example."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        yield MailHost(Path(folder), patch)


def said(host, scope):
    """What a plan says, or why there is none."""
    try:
        return host.converge(check_mode=True, scope=scope)
    except BadShare as error:
        return str(error)


def said_whole(host, scope):
    """The same, by a look at everything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settled, "read_note", lambda *_: None)
        return said(host, scope)


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=2, max_size=6))
def test_a_look_in_part_finds_what_a_look_at_everything_finds(journey):
    with empty_host() as host:
        share = {}
        for new, keeps, edit, scope in journey:
            # Most lines stay as they were, which is what commits do.
            share = (share if keeps else {}) | {one["siren"]: one for one in new}
            host.put(*share.values())
            if edit and directory.DATABASE.exists():
                host.sql(edit)
            found = said(host, scope)
            assert found == said_whole(host, scope)
            done = host.converge(scope=scope)
            # A new domain's key is made by the run.
            assert {**done, "values": {}} == {**found, "values": {}}
            if host.files():
                assert host.files() == host.whole(), "tables made in part are those made whole"
            rest = said(host, scope)
            assert rest["repaired"] == []
            assert rest == said_whole(host, scope)
