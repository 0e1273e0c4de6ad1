# SPDX-License-Identifier: GPL-3.0-or-later
"""Colons, commas, dashes and number signs that YAML took for a part of a text.

What it then finds is a text of the wrong type or a key that nobody knows; the way out lies
in the punctuation, not in the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bastide.diagnostics import Diagnostic, Path
from bastide.documents import Document
from bastide.schema import kinds, words

_GLUED = re.compile(r"(?P<key>\w+):(?P<value>\S+)")
_DASH = re.compile(r"(?:^|\s)[-\u2010-\u2015\u2022](?=\s*\w)\s*")


def glued(
    document: Document, path: Path, text: str, known: Iterable[str], *, at_value: bool
) -> Diagnostic | None:
    """``kind:commune``, of which the key is in `known`: one text without a space in it."""
    match = _GLUED.match(text)
    if match is None or match["key"] not in known:
        return None
    facts = {"text": words.shown(match[0]), "key": match["key"], "value": match["value"]}
    return document.diagnose(kinds.GLUED, path, "value" if at_value else "key", **facts)


def cut(document: Document, path: Path) -> Diagnostic | None:
    """``{content: a, b}``, where ``b`` was meant as the end of a text."""
    if not document.lacks_colon(path):
        return None
    return document.diagnose(kinds.CUT, path, key=words.shown(path[-1]))


def as_list(text: str) -> str:
    """What stands between the brackets of a list: ``-a -b`` gives ``a, b``."""
    return ", ".join(item for item in _DASH.split(text) if item) if _DASH.match(text) else text


def before_comment(text: str) -> str:
    """`text` up to a ``#`` that touches it, which begins no comment for YAML."""
    return text.partition("#")[0].strip()
