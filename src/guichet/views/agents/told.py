# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page says first about what the post before it did."""

from __future__ import annotations

from guichet.views.visitor import Visit

_TOLD = "agents-told"


def tell(request: Visit, text: str) -> None:
    """What the next page says."""
    request.session[_TOLD] = text


def told(request: Visit) -> str:
    """What there is to say; once."""
    return str(request.session.pop(_TOLD, ""))
