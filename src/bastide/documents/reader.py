# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict YAML, fast: libyaml composes the tree, a few lines of our own make the data.

The fast way only says "regular" or "irregular"; what exactly is wrong, and where, is told
by :mod:`bastide.documents.audit`, which walks the events of the irregular files alone.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from yaml._yaml import CParser
from yaml.error import YAMLError
from yaml.nodes import Node, ScalarNode, SequenceNode

from bastide.diagnostics import Diagnostic, diagnose, has_errors
from bastide.documents import kinds, syntax
from bastide.documents.audit import MAX_DEPTH, MAX_TEXT, audit
from bastide.documents.document import Document, Surprise
from bastide.documents.scalars import SUSPECT_FIRST, is_text, resolve
from bastide.documents.source import check_bytes, load_bytes

if TYPE_CHECKING:
    from pathlib import Path

# What the composed tree does not show: anchors, aliases and tags, also in flow collections.
_ESCAPE: Final = re.compile(rb'"[^"]*\\')
_INDICATOR: Final = re.compile(rb"(?:^|[\s\[{,:])[&*!]", re.MULTILINE)
# libyaml's composer calls itself for each level, so the depth is bounded before it is called:
# by the number of brackets, and by the longest run of block indicators on one line.
_MAX_BRACKETS: Final = 500
_MAX_INDENT: Final = 100
_DEEP_BLOCK: Final = re.compile(rb"^[ \t?:-]{%d}" % _MAX_INDENT, re.MULTILINE)

_IMPLICIT: Final = "implicit"


class _Composer(CParser):
    """libyaml's composer without tag resolution: an explicit tag differs from `_IMPLICIT`."""

    def resolve(self, _kind: type[Node], _value: str, _implicit: object) -> str:
        return _IMPLICIT

    # Called for each node and of no use here; C functions that take what they are given.
    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(int)


class _Irregular(Exception):
    """The document must be audited."""


def read_file(path: Path, name: str | None = None) -> tuple[Document | None, list[Diagnostic]]:
    """Read the YAML file at `path`; `name` is how messages call it (default: the path).

    Returns the document, None when it cannot be used, and what was found.  Never raises.
    """
    shown = name if name is not None else str(path)
    data = load_bytes(path, shown)
    if isinstance(data, Diagnostic):
        return None, [data]
    return read_bytes(data, shown)


def read_bytes(data: bytes, name: str) -> tuple[Document | None, list[Diagnostic]]:
    """Read the YAML text `data` of the file `name`; see :func:`read_file`."""
    bad = check_bytes(data, name)
    if bad:
        return None, [bad]
    if _needs_audit(data):
        found = audit(data, name)
        if has_errors(found):
            return None, found
    try:
        root = _Composer(data).get_single_node()
        if root is None or _is_nothing(root):
            return None, [diagnose(kinds.EMPTY, name, 1, 1)]
        surprises: list[Surprise] = []
        built = _build(root, MAX_DEPTH, surprises)
    except (_Irregular, YAMLError):
        # The second is for what only the composer refuses; the audit is meant to know better.
        return None, audit(data, name) or [
            diagnose(syntax.SYNTAX, name, 1, 1, words="unexpected structure")
        ]
    if type(root) is ScalarNode:
        mark = root.start_mark
        return None, [diagnose(kinds.LONE_VALUE, name, mark.line + 1, mark.column + 1)]
    return Document(name, built, root, tuple(surprises)), []


def _is_nothing(root: Any) -> bool:
    """True for what is behind a lone `---`; its place would be behind the end of the file."""
    return type(root) is ScalarNode and not root.value and not root.style and root.tag is _IMPLICIT


def _needs_audit(data: bytes) -> bool:
    """True when the tree alone would not tell everything, or might be too deep to compose.

    Bytes are looked for first: most files hold none of them, and a pattern costs more.
    """
    return (
        # Escapes bring in characters that the text does not show.
        (b"\\" in data and bool(_ESCAPE.search(data)))
        or b"%" in data  # directives
        or ((b"&" in data or b"*" in data or b"!" in data) and bool(_INDICATOR.search(data)))
        or data.count(b"[") + data.count(b"{") > _MAX_BRACKETS
        or (len(max(data.split(b"\n"), key=len)) >= _MAX_INDENT and bool(_DEEP_BLOCK.search(data)))
    )


def _build(node: Any, depth: int, surprises: list[Surprise]) -> Any:
    """Plain data of `node`; raises `_Irregular` at the first oddity.

    Scalars are handled in place where they are ordinary: calling for each of them would
    cost a fifth of the time that a file takes.
    """
    kind = type(node)
    if kind is ScalarNode:
        return _scalar(node, surprises)
    if not depth or node.tag is not _IMPLICIT:
        raise _Irregular
    if kind is SequenceNode:
        return [_build(item, depth - 1, surprises) for item in node.value]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if (
            type(key_node) is not ScalarNode
            or key_node.tag is not _IMPLICIT
            or key in mapping
            or len(key) > MAX_TEXT
            or (not key_node.style and (not key or key[0] in SUSPECT_FIRST) and not is_text(key))
        ):
            raise _Irregular
        if type(value_node) is not ScalarNode:
            mapping[key] = _build(value_node, depth - 1, surprises)
            continue
        value = value_node.value
        if value_node.tag is not _IMPLICIT or len(value) > MAX_TEXT:
            raise _Irregular
        if value_node.style or (value and value[0] not in SUSPECT_FIRST):
            mapping[key] = value
        else:
            mapping[key] = _scalar(value_node, surprises)
    return mapping


def _scalar(node: Any, surprises: list[Surprise]) -> Any:
    text = node.value
    if node.tag is not _IMPLICIT or len(text) > MAX_TEXT:
        raise _Irregular
    if node.style:
        return text
    if not text:
        return None
    if text[0] not in SUSPECT_FIRST:
        return text
    value, surprise = resolve(text)
    if surprise:
        mark = node.start_mark
        surprises.append(Surprise(text, surprise, mark.line + 1, mark.column + 1))
    return value
