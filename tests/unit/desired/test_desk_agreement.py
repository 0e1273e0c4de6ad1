# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine compiles for a desk is what the desk takes, by its own reading of the share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_desired_cases import CASES, compiler

from bastide.desired import share_header, share_line
from bastide.documents import read_file
from bastide.model import build_collectivity
from bastide.model.guichet import can_be_invited, is_name, slug_from
from guichet.convergence.share import LONGEST_SLUG, PROCEDURE, read_share
from guichet.procedures.kinds.email import ADDRESS


@pytest.mark.parametrize(
    "case",
    [
        "050-desk",
        "051-desk-on-the-shared-domain",
        "052-desk-of-a-grouping",
        "053-desk-of-a-department",
    ],
)
def test_the_desk_accepts_every_body_of_a_compiled_share(case, tmp_path):
    document, _ = read_file(CASES / case / "charter.yml", "charter.yml")
    collectivity = build_collectivity("46/ville", "charter.yml", document.data, document.line)
    compiled = compiler(case).compile(collectivity, "La Ville")
    share = tmp_path / "desk.jsonl"
    share.write_bytes(share_header("desk", "desk", "lab") + share_line(compiled, "desk"))
    read = read_share(share)
    assert read.unusable == {}
    assert read.resources.keys() == {one.address for one in compiled.resources["desk"]}


@given(st.one_of(st.from_regex(PROCEDURE), st.text(max_size=70), st.from_regex(r"[a-z0-9-]{1,70}")))
def test_a_name_is_one_for_the_engine_exactly_when_it_is_one_for_the_desk(name):
    assert is_name(name) is (len(name) <= LONGEST_SLUG and PROCEDURE.match(name) is not None)


@given(st.one_of(st.from_regex(ADDRESS), st.text(max_size=80), st.emails()))
def test_an_address_can_be_invited_exactly_when_the_desk_can_hold_it(address):
    taken = ADDRESS.match(address) is not None and address == address.lower()
    assert can_be_invited(address) is taken


@given(st.text(max_size=200))
def test_a_title_gives_a_name_that_the_desk_can_hold_or_none(title):
    slug = slug_from(title)
    assert slug == "" or is_name(slug)
