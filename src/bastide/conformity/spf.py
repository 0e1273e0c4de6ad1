# SPDX-License-Identifier: GPL-3.0-or-later
"""An SPF record as RFC 7208 reads it: its terms, the queries that it needs, its last word."""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import NamedTuple

MAX_QUERIES = 10

# RFC 7208 §7.1: what may stand in a domain-spec beside visible characters is a macro.
_MACRO = r"%(?:%|_|-|\{[slodiphcrtvSLODIPHCRTV][0-9]{0,3}r?[-.+,/_=]*\})"
_SPEC = rf"(?:[\x21-\x24\x26-\x2e\x30-\x7e]|{_MACRO})+"
_CIDR = r"(?:/(?:[0-9]|[12][0-9]|3[0-2]))?(?://(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?"
_MECHANISMS = re.compile(
    rf"(?P<qualifier>[+?~-]?)(?:(?P<all>all)|(?P<include>include:(?P<of>{_SPEC}))"
    rf"|(?P<query>(?:a|mx)(?::{_SPEC})?{_CIDR}|ptr(?::{_SPEC})?|exists:{_SPEC})"
    r"|ip(?P<version>[46]):(?P<network>[0-9A-Fa-f:./]+))\Z",
    re.IGNORECASE,
)
_REDIRECT = re.compile(rf"redirect=(?P<to>{_SPEC})\Z", re.IGNORECASE)
# Unknown modifiers are left alone (§6); a name begins with a letter.
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=[\x21-\x7e]*\Z")


class Spf(NamedTuple):
    """A record that is well formed.

    `queries` are those of its own terms, one for each of include, a, mx, ptr, exists and
    redirect; `follows` the domains whose own records count as well; `last` is what `all` says
    (``-``, ``~``, ``?``, ``+``), empty when nothing does.
    """

    queries: int
    follows: tuple[str, ...]
    last: str


class _Reader:
    """Takes the terms one after the other."""

    def __init__(self) -> None:
        self.queries = 0
        self.follows: list[str] = []
        self.last = ""
        self.redirect = ""
        self.modifiers: set[str] = set()

    def take(self, term: str) -> bool:
        """Take one term; False when it is none."""
        found = _MECHANISMS.match(term)
        if found is None:
            return self._modifier(term)
        if self.last:
            return True  # what follows `all` is never looked at (§5.1)
        if found["version"]:
            return _is_network(found["version"], found["network"])
        if found["all"]:
            self.last = found["qualifier"] or "+"
            return True
        self.queries += 1
        if found["include"]:
            self.follows.append(found["of"])
        return True

    def _modifier(self, term: str) -> bool:
        found = _MODIFIER.match(term)
        if found is None:
            return False
        name = found["name"].lower()
        # §6: redirect and exp stand at most once, and redirect with a domain.
        if name in {"redirect", "exp"} and name in self.modifiers:
            return False
        self.modifiers.add(name)
        if name == "redirect":
            target = _REDIRECT.match(term)
            self.redirect = target["to"] if target else ""
            return target is not None
        return True

    def record(self) -> Spf:
        """What the terms say together; `all` makes redirect idle (§6.1)."""
        if self.redirect and not self.last:
            return Spf(self.queries + 1, (*self.follows, self.redirect), "")
        return Spf(self.queries, tuple(self.follows), self.last)


@functools.lru_cache(maxsize=1024)
def parse_spf(text: str) -> Spf | str:
    """The record in `text`, or the first term at which it is none (permerror)."""
    version, *terms = text.strip(" ").split(" ")
    if version.lower() != "v=spf1":
        return version
    reader = _Reader()
    for term in filter(None, terms):
        if not reader.take(term):
            return term
    return reader.record()


def _is_network(version: str, text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.version == int(version)
