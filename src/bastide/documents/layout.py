# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical form of a YAML file: what ``bastide fmt`` writes.

Two spaces per level, keys in the order of the schema, quotes only where they are needed,
one-line collections kept while they fit, comments kept with what they speak of, at most one
blank line in a row.  Nothing is written that does not read back as the same data with the
same comments.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from bastide.diagnostics import Diagnostic, Severity, declare, diagnose
from bastide.documents.outline import BLANK, Entry, comments_of, outline
from bastide.documents.reader import read_bytes
from bastide.documents.writing import is_literal, literal_header, rank, write_flow, write_scalar

if TYPE_CHECKING:
    from bastide.documents.document import Document
    from bastide.documents.order import KeyOrder

LOSSY = declare(
    "D140", Severity.ERROR,
    en="the canonical form of this file would not say the same",
    fr="la forme canonique de ce fichier ne dirait pas la même chose",
    hint_en="The file is left as it is. Move its comments to lines of their own and try again.",
    hint_fr="Le fichier reste tel quel. Mettez ses commentaires sur leurs propres lignes et "
    "recommencez.",
)  # fmt: skip

# Longest line of a one-line collection, without its comment.
WIDTH: Final = 120
MODELINE: Final = "# yaml-language-server:"


def canonical(
    text: str | bytes,
    name: str = "text",
    order: KeyOrder | None = None,
    schema: str | None = None,
) -> tuple[str | None, list[Diagnostic]]:
    """Canonical form of the YAML `text` of the file `name`.

    `order` gives the order of keys (``Schema.key_order()``); `schema` is the path of the JSON
    Schema for the first line that editors read, added when there is none.  Returns None with
    the reasons when the text is no valid YAML, or could not be written without loss.
    """
    data = (text.encode() if isinstance(text, str) else text).replace(b"\r\n", b"\n")
    document, found = read_bytes(data, name)
    if document is None:
        return None, found
    source = data.decode()
    result = write_outline(outline(document.node, source), order, schema)
    if not lossless(document, document.data, source, result, name):
        return None, [diagnose(LOSSY, name, 1, 1)]
    return result, []


def write_outline(top: Entry, order: KeyOrder | None, schema: str | None) -> str:
    """The canonical text of the document `top`; its entries may be changed by that."""
    header = _header(top)
    if schema and not any(line.startswith(MODELINE) for line in header):
        header = [f"{MODELINE} $schema={schema}", *header]
    if top.children:
        top.expanded = True
        body = _block(top, 0, order)
    else:
        body = [write_flow(top.value, order)]
    lines = [*header, *body]
    lines += top.after
    return "\n".join(lines) + "\n"


def _header(top: Entry) -> list[str]:
    """Comments that speak of the file, taken off its first entry: down to a blank line."""
    if not top.children:
        return []
    first = top.children[0]
    before = first.before
    cut = len(before) - before[::-1].index(BLANK) if BLANK in before else 0
    if not cut and before and before[0].startswith(MODELINE):
        cut = 1
    first.before = before[cut:]
    header = before[:cut]
    while header and header[0] == BLANK:
        header = header[1:]
    return header


def _block(entry: Entry, indent: int, order: KeyOrder | None) -> list[str]:
    """Lines of the children of `entry`, its trailing comments included."""
    children = entry.children
    if isinstance(entry.value, MappingNode):
        children = sorted(children, key=lambda child: rank(order, _key(child)))
    pad = " " * indent
    lines: list[str] = []
    for child in children:
        below = _below(order, child)
        value = _child(child, indent, below)
        for comment in child.before:
            if comment != BLANK or lines:
                lines.append(pad + comment if comment else BLANK)
        lines += value
    if entry.parent is not None:
        lines += [pad + comment if comment else BLANK for comment in entry.after]
    return lines


def _key(entry: Entry) -> Any:
    return entry.key.value if entry.key else None


def _below(order: KeyOrder | None, child: Entry) -> KeyOrder | None:
    if order is None:
        return None
    return order.below(child.key.value) if child.key else order.each


def _child(child: Entry, indent: int, order: KeyOrder | None) -> list[str]:
    """Lines of one entry of a block; may move comments to its `before`."""
    pad = " " * indent
    lead = f"{write_scalar(child.key, flow=False)}:" if child.key else "-"
    comment = f"  {child.inline}" if child.inline else ""
    if is_literal(child.value):
        text = child.value.value
        body = [f"{pad}  {line}" if line else "" for line in text.removesuffix("\n").split("\n")]
        return [f"{pad}{lead} {literal_header(text)}{comment}", *body]
    collection = isinstance(child.value, (MappingNode, SequenceNode)) and bool(child.children)
    if not collection or not child.expanded:
        flat = write_flow(child.value, order) if collection else _flat(child)
        line = f"{pad}{lead} {flat}".rstrip()
        if not collection or len(line) <= WIDTH:
            return [line + comment, *(f"{pad}{text}" for text in child.after if text)]
        child.expanded = True  # too long for one line
    if child.key is not None:
        return [f"{pad}{lead}{comment}", *_block(child, indent + 2, order)]
    # The first line of the block stands beside the dash; its comments go above the item.
    if child.inline:
        child.before.append(child.inline)
    first = _first(child, order)
    child.before += [text for text in first.before if text]
    first.before = []
    lines = _block(child, indent + 2, order)
    while lines[0].lstrip().startswith("#"):  # from the first item of a list in the list
        child.before.append(lines.pop(0).lstrip())
    return [f"{pad}- {lines[0].lstrip()}", *lines[1:]]


def _first(entry: Entry, order: KeyOrder | None) -> Entry:
    """The child that will be written first."""
    if isinstance(entry.value, MappingNode):
        return min(entry.children, key=lambda child: rank(order, _key(child)))
    return entry.children[0]


def _flat(child: Entry) -> str:
    """Text after the key; nothing at all for an absent value in a block mapping."""
    if isinstance(child.value, (MappingNode, SequenceNode)):
        return write_flow(child.value, None)
    assert isinstance(child.value, ScalarNode)  # noqa: S101 - there is no fourth kind of node
    text = write_scalar(child.value, flow=False)
    return "" if text == "null" and child.key is not None else text


def lossless(document: Document, data: Any, source: str, result: str, name: str) -> bool:
    """True when `result` holds `data` and the comments that `document` has in `source`."""
    again, _ = read_bytes(result.encode(), name)
    if again is None or _frozen(again.data) != _frozen(data):
        return False
    lost = Counter(comments_of(document.node, source)) - Counter(comments_of(again.node, result))
    return not lost


def _frozen(data: Any) -> str:
    """Text that differs when types differ: for Python, 1 equals True."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False)
