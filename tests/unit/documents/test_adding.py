# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command adds to a file is all that changes in it."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from charters import spoiled_charters, spoiled_lines, yaml_like
from hypothesis import given
from hypothesis import strategies as st

from bastide.documents import canonical, read_bytes, with_item
from bastide.documents.outline import comments_of

PATH = ("domains", "albas-46.fr", "registration", "notices")
ITEM = {
    "kind": "non_renewal",
    "received_on": "2026-11-02",
    "channel": "registered",
    "evidence": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


def read(text):
    document, found = read_bytes(text.encode(), "albas.yml")
    assert document, found
    return document


def items(text):
    return read(text).data["domains"]["albas-46.fr"]["registration"]["notices"]


@pytest.mark.parametrize(
    "text",
    [
        "x: 1\n",
        "domains:\n",
        "domains: {}\n",
        "domains: {albas-46.fr: {}}\n",
        "domains: {cahors.fr: {redirect_to: https://x.fr}, albas-46.fr: {}}\n",
        "domains:\n  albas-46.fr:\n  # le suivant\n  cahors.fr: {}\n",
        "domains:\n  albas-46.fr:\n    registration: {mode: managed}  # ici\n",
        "domains:\n  albas-46.fr:\n    registration:\n      notices:\n",
        "domains:\n  albas-46.fr:\n    registration:\n      notices: []\n",
        "domains:\n  albas-46.fr:\n    registration:\n      # lus\n      notices: [{kind: a}]\n",
        "domains:\r\n  albas-46.fr: {}\r\n",
    ],
)
def test_an_item_is_added_wherever_the_list_has_to_be_made(text):
    written, found = with_item(text, "albas.yml", PATH, ITEM)
    assert found == []
    assert items(written)[-1] == ITEM
    assert canonical(written) == (written, [])
    for comment in comments_of(read(text.replace("\r", "")).node, text.replace("\r", "")):
        assert comment in written
    again, _ = with_item(written, "albas.yml", PATH, ITEM)
    assert items(again) == [*items(written), ITEM]


def test_in_a_canonical_file_the_difference_is_the_addition():
    root = Path(__file__).parents[3]
    text = (root / "collectivities/46/cahors.yml").read_text(encoding="utf-8")
    path = ("domains", "ville-cahors.fr", "registration", "notices")
    once, _ = with_item(text, "cahors.yml", path, ITEM)
    twice, _ = with_item(once, "cahors.yml", path, ITEM)
    changed = [
        line
        for line in difflib.unified_diff(once.splitlines(), twice.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    assert [line[0] for line in changed] == ["+"] * 4


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2]\n",
        "domains: [albas-46.fr]\n",
        "domains: {albas-46.fr: managed}\n",
        "domains: {albas-46.fr: {registration: {notices: {kind: a}}}}\n",
        "domains: {albas-46.fr: {registration: {notices: letter}}}\n",
        "domains: [\n",
        "",
    ],
)
def test_where_something_else_stands_nothing_is_written(text):
    written, found = with_item(text, "albas.yml", PATH, ITEM)
    assert written is None
    assert found


@given(st.one_of(spoiled_charters(), spoiled_lines(), yaml_like))
def test_whatever_the_file_the_rest_of_it_stays_as_it_is(text):
    before, _ = read_bytes(text.encode(), "x.yml")
    written, found = with_item(text, "x.yml", ("added", "list"), ITEM)
    if written is None:
        assert found
        return
    after = read(written).data
    added = after.pop("added")
    assert added["list"][-1] == ITEM
    assert before is not None
    assert after == {k: v for k, v in before.data.items() if k != "added"}
