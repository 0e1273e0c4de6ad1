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

pytestmark = pytest.mark.slow

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
# What is odd is rare, or nobody would ever be at rest.
boxes = st.builds(
    lambda state, quota, more: {**state, "quota": quota, **more},
    states,
    st.sampled_from([1, 2, 3, 4, 5, "bad"]),
    st.one_of(
        *[st.just({})] * 5,
        st.just({"collaborative": True}),
        st.sampled_from(NAMES).map(lambda name: {"renamed_from": name}),
        st.sampled_from(["2020-01-01", "2199-01-01"]).map(lambda day: {"new_holder": day}),
    ),
)
relays = states.map(lambda state: {**state, "to": "groupware.test.fr"})
remotes = states.map(lambda state: {**state, "to": "mail2.test.fr"})
aliases = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=3, unique=True).map(
    lambda targets: {"targets": sorted(targets)}
)
selectors = st.sampled_from(["s1", "s2"]).map(lambda one: {"selector": one})


def lines_of(number):
    """Lines of one collectivity: addresses are mostly its own, one letter for each."""
    own = [f"{'abc'[number]}@{domain}" for domain in DOMAINS]
    names = st.sampled_from(own * 6 + NAMES)
    domain = st.sampled_from([DOMAINS[number % 2], DOMAINS[number % 2], *DOMAINS])
    resources = st.one_of(
        *[st.tuples(names.map("mailbox:{}".format), boxes)] * 3,
        *[st.tuples(names.map("alias:{}".format), aliases)] * 2,
        st.tuples(names.map("relay:{}".format), relays),
        st.tuples(names.map("remote:{}".format), remotes),
        st.tuples(domain.map("maildomain:{}".format), selectors),
    )
    return st.builds(
        collectivity,
        st.just(SIRENS[number]),
        st.sampled_from([*[DOMAINS] * 5, DOMAINS[:1], ()]),
        st.lists(resources, min_size=1, max_size=4),
        retired=st.sampled_from([*[False] * 7, True]),
        retired_domains=st.sampled_from([*[()] * 7, DOMAINS[1:]]),
    )


lines = st.one_of(*map(lines_of, range(3)))
shares = st.one_of(*[lines.map(lambda one: [one])] * 3, st.tuples(*map(lines_of, range(3))))
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
    "INSERT OR IGNORE INTO alias VALUES ('c@x.fr', 'x.fr', '214600421', '[\"\\u0061@x.fr\"]')",
    "INSERT OR IGNORE INTO alias VALUES ('c@y.fr', 'y.fr', '214600421', 'b@x.fr')",
    "INSERT OR IGNORE INTO alias VALUES ('odd name', 'x.fr', '999999999', 'nonsense')",
    "UPDATE relay SET host = 'other.test.fr'",
    "UPDATE relay SET siren = '214600017' WHERE address = 'a@x.fr'",
    "UPDATE remote SET host = 'mail3.test.fr' WHERE address LIKE 'a@%'",
    "DELETE FROM remote",
    "DELETE FROM domain WHERE name = 'x.fr'",
    "UPDATE domain SET selector = 's3'",
    "UPDATE groupware SET active = 1 - active",
    "DELETE FROM settled WHERE siren = '214600017'",
    "DROP TRIGGER mailbox_compiled",
)
steps = st.tuples(
    shares,
    st.sampled_from([*[True] * 7, False]),
    st.one_of(*[st.none()] * 5, st.sampled_from(EDITS)),
    st.sampled_from([*[()] * 7, SIRENS[:1]]),
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


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=2, max_size=8))
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
