# SPDX-License-Identifier: GPL-3.0-or-later
"""The release of the guide that this process reads; another one takes its place by itself."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from comarquage import Guide, NoRelease, state
from guichet.procedures.words import mark, say

# What the charter calls an audience, and what the guide does.
AUDIENCES = {"particuliers": "part", "professionnels": "pro"}
_NAMES = {"part": mark("Particuliers"), "pro": mark("Professionnels")}

_held: Guide | None = None


def name_of(audience: str) -> str:
    """An audience of the guide, ``part`` or ``pro``, as people read it."""
    return say(_NAMES[audience])


def opened() -> Guide | None:
    """The current release; None where this host has no guide, or none has been fetched yet.

    Asked at each request: a `stat` finds out whether a refresh has switched since.
    """
    global _held  # noqa: PLW0603 - one for the process, that is the point
    folder = settings.CONFIGURATION.guide_folder
    if folder is None:
        return None
    if _held is not None and _held.folder == folder:
        _held = _held.newest()
        return _held
    try:
        _held = Guide.open(folder)
    except NoRelease:
        return None
    return _held


def stale_hours(now: dt.datetime) -> int | None:
    """For how many hours nobody could fetch the guide, when that is too long; None when it is not.

    0 where it never was fetched at all.
    """
    folder = settings.CONFIGURATION.guide_folder
    if folder is None:
        return None
    hours = state.load(folder).hours(now)
    if hours is None:
        return 0
    return int(hours) if hours > state.STALE_HOURS else None
