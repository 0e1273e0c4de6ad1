# SPDX-License-Identifier: GPL-3.0-or-later
"""A document as entries with the comments and blank lines that go with each.

libyaml drops comments.  Since every scalar knows where it begins and ends, whatever begins
with ``#`` elsewhere is a comment; it goes with the entry on its line, else with the entry
below it, or with the end of the block it is indented like.  ruamel.yaml keeps comments
too, but ties them to the entry above, and so loses them when keys change their order.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

BLANK = ""
# The header of a block scalar whose final blank lines are part of the text.
_KEEPS = re.compile(r"[|>]\d?\+")


@dataclass(slots=True)
class Entry:
    """A key with its value, a list item, or the document itself (no key).

    `children` are the entries of a collection; `expanded` tells that each has lines of its
    own.  `before` holds comment lines and blank lines above, `inline` the comment at the end
    of the first line, `after` comment lines at the end of the block.  `start` is the 0-based
    line and column of the key, of the dash or of the value.
    """

    key: ScalarNode | None
    value: Node
    parent: Entry | None
    expanded: bool
    children: list[Entry] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    inline: str | None = None
    after: list[str] = field(default_factory=list)
    start: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Comment:
    line: int
    column: int
    text: str
    alone: bool


def outline(root: Node, text: str) -> Entry:
    """The entries of the document `root`, composed from `text`, with their comments."""
    found = list(_comments(root, text))
    places = [(comment.line, comment.column) for comment in found]
    lines = text.split("\n")
    top = _entry(None, root, None, places)
    _find_starts(top, lines)
    entries = [entry for entry in _walk(top) if entry.parent is not None]
    _attach(found, entries, top)
    for entry in entries:
        if entry.children and entry.children[0].before[:1] == [BLANK]:
            del entry.children[0].before[0]
    return top


def comments_of(root: Node, text: str) -> list[str]:
    """Comments of `text`, whose document is `root`, in order, without blank lines."""
    return [comment.text for comment in _comments(root, text) if comment.text]


def _entry(
    key: ScalarNode | None, value: Node, parent: Entry | None, places: list[tuple[int, int]]
) -> Entry:
    holds_comment = _between(places, value)
    within = parent is None or parent.expanded
    expanded = within and (not getattr(value, "flow_style", True) or holds_comment)
    entry = Entry(key, value, parent, expanded)
    if isinstance(value, MappingNode):
        entry.children = [_entry(k, v, entry, places) for k, v in value.value]
    elif isinstance(value, SequenceNode):
        entry.children = [_entry(None, item, entry, places) for item in value.value]
    return entry


def _find_starts(entry: Entry, lines: list[str]) -> None:
    """Fill in `start` below `entry`; dashes have no node, they are looked for."""
    dash = isinstance(entry.value, SequenceNode) and not entry.value.flow_style
    column = entry.value.start_mark.column
    for child in entry.children:
        mark = (child.key or child.value).start_mark
        line = mark.line
        if dash:
            while line > entry.value.start_mark.line and lines[line][column : column + 1] != "-":
                line -= 1
        child.start = (line, column if dash else mark.column)
        _find_starts(child, lines)


def _between(places: list[tuple[int, int]], node: Node) -> bool:
    """True when a comment stands inside the flow collection `node`."""
    if isinstance(node, ScalarNode):
        return False
    first = bisect_right(places, (node.start_mark.line, node.start_mark.column))
    end = (node.end_mark.line, node.end_mark.column)
    return first < len(places) and places[first] < end


def _walk(entry: Entry) -> Iterator[Entry]:
    """Entries that have a line of their own, in the order of the text."""
    yield entry
    if entry.expanded:
        for child in entry.children:
            yield from _walk(child)


def _comments(root: Node, text: str) -> Iterator[_Comment]:
    """Comments of `text` and its blank lines (with empty text), in order."""
    lines = text.split("\n")
    covered = _covered(root, lines)
    for number, line in enumerate(lines):
        spans = covered.get(number, [])
        if not line.strip():
            if not spans and number < len(lines) - 1:
                yield _Comment(number, 0, BLANK, alone=True)
            continue
        column = _comment_start(line, spans)
        if column is not None:
            yield _Comment(number, column, line[column:].rstrip(), not line[:column].strip())


def _covered(root: Node, lines: list[str]) -> dict[int, list[tuple[int, int]]]:
    """Columns that scalars take on each line."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for scalar in _scalars(root):
        block = scalar.style in ("|", ">")
        start, end = scalar.start_mark, _end_of_block(scalar, lines) if block else _end_of(scalar)
        for line in range(start.line, min(end[0], len(lines) - 1) + 1):
            first = start.column if line == start.line else 0
            last = end[1] if line == end[0] else len(lines[line])
            if line == start.line and block:
                last = first + 1  # a comment may follow the header of a block scalar
            if last > first or (line != end[0]):
                covered.setdefault(line, []).append((first, last))
    return covered


def _end_of(scalar: Any) -> tuple[int, int]:
    return scalar.end_mark.line, scalar.end_mark.column


def _end_of_block(scalar: Any, lines: list[str]) -> tuple[int, int]:
    """Line and column where a block scalar ends; libyaml counts the blank lines below to it."""
    start = scalar.start_mark
    line, column = _end_of(scalar)
    if _KEEPS.match(lines[start.line], start.column):
        return line, column
    while line > start.line and not lines[line][:column].strip():
        line -= 1
        column = len(lines[line])
    return line, column


def _scalars(node: Node) -> Iterator[Any]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    else:
        for item in node.value:
            yield from _scalars(item)


def _comment_start(line: str, spans: list[tuple[int, int]]) -> int | None:
    column = line.find("#")
    while column >= 0:
        span = next((s for s in spans if s[0] <= column < s[1]), None)
        if span is None:
            return column
        column = line.find("#", span[1])
    return None


def _attach(comments: list[_Comment], entries: list[Entry], top: Entry) -> None:
    """Give each comment to its entry; blank lines become one, before what follows them."""
    starts = [entry.start for entry in entries]
    gap = False
    done = 0
    for comment in comments:
        index = bisect_right(starts, (comment.line, comment.column))
        if index > done:
            if gap:
                entries[done].before.append(BLANK)
            gap, done = False, index
        if comment.text is BLANK:
            gap = True
            continue
        last = entries[index - 1] if index else None
        if comment.alone or last is None:
            target = _home(comment, last, entries[index] if index < len(entries) else None, top)
            target += [BLANK, comment.text] if gap else [comment.text]
        elif last.inline is None:
            last.inline = comment.text
        else:
            last.before.append(comment.text)
        gap = False
    if gap and done < len(entries):
        entries[done].before.append(BLANK)


def _home(comment: _Comment, last: Entry | None, following: Entry | None, top: Entry) -> list[str]:
    """Where an own-line comment goes: above what follows, or to the end of a block."""
    limit = following.start[1] if following else -1
    block = last.parent if last else None
    while block is not None and block.children:
        column = block.children[0].start[1]
        if column <= limit:
            break
        if column <= comment.column:
            return block.after
        block = block.parent
    return following.before if following else top.after
