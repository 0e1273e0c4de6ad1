# SPDX-License-Identifier: GPL-3.0-or-later
"""Every oddity of an irregular YAML file, each with its place, in one pass over its events.

Events come one by one without recursion, so that neither depth nor aliases can hurt.
A syntax error ends the pass; what was found before it is told as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from yaml import events as ev
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError

from bastide.diagnostics import Diagnostic, Kind, diagnose
from bastide.documents import kinds, syntax
from bastide.documents.scalars import resolve
from bastide.documents.source import CONTROL, INVISIBLE, show_character

MAX_DEPTH: Final = 32
MAX_TEXT: Final = 16_384
# A file with more findings is not the file that was meant; telling them all helps nobody.
MAX_FINDINGS: Final = 100

_READINGS: Final = {
    "yes_no": ("a boolean", "un booléen"),
    "bool": ("a boolean", "un booléen"),
    "none": ("nothing", "une valeur absente"),
    "null": ("nothing", "une valeur absente"),
    "time": ("a date", "une date"),
}
_NUMBER: Final = ("a number", "un nombre")


@dataclass(slots=True)
class _Level:
    """One open collection: keys seen with their line, and whether a key comes next."""

    mapping: bool
    keys: dict[str, int] = field(default_factory=dict)
    key_next: bool = True


class _Audit:
    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.limit = limit
        self.found: list[Diagnostic] = []
        self.levels: list[_Level] = []
        self.documents = 0
        self.too_deep = False

    def add(self, kind: Kind, mark: Any, **facts: Any) -> None:
        self.found.append(diagnose(kind, self.name, mark.line + 1, mark.column + 1, **facts))

    @property
    def done(self) -> bool:
        # libyaml's work grows with the square of the depth: no further than the first excess.
        return self.documents > 1 or self.too_deep or len(self.found) >= self.limit

    def see(self, event: Any) -> None:
        kind = type(event)
        if kind is ev.ScalarEvent:
            self._properties(event)
            self._scalar(event)
        elif kind is ev.MappingStartEvent or kind is ev.SequenceStartEvent:
            self._properties(event)
            if self._at_key():
                self.add(kinds.KEY_NOT_SCALAR, event.start_mark)
            self._advance()
            self.levels.append(_Level(mapping=kind is ev.MappingStartEvent))
            if len(self.levels) > MAX_DEPTH:
                self.too_deep = True
                self.add(kinds.TOO_DEEP, event.start_mark, limit=MAX_DEPTH)
        elif kind is ev.MappingEndEvent or kind is ev.SequenceEndEvent:
            self.levels.pop()
        elif kind is ev.AliasEvent:
            self.add(kinds.ALIAS, event.start_mark, name=event.anchor)
            self._advance()
        elif kind is ev.DocumentStartEvent:
            self._document(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.add(kinds.SEVERAL, event.start_mark)
        if event.version or event.tags:
            self.add(kinds.DIRECTIVE, event.start_mark)

    def _properties(self, event: Any) -> None:
        if event.anchor is not None:
            self.add(kinds.ANCHOR, event.start_mark, name=event.anchor)
        if event.tag is not None:
            self.add(kinds.TAG, event.start_mark, tag=_short_tag(event.tag))

    def _scalar(self, event: Any) -> None:
        text, mark = event.value, event.start_mark
        if len(text) > MAX_TEXT:
            self.add(kinds.TOO_LONG, mark, length=len(text), limit=MAX_TEXT)
        for kind, pattern in ((kinds.CONTROL, CONTROL), (kinds.INVISIBLE, INVISIBLE)):
            # Escapes bring in what the raw text did not hold.
            match = pattern.search(text)
            if match:
                self.add(kind, mark, character=show_character(match.group()))
        if self._at_key():
            self._key(event)
        self._advance()

    def _key(self, event: Any) -> None:
        text, mark, keys = event.value, event.start_mark, self.levels[-1].keys
        if text in keys:
            self.add(kinds.DUPLICATE, mark, key=text, first=keys[text])
            return
        keys[text] = mark.line + 1
        if event.style or event.tag is not None:
            return
        if text == "<<":
            self.add(kinds.MERGE, mark)
            return
        reading = key_reading(text)
        if reading:
            self.add(
                kinds.KEY_NOT_TEXT, mark, key=text, reading_en=reading[0], reading_fr=reading[1]
            )

    def _at_key(self) -> bool:
        return bool(self.levels) and self.levels[-1].mapping and self.levels[-1].key_next

    def _advance(self) -> None:
        if self.levels:
            self.levels[-1].key_next = not self.levels[-1].key_next


def key_reading(text: str) -> tuple[str, str] | None:
    """What YAML readers take the unquoted key `text` for, in both languages; None for text."""
    if not text:
        return _READINGS["null"]
    value, surprise = resolve(text)
    if surprise:
        return _READINGS.get(surprise, _NUMBER)
    if isinstance(value, str):
        return None
    if value is None:
        return _READINGS["null"]
    return _READINGS["bool"] if isinstance(value, bool) else _NUMBER


def audit(data: bytes, name: str) -> list[Diagnostic]:
    """Every finding in the UTF-8 text `data` of the file `name`, in order.

    Stops at :data:`MAX_FINDINGS`, and says so.
    """
    walk = _Audit(name, MAX_FINDINGS)
    parser = CParser(data)
    try:
        while not walk.done and parser.check_event():
            walk.see(parser.get_event())
    except MarkedYAMLError as error:
        lines = data.decode("utf-8").splitlines()
        walk.found.append(syntax.explain(error, name, lines))
    except YAMLError as error:
        walk.found.append(diagnose(syntax.SYNTAX, name, 1, 1, words=str(error)))
    return capped(sorted(set(walk.found)))


def capped(found: list[Diagnostic]) -> list[Diagnostic]:
    """`found`, or the first :data:`MAX_FINDINGS` of it and a word that there are more."""
    if len(found) < MAX_FINDINGS:
        return found
    shown = found[:MAX_FINDINGS]
    last = shown[-1]
    return [*shown, diagnose(kinds.MORE, last.file, last.line, last.column, limit=MAX_FINDINGS)]


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
