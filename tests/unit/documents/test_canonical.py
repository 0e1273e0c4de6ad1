# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical form: idempotent, and nothing is ever lost."""

import json
from collections import Counter

import pytest
from charters import CHARTER, FRAGMENTS, ROOT, spoiled_charters, spoiled_lines
from hypothesis import given
from hypothesis import strategies as st

from bastide.documents import KeyOrder, canonical, read_bytes
from bastide.documents.outline import comments_of
from bastide.schema import Schemas

SCHEMAS = Schemas.load(ROOT / "schemas")
ORDER = SCHEMAS.collectivity.key_order()


def comments(text):
    document, _ = read_bytes(text.encode(), "x")
    return Counter(comments_of(document.node, text))


def check(text):
    """Canonical form of `text` with every promise tested; None when it is no valid YAML."""
    before, _ = read_bytes(text.encode(), "x")
    result, found = canonical(text, "x", ORDER)
    if before is None:
        assert result is None
        assert found
        return None
    assert result is not None, found
    after, _ = read_bytes(result.encode(), "x")
    assert json.dumps(after.data, sort_keys=True) == json.dumps(before.data, sort_keys=True)
    assert comments(result) == comments(text.replace("\r\n", "\n"))
    assert canonical(result, "x", ORDER) == (result, [])
    assert all(line == line.rstrip() for line in result.split("\n"))
    return result


def test_the_fleet_is_canonical():
    for path in sorted((ROOT / "collectivities").rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        assert canonical(text, path.name, ORDER)[0] == text, path


@given(spoiled_charters())
def test_spoiled_charters(text):
    check(text)


@given(spoiled_lines())
def test_lines_out_of_place(text):
    check(text)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cn"])),
    st.sampled_from([f for f in FRAGMENTS if f.isprintable()]),
    st.text("ab \n#:-", max_size=12),
)
data = st.dictionaries(
    st.sampled_from(["collectivity", "mail", "site", "kind", "x: y", "no", "46", "- a", "#", ""]),
    st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text("abé-", max_size=3), inner)
        ),
        max_leaves=12,
    ),
    min_size=1,
)


@given(data)
def test_any_data_written_as_json_comes_back(tree):
    """JSON is YAML: data of any shape, written on one line, survives."""
    text = json.dumps(tree, ensure_ascii=False) + "\n"
    document, _ = read_bytes(text.encode(), "x")
    if document is not None:  # a text that YAML refuses, such as U+FFFE
        check(text)


@st.composite
def commented(draw):
    """The charter with comments and blank lines put in anywhere between and after lines."""
    lines = CHARTER.splitlines()
    for number in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(lines)))
        kind = draw(st.sampled_from(["own", "inline", "blank"]))
        if kind == "inline" and at < len(lines) and "#" not in lines[at] and lines[at]:
            lines[at] += f" # c{number}"
        elif kind == "blank":
            lines.insert(at, "")
        else:
            lines.insert(at, " " * draw(st.integers(0, 8)) + f"# c{number}")
    return "\n".join(lines) + "\n"


@given(commented())
def test_comments_anywhere(text):
    assert check(text) is not None


MESSY = """\
#top


# yaml with habits
site: {kind: cms,   # why cms
  domain: "www.cahors.fr"}   # end
mail:
    aliases:
        contact@cahors.fr:
        - 'mairie@cahors.fr'   # first
        # end of the list
    # end of mail
# who it is
collectivity:   # inline

    siren:   '214600421'
    kind: "commune"
    contact: {phone: +33 5 36 49 10 00}
"""
CLEAN = """\
# yaml-language-server: $schema=../../schemas/collectivity.schema.json
#top

# who it is
collectivity:  # inline
  kind: commune
  siren: "214600421"
  contact: {phone: "+33 5 36 49 10 00"}
mail:
  aliases:
    contact@cahors.fr:
      - mairie@cahors.fr  # first
      # end of the list
  # end of mail
# yaml with habits
site:
  kind: cms  # why cms
  domain: www.cahors.fr  # end
"""


def test_an_example():
    schema = "../../schemas/collectivity.schema.json"
    assert canonical(MESSY, "x", ORDER, schema) == (CLEAN, [])


@pytest.mark.parametrize(
    ("written", "canonically"),
    [
        ("'x'", "x"),
        ('"no"', '"no"'),
        ("no", '"no"'),
        ("'46042'", '"46042"'),
        ("+33 5 65", '"+33 5 65"'),
        ("'2024-03-01'", "2024-03-01"),
        ("'192.0.2.7'", "192.0.2.7"),
        ("2001:db8::7", '"2001:db8::7"'),
        ("'https://x.fr/'", "https://x.fr/"),
        ("'a: b'", '"a: b"'),
        ("v=spf1 mx -all", "v=spf1 mx -all"),
        ("'it''s'", "it's"),
        ("""'say "a: b"'""", """'say "a: b"'"""),
        ('"a\\tb"', '"a\\tb"'),
        ("[ a ,b ]", "[a, b]"),
        ("{}", "{}"),
        ("~", ""),
        ("'@'", '"@"'),
        ("'a, b'", "a, b"),
        ("['a, b']", '["a, b"]'),
        (">-\n  a\n  b", "a b"),
        ("|\n  a\n  b", "|\n  a\n  b"),
        ("|-\n  a\n  b", "|-\n  a\n  b"),
    ],
)
def test_quotes_and_styles(written, canonically):
    assert canonical(f"k: {written}\n")[0] == f"k: {canonically}".rstrip() + "\n"


def test_a_collection_that_does_not_fit_is_written_as_a_block():
    items = [f"adresse{number}@cahors.fr" for number in range(9)]
    expected = "k:\n" + "".join(f"  - {item}\n" for item in items)
    assert canonical(f"k: [{', '.join(items)}]\n")[0] == expected


def test_order_reaches_into_free_keys_and_lists():
    inner = KeyOrder({"b": KeyOrder(), "a": KeyOrder()})
    order = KeyOrder({"list": KeyOrder(each=inner), "free": KeyOrder(each=inner)})
    text = "other: 1\nfree: {z: {a: 1, b: 2}, w: {a: 1}}\nlist: [{a: 1, x: 0, b: 2}]\n"
    assert canonical(text, order=order)[0] == (
        "list: [{b: 2, a: 1, x: 0}]\nfree: {z: {b: 2, a: 1}, w: {a: 1}}\nother: 1\n"
    )


@pytest.mark.parametrize(
    ("written", "canonically"),
    [
        ("- -\n    # c\n    - - a\n", "# c\n- - - - a\n"),
        ("- - {k: [a, # c\n    b]}\n", "- - k:\n      - a  # c\n      - b\n"),
        ("b: |\n  x\n\na: t\n\nc: z\n", "a: t\nb: |\n  x\n\nc: z\n"),
        ("a: |\n  x\n\n# c\n\nb: t\n", "a: |\n  x\n\n# c\n\nb: t\n"),
        ("a: |\n  two  \n  lines\n", "a: |\n  two  \n  lines\n"),
        ("b: |+\n  x\n\n\na: t\n", 'a: t\nb: "x\\n\\n\\n"\n'),
    ],
)
def test_comments_and_blank_lines_settle_at_once(written, canonically):
    order = KeyOrder({"a": KeyOrder(), "b": KeyOrder()})
    once, found = canonical(written, order=order)
    assert (once, found) == (canonically, [])
    assert canonical(canonically, order=order)[0] == canonically
