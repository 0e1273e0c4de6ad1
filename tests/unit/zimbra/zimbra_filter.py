# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP filters (RFC 4515): and, or, not, equality, presence, substrings.

Three-valued as in RFC 4511 §4.5.1.7: what is said of an absent attribute is neither true nor
false, so that its negation does not match either.
"""

from __future__ import annotations

import re


class BadFilter(Exception):
    """The text is no filter."""


def matches(text, attributes):
    """True when an entry whose `attributes` map a lower-case name to values is selected."""
    test, rest = _filter(text)
    if rest:
        raise BadFilter(text)
    return test(attributes) is True


def _filter(text):
    if not text.startswith("("):
        raise BadFilter(text)
    sign = text[1:2]
    if sign in {"&", "|"}:
        parts, rest = [], text[2:]
        while rest.startswith("("):
            part, rest = _filter(rest)
            parts.append(part)
        test = _all(parts) if sign == "&" else _any(parts)
    elif sign == "!":
        part, rest = _filter(text[2:])
        test = _none(part)
    else:
        test, rest = _item(text[1:])
    if not rest.startswith(")"):
        raise BadFilter(text)
    return test, rest[1:]


def _item(text):
    found = re.match(r"([A-Za-z][A-Za-z0-9-]*)=([^()]*)", text)
    if not found:
        raise BadFilter(text)
    name, pattern = found[1].lower(), found[2]
    parts = [re.escape(_unescape(part).lower()) for part in pattern.split("*")]
    wanted = re.compile(".*".join(parts), re.DOTALL)

    def test(attributes):
        values = attributes.get(name)
        return any(wanted.fullmatch(one.lower()) for one in values) if values else None

    return test, text[found.end() :]


def _unescape(text):
    return re.sub(r"\\([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)


def _all(parts):
    def test(attributes):
        answers = [part(attributes) for part in parts]
        return False if False in answers else (None if None in answers else True)

    return test


def _any(parts):
    def test(attributes):
        answers = [part(attributes) for part in parts]
        return True if True in answers else (None if None in answers else False)

    return test


def _none(part):
    def test(attributes):
        answer = part(attributes)
        return None if answer is None else not answer

    return test
