# SPDX-License-Identifier: GPL-3.0-or-later
"""All addresses of the desk, those of the language of the page included."""

from django.urls import get_resolver
from django.urls.converters import IntConverter

_NUMBER = IntConverter.regex


def patterns():
    """Each pattern once, whether it bears a prefix of a language or not."""
    below = [getattr(one, "url_patterns", [one]) for one in get_resolver().url_patterns]
    return [one for some in below for one in some]


def given(pattern, known):
    """What the pattern takes: what is known by name, else what its kind of converter lets pass."""
    return {
        name: known[name] if name in known and converter.regex != _NUMBER
        else known.get("pk", 1) if name == "pk"
        else 1 if converter.regex == _NUMBER
        else "x"
        for name, converter in pattern.pattern.converters.items()
    }  # fmt: skip
