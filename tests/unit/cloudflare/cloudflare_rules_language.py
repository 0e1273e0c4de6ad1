# SPDX-License-Identifier: GPL-3.0-or-later
"""So much of Cloudflare's rules language as redirects are written in, parsed and evaluated.

https://developers.cloudflare.com/ruleset-engine/rules-language/.  What it does not know it refuses,
so that no expression passes that nobody has looked at.
"""

from __future__ import annotations

import re

FIELDS = frozenset(
    {"http.host", "http.request.uri", "http.request.uri.path", "http.request.full_uri"}
)
MOST = 4096
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\["\\])*"|[a-z][a-z0-9_.]*|[(){},])')


class Malformed(Exception):
    """No expression of the language, or one beyond what is known of it here."""


def matches(expression, request):
    """Whether `expression` takes a request, a dict of fields."""
    return _read(expression, _Parser.either)(request)


def value(expression, request):
    """The text that `expression` gives for a request."""
    return _read(expression, _Parser.text)(request)


def check(expression, *, is_text=False):
    """``Malformed`` unless the expression is a condition or, with `is_text`, gives a text."""
    _read(expression, _Parser.text if is_text else _Parser.either)


def _read(expression, rule):
    if len(expression) > MOST:
        raise Malformed(f"longer than {MOST} characters")
    tokens, place = [], 0
    while place < len(expression.rstrip()):
        found = _TOKEN.match(expression, place)
        if not found:
            raise Malformed(f"unexpected {expression[place : place + 20]!r}")
        tokens.append(found[1])
        place = found.end()
    parser = _Parser(tokens)
    made = rule(parser)
    if parser.left:
        raise Malformed(f"unexpected {parser.left[0]!r}")
    return made


class _Parser:
    def __init__(self, tokens):
        self.left = tokens

    def take(self, wanted=None):
        if not self.left or (wanted and self.left[0] != wanted):
            raise Malformed(f"{wanted or 'more'} is missing")
        return self.left.pop(0)

    def either(self):
        found = [self.both()]
        while self.left and self.left[0] == "or":
            self.take()
            found.append(self.both())
        return lambda request: any(one(request) for one in found)

    def both(self):
        found = [self.one()]
        while self.left and self.left[0] == "and":
            self.take()
            found.append(self.one())
        return lambda request: all(one(request) for one in found)

    def one(self):
        if self.left[:1] == ["("]:
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        if self.left[:1] == ["true"]:
            self.take()
            return lambda _request: True
        if self.left[:1] == ["ssl"]:
            self.take()
            return lambda request: request["ssl"]
        left, how = self.text(), self.take()
        if how == "eq":
            right = self.text()
            return lambda request: left(request) == right(request)
        if how != "in":
            raise Malformed(f"unknown operator {how}")
        self.take("{")
        values = set()
        while self.left[:1] != ["}"]:
            values.add(self.literal())
        self.take("}")
        if not values:
            raise Malformed("an empty list")
        return lambda request: left(request) in values

    def text(self):
        word = self.left[0] if self.left else ""
        if word.startswith('"'):
            text = self.literal()
            return lambda _request: text
        self.take()
        if word in FIELDS:
            return lambda request: request[word]
        if word not in {"concat", "lower"}:
            raise Malformed(f"unknown identifier {word!r}")
        self.take("(")
        given = [self.text()]
        while self.left[:1] == [","]:
            self.take()
            given.append(self.text())
        self.take(")")
        if word == "concat":
            return lambda request: "".join(one(request) for one in given)
        if len(given) > 1:
            raise Malformed("lower takes one argument")
        return lambda request: given[0](request).lower()

    def literal(self):
        word = self.take()
        if not word.startswith('"'):
            raise Malformed(f"{word!r} is no text")
        return re.sub(r"\\(.)", r"\1", word[1:-1])
