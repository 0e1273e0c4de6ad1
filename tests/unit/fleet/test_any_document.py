# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of `bastide validate` and of the compiler, for whatever is in a file.

Documents, schema, local rules, the rules over the fleet, desired state.

Random bytes, spoiled text, and charters in good YAML whose values were exchanged, which is
what gets past the schema to the rules. BASTIDE_DOCUMENTS says how many: 1,000 for every day,
10,000 in `make test`.
"""

import copy
import datetime as dt
import json
import os

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bastide.diagnostics import has_errors
from bastide.documents import read_file
from bastide.fleet import Repository
from bastide.fleet.examine import to_diagnostics
from bastide.fleet.workshop import Workshop
from bastide.model import Index
from bastide.rules import check_fleet
from unit.documents.charters import CHARTER, ROOT, spoiled_charters, spoiled_lines, yaml_like

DOCUMENTS = int(os.environ.get("BASTIDE_DOCUMENTS", "1000"))
WORKSHOP = Workshop.open(Repository(ROOT))
SLUGS = ("cahors", "figeac", "rocamadour", "cdg46", "saint-cirq-lapopie")
BASES = [
    yaml.safe_load((ROOT / "collectivities" / "46" / f"{slug}.yml").read_text("utf-8"))
    for slug in SLUGS
]

# What an operator, an import script or an attacker puts where a value is due.
ODD = [
    *("", " ", "@", ".", "-", "a@", "@a.fr", "a@b", "a b@cahors.fr", "MAIRIE@CAHORS.FR"),
    *("cahors.fr", "www.cahors.fr", "CAHORS.FR.", "*.cahors.fr", "..", "a..fr", "-a.fr", "é.fr"),
    *("xn--9ca.fr", "xn--zzzz", "cahors.fr\n", "\u202ecahors.fr", "\ud7ff", "\U0001f600.fr"),
    *("x" * 64 + ".fr", "x." * 130 + "fr", "a" * 65 + "@cahors.fr", "mairie@é.fr", '"a b"@b.fr'),
    *("https://", "https://[", "http://a:99999/", "javascript:alert(1)", "https://www.cahors.fr"),
    *("192.0.2.7", "192.0.2.256", "::1", "2001:db8::/32", "0 issue", '"', '"a" "b', "\\000", "\\"),
    *("10 mail", "65536 a.fr.", "v=spf1 -all", "v=spf1 include:a.fr " * 30, "A", "TXT", "TYPE1"),
    *("5 GB", "0 GB", "-1 GB", "1e99 GB", "5", "५ GB", "214600421", "000000000", "2A0000000"),
    *(0, -1, 1 << 70, 46042, 0.5, float("inf"), float("nan"), True, False, None),
    *([], {}, [[]], {"a": {}}, [None], ["@"], [{"name": "@"}], {"": ""}, "retired", "suspended"),
    *("2024-01-01", "0000-00-00", "9999-12-31", "managed", "external", "shared", "commune", "epci"),
]


def places(data, path=()):
    """Every path into a tree of YAML."""
    if path:
        yield path
    pairs = ()
    if isinstance(data, dict):
        pairs = data.items()
    elif isinstance(data, list):
        pairs = enumerate(data)
    for key, value in pairs:
        yield from places(value, (*path, key))


PLACES = [list(places(base)) for base in BASES]


def at(data, path):
    for key in path:
        data = data[key]
    return data


# What is right elsewhere is what gets furthest.
LEAVES = [
    leaf
    for base, paths in zip(BASES, PLACES, strict=True)
    for leaf in (at(base, path) for path in paths)
    if not isinstance(leaf, (dict, list))
]


@st.composite
def exchanged(draw):
    """A charter in good YAML with up to three values, keys or entries exchanged."""
    number = draw(st.integers(0, len(BASES) - 1))
    data = copy.deepcopy(BASES[number])
    odd = st.one_of(st.sampled_from(LEAVES), st.sampled_from(ODD), st.text(max_size=8))
    for path in draw(st.lists(st.sampled_from(PLACES[number]), min_size=1, max_size=3)):
        try:
            where, old = at(data, path[:-1]), at(data, path)
        except (KeyError, IndexError, TypeError):
            continue  # an exchange before this one took the place away
        if not isinstance(where, (dict, list)):
            continue
        match draw(st.sampled_from(["value", "key", "remove", "copy"])):
            case "value":
                where[path[-1]] = copy.deepcopy(draw(odd))
            case "remove":
                del where[path[-1]]
            case "key" if isinstance(where, dict):
                where[draw(odd.filter(lambda o: isinstance(o, str)))] = old
            case _ if isinstance(where, list):
                where.append(copy.deepcopy(old))
    return yaml.safe_dump(data, allow_unicode=draw(st.booleans()), sort_keys=False).encode()


def as_bytes(texts):
    return texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


documents = st.one_of(
    exchanged(),
    exchanged(),
    exchanged(),
    as_bytes(spoiled_charters()),
    as_bytes(spoiled_lines()),
    as_bytes(yaml_like),
    st.binary(max_size=400),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("documents") / "charter.yml"


def facts_of_bases():
    for slug in SLUGS:
        path = ROOT / "collectivities" / "46" / f"{slug}.yml"
        yield WORKSHOP.examiner.examine(f"46/{slug}", path, path.name).facts


OTHERS = {facts.slug: facts for facts in facts_of_bases()}


def among_others(file, facts):
    """What the rules over the fleet find when the file stands beside the charters it is made of."""
    if facts is None:
        return []
    index = Index(WORKSHOP.platform.shared_domains, {**OTHERS, facts.slug: facts}.get)
    for one in (*OTHERS.values(), facts):
        index.add(one)
    document, _ = read_file(file, "charter.yml")
    return to_diagnostics(document, check_fleet(facts, index, dt.date(2026, 6, 1)))


@settings(max_examples=DOCUMENTS, suppress_health_check=[HealthCheck.too_slow])
@example(CHARTER.encode())
@example(b"---")
@given(documents)
def test_no_document_makes_a_traceback_and_every_finding_has_its_place_and_its_words(file, data):
    file.write_bytes(data)
    examined = WORKSHOP.examiner.examine("46/charter", file, "charter.yml")
    found_in_all = [*examined.diagnostics, *among_others(file, examined.facts)]
    lines = data.decode("utf-8", "replace").split("\n")
    for found in found_in_all:
        assert 1 <= found.line <= len(lines), found
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1, found
        for language in ("en", "fr"):
            assert found.message(language).strip(), found
    assert (examined.facts is None) <= has_errors(examined.diagnostics)
    if not has_errors(examined.diagnostics):
        row = WORKSHOP.examiner.compile("46/charter", file, "charter.yml", "")
        for line in (row.mail, row.dns, row.web):
            assert json.loads(line)["collectivity"] == "46/charter"
