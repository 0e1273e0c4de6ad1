# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file as plain data, with the place of every node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from yaml.nodes import MappingNode, Node, SequenceNode

from bastide.diagnostics import Diagnostic, Kind, Path, diagnose

At = Literal["key", "value"]


@dataclass(frozen=True, slots=True)
class Surprise:
    """An unquoted text that other YAML readers take for something else.

    `reading` is one of the names of :func:`bastide.documents.scalars.resolve`; line and
    column are 1-based.
    """

    text: str
    reading: str
    line: int
    column: int


@dataclass(slots=True)
class Document:
    """One YAML file that was read: `data` is made of dict, list, str, int, float, bool, None.

    `name` is the file as messages show it; `node` is libyaml's tree, from which places are
    looked up only when somebody asks.
    """

    name: str
    data: Any
    node: Node
    surprises: tuple[Surprise, ...] = ()
    _entries: dict[int, dict[Any, tuple[Node, Node]]] = field(default_factory=dict, repr=False)

    def position(self, path: Path, at: At = "key") -> tuple[int, int]:
        """1-based line and column of the key or of the value at `path`.

        A list item has no key: its own place stands for both.  Where the path leads nowhere
        (a missing field), the key of the nearest ancestor that exists is given.
        """
        node, key = self.node, self.node
        for step in path:
            found = self._children(node).get(step)
            if found is None:
                at = "key"
                break
            key, node = found
        mark = (key if at == "key" else node).start_mark
        return mark.line + 1, mark.column + 1

    def line(self, path: Path) -> int:
        """1-based line of the key at `path`."""
        return self.position(path)[0]

    def exists(self, path: Path) -> bool:
        """True when there is a node at `path`."""
        node = self.node
        for step in path:
            found = self._children(node).get(step)
            if found is None:
                return False
            node = found[1]
        return True

    def plain_text(self, path: Path) -> str | None:
        """The characters of the unquoted scalar at `path`; None when it is quoted or no scalar."""
        node = self.node
        for step in path:
            found = self._children(node).get(step)
            if found is None:
                return None
            node = found[1]
        return str(node.value) if getattr(node, "style", None) == "" else None

    def lacks_colon(self, path: Path) -> bool:
        """True for a key between commas that no colon follows, as ``b`` in ``{a: 1, b}``."""
        node: Any = self.node
        for step in path[:-1]:
            node = self._children(node)[step][1]
        key, value = self._children(node)[path[-1]]
        first = node.value[0][0] is key
        return not first and bool(node.flow_style) and key.end_mark.index == value.start_mark.index

    def diagnose(self, kind: Kind, path: Path, at: At = "key", **facts: object) -> Diagnostic:
        """A diagnostic of `kind` at the key or value of `path` in this file."""
        line, column = self.position(path, at)
        return diagnose(kind, self.name, line, column, path, **facts)

    def _children(self, node: Node) -> dict[Any, tuple[Node, Node]]:
        """Key node and value node of each entry of `node`, indexed once."""
        known = self._entries.get(id(node))
        if known is None:
            if isinstance(node, MappingNode):
                known = {key.value: (key, value) for key, value in node.value}
            elif isinstance(node, SequenceNode):
                known = {index: (item, item) for index, item in enumerate(node.value)}
            else:
                known = {}
            self._entries[id(node)] = known
        return known
