# SPDX-License-Identifier: GPL-3.0-or-later
"""All addresses of the desk, those of the language of the page included."""

from django.urls import get_resolver


def patterns():
    """Each pattern once, whether it bears a prefix of a language or not."""
    below = [getattr(one, "url_patterns", [one]) for one in get_resolver().url_patterns]
    return [one for some in below for one in some]
