# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the bytes: no exception, and every error has a line, a column and two languages.

``HYPOTHESIS_PROFILE=thorough`` makes each of these run 10,000 examples.
"""

import pytest
from charters import ROOT, spoiled_charters, spoiled_lines, yaml_like
from hypothesis import given
from hypothesis import strategies as st

from bastide.diagnostics import has_errors
from bastide.documents import read_bytes
from bastide.schema import Schemas

SCHEMAS = Schemas.load(ROOT / "schemas")


def examine(data: bytes):
    document, found = read_bytes(data, "file.yml")
    assert (document is None) == has_errors(found)
    if document is not None:
        found = [*found, *SCHEMAS.check_collectivity(document)]
    lines = data.decode("utf-8", "replace").split("\n")
    for diagnostic in found:
        assert 1 <= diagnostic.line <= len(lines), diagnostic
        assert 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1, diagnostic
        for language in ("en", "fr"):
            text = diagnostic.message(language) + diagnostic.hint(language)
            assert text.strip(), diagnostic
    return found


@given(st.binary(max_size=400))
def test_any_bytes(data):
    examine(data)


@given(st.text(max_size=400))
def test_any_text(text):
    examine(text.encode("utf-8", "surrogatepass"))


@given(yaml_like)
def test_yaml_like_text(text):
    examine(text.encode())


@given(spoiled_charters())
def test_a_charter_with_pieces_spoiled(text):
    examine(text.encode())


@given(spoiled_lines())
def test_a_charter_with_lines_out_of_place(text):
    examine(text.encode())


@given(spoiled_charters(), st.sampled_from(["latin-1", "cp1252", "utf-16", "utf-16-be", "utf-32"]))
def test_a_charter_in_another_encoding(text, encoding):
    found = examine(text.encode(encoding, "replace"))
    if encoding.startswith("utf"):
        assert has_errors(found)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "- ? ", "[[{"])
@pytest.mark.parametrize("times", [40, 900, 60_000])
def test_depth_never_reaches_the_stack(opening, times):
    found = examine((opening * times).encode())
    assert {d.code for d in found} & {"D123", "D131", "D138", "D139"}


def test_many_aliases_cost_nothing():
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
    )
    codes = {d.code for d in examine(bomb.encode())}
    assert {"D119", "D120"} <= codes
