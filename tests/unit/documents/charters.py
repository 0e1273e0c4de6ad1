# SPDX-License-Identifier: GPL-3.0-or-later
"""A good charter, and ways of spoiling it, for the tests of documents and schemas."""

from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
CHARTER = (ROOT / "collectivities" / "46" / "cahors.yml").read_text(encoding="utf-8")

# What people and editors put into YAML files by accident.
FRAGMENTS = [
    *("\t", "  ", "\n", "\r\n", "- ", ": ", "? ", "#", " #", "'", '"', "[", "]", "{", "}", ","),
    *("&a", "*a", "!!str ", "! ", "<<: ", "|", ">", "|-\n", "---\n", "...\n", "%YAML 1.1\n"),
    *("@", "`", "%", "\\", "\\x", "no", "yes", "~", "null", "true", "1:30", "012", "1e3", "0x1f"),
    *(".inf", "2024-13-45", "46042", "0.5", "é", "œ", "\u00a0", "\u200b", "\u2028", "\ufeff"),
    *("\x00", "\x07", "\x7f", "\x85", "\r", "\U0001f600", "[" * 40, "- " * 40, "{a: " * 40),
]

yaml_like = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=4), st.sampled_from("abc: \n")),
    max_size=40,
).map("".join)


@st.composite
def spoiled_charters(draw):
    """The charter with up to four pieces deleted, doubled, swapped or put in."""
    text = CHARTER
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        piece = draw(st.sampled_from(["", text[start:end] * 2, *FRAGMENTS]))
        text = text[:start] + piece + text[end:]
    return text


@st.composite
def spoiled_lines(draw):
    """The charter with lines deleted, doubled, moved or indented otherwise."""
    lines = CHARTER.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        action = draw(st.sampled_from(["delete", "double", "move", "indent", "outdent"]))
        if action == "delete":
            del lines[at]
        elif action == "double":
            lines.insert(at, lines[at])
        elif action == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif action == "indent":
            lines[at] = " " + lines[at]
        else:
            lines[at] = lines[at].removeprefix(" ")
    return "".join(lines)
