# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalars and one-line collections as the canonical form writes them.

A text is quoted where it must be, and where a person or another YAML reader could take it
for something else: numbers, booleans, telephone numbers, times, IPv6 addresses, words with a
colon among them.  Dates, IPv4 addresses and URLs stand without quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bastide.documents.order import KeyOrder
from bastide.documents.scalars import is_text, resolve

# First characters that mean something to YAML, or are better not relied on.
_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`=<~ \t")
# Only signs of numbers, dates and telephone numbers; or a digit first and a colon inside.
_NUMBER_LIKE: Final = re.compile(r"[-+.0-9][-+.0-9 ()_/]*|[0-9][0-9A-Fa-f]*:.*")
_DATE_OR_IPV4: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_IN_FLOW: Final = frozenset(",[]{}")


def write_scalar(node: ScalarNode, *, flow: bool) -> str:
    """The scalar `node` on one line, inside a flow collection or not."""
    text: str = node.value
    if not node.style and (not text or not is_text(text)):
        value, surprise = resolve(text) if text else (None, None)
        if surprise is None and not isinstance(value, str):
            return "null" if value is None else text
    return write_text(text, flow=flow)


def write_text(text: str, *, flow: bool) -> str:
    """The string `text` on one line, in quotes where they are needed."""
    if _is_plain(text, flow=flow):
        return text
    if '"' in text and "'" not in text and "\\" not in text and text.isprintable():
        return f"'{text}'"
    # JSON's escapes are YAML's; what is not printable is escaped, accents are not.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == " " else _escape(c) for c in quoted)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004


def _is_plain(text: str, *, flow: bool) -> bool:
    return (
        text.isprintable()
        and is_text(text)
        and text[0] not in _INDICATORS
        and not text[-1].isspace()
        and text[-1] != ":"
        and " #" not in text
        and not (":" in text and " " in text)
        and not (flow and _IN_FLOW.intersection(text))
        and (not _NUMBER_LIKE.fullmatch(text) or bool(_DATE_OR_IPV4.fullmatch(text)))
    )


def write_flow(node: Node, order: KeyOrder | None) -> str:
    """The node on one line: ``{kind: classic, quota: 5 GB}``, ``[a, b]`` or a scalar."""
    if isinstance(node, MappingNode):
        pairs = sorted(node.value, key=lambda pair: rank(order, pair[0].value))
        return "{" + ", ".join(_pair(key, value, order) for key, value in pairs) + "}"
    if isinstance(node, SequenceNode):
        each = order.each if order else None
        return "[" + ", ".join(write_flow(item, each) for item in node.value) + "]"
    assert isinstance(node, ScalarNode)  # noqa: S101 - there is no fourth kind of node
    return write_scalar(node, flow=True)


def _pair(key: ScalarNode, value: Node, order: KeyOrder | None) -> str:
    below = order.below(key.value) if order else None
    return f"{write_scalar(key, flow=True)}: {write_flow(value, below)}"


def rank(order: KeyOrder | None, key: Any) -> int:
    """Place of `key` among the known ones; unknown and free keys come after, as written."""
    if order is None or key not in order.keys:
        return len(order.keys) if order else 0
    return list(order.keys).index(key)


def is_literal(node: Node) -> bool:
    """True for a text of several lines that can be written as a literal block (``|``).

    One that ends with blank lines cannot: those above the next key would become its own.
    """
    return (
        isinstance(node, ScalarNode)
        and node.style in ("|", ">")
        and "\n" in node.value
        and bool(node.value.strip())
        and not node.value.startswith((" ", "\n"))
        and not node.value.endswith("\n\n")
        and all(line.replace("\t", "").isprintable() for line in node.value.split("\n"))
    )


def literal_header(text: str) -> str:
    """``|``, or ``|-`` when no line feed ends `text`."""
    return "|" if text.endswith("\n") else "|-"
