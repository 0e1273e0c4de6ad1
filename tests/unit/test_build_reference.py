# SPDX-License-Identifier: GPL-3.0-or-later
"""The builder of the reference, on an excerpt of its source and without any network."""

import copy
import importlib.util
import json
import random
from pathlib import Path

import pytest

from bastide.reference.store import REFERENCE_FILE, Store

ROOT = Path(__file__).parents[2]
EXCERPT = json.loads((ROOT / "tests/data/reference/excerpt.json").read_text())


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("builder", ROOT / "tools/build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_source_in_any_order_gives_the_same_bytes(builder):
    expected = builder.build(EXCERPT)
    for seed in range(5):
        shuffled = copy.deepcopy(EXCERPT)
        shuffle = random.Random(seed).shuffle
        for rows in shuffled.values():
            shuffle(rows)
        for epci in shuffled["epci"]:
            shuffle(epci["membres"])
        assert builder.build(shuffled) == expected


def test_what_is_built_can_be_read_back(builder, tmp_path):
    built = tmp_path / "excerpt.tsv"
    built.write_bytes(builder.build(EXCERPT))
    store = Store(built)
    assert store.verify()
    assert store.commune("2A004").department == "2A"
    assert store.commune("98411").population is None
    assert [c.insee for c in store.communes_of("971")] == ["97105"]
    assert [c.insee for c in store.successors("75101")] == ["75056"]
    assert store.commune("46048") is None
    assert set(store.departments()) == {row["code"] for row in EXCERPT["departements"]}


def test_every_line_of_the_excerpt_stands_in_the_reference(builder):
    _, _, excerpt = builder.build(EXCERPT).partition(b"\n")
    whole = set(REFERENCE_FILE.read_bytes().split(b"\n"))
    assert [line for line in excerpt.split(b"\n") if line not in whole] == []


def test_the_package_of_another_digest_is_refused(builder):
    with pytest.raises(builder.UnexpectedDataError, match="sha512-"):
        builder.tables_of(b"another package")


def test_a_code_outside_its_department_is_refused(builder):
    broken = copy.deepcopy(EXCERPT)
    broken["communes"][0]["departement"] = "99"
    with pytest.raises(builder.UnexpectedDataError, match="is not in department 99"):
        builder.build(broken)
