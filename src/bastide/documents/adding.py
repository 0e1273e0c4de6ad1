# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding to a file what a command was told, in canonical form, comments kept.

The tree of libyaml gets new nodes, and the file is written as ``bastide fmt`` writes it: who
reads the difference sees the addition and nothing else.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bastide.diagnostics import Diagnostic, Path
from bastide.documents.layout import LOSSY, canonical, lossless, write_outline
from bastide.documents.order import KeyOrder
from bastide.documents.outline import Entry, outline
from bastide.documents.reader import read_bytes


def with_item(
    text: str | bytes,
    name: str,
    path: Path,
    item: Mapping[str, str],
    order: KeyOrder | None = None,
    schema: str | None = None,
) -> tuple[str | None, list[Diagnostic]]:
    """The YAML `text` with `item` at the end of the list at `path`, made where it is missing.

    `name`, `order` and `schema` as in :func:`bastide.documents.canonical`; the steps of `path`
    are keys of mappings.  Returns None with the reasons when the text is no valid YAML, could not
    be written without loss, or has something else where a list or a mapping should be.
    """
    data = (text.encode() if isinstance(text, str) else text).replace(b"\r\n", b"\n")
    document, found = read_bytes(data, name)
    # A second tree, that may be changed; the first one says what was there.
    changed, _ = read_bytes(data, name)
    if document is None or changed is None:
        return None, found
    wanted = _with(document.data, path, item)
    if wanted is None:
        return None, [document.diagnose(LOSSY, path)]
    source = data.decode()
    top = outline(changed.node, source)
    _append(_list_at(top, [str(step) for step in path]), item)
    written = write_outline(top, order, schema)
    if not lossless(document, wanted, source, written, name):
        return None, [document.diagnose(LOSSY, path)]
    return canonical(written, name, order, schema)


def _list_at(top: Entry, path: list[str]) -> Entry:
    entry = top
    for number, step in enumerate(path):
        last = number == len(path) - 1
        child = next((c for c in entry.children if c.key and c.key.value == step), None)
        if child is None:
            child = Entry(_scalar(step), _empty(last=last), entry, expanded=False)
            entry.children.append(child)
            entry.value.value.append((child.key, child.value))
        elif isinstance(child.value, ScalarNode) and not child.value.value:
            # `cahors.fr:` without anything after it.
            old, child.value = child.value, _empty(last=last)
            pairs = entry.value.value
            pairs[:] = [(k, child.value if v is old else v) for k, v in pairs]
        entry = child
    return entry


def _append(entry: Entry, item: Mapping[str, str]) -> None:
    node = MappingNode("", [(_scalar(k), _scalar(v)) for k, v in item.items()])
    added = Entry(None, node, entry, expanded=False)
    added.children = [Entry(key, value, added, expanded=False) for key, value in node.value]
    entry.children.append(added)
    entry.value.value.append(node)


def _scalar(text: str) -> ScalarNode:
    # In quotes it is text, whatever it looks like; they are left out where they are not needed.
    return ScalarNode("", text, style='"')


def _empty(*, last: bool) -> Node:
    return SequenceNode("", []) if last else MappingNode("", [])


def _with(data: Any, path: Path, item: Mapping[str, str]) -> Any:
    """What the file must say afterwards; None when `path` leads through something else."""
    whole = copy.deepcopy(data)
    here = whole
    for step in path[:-1]:
        if not isinstance(here, dict):
            return None
        if here.get(step) is None:
            here[step] = {}
        here = here[step]
    if not isinstance(here, dict):
        return None
    items = here.setdefault(path[-1], [])
    if items is None:
        items = here[path[-1]] = []
    if not isinstance(items, list):
        return None
    items.append(dict(item))
    return whole
