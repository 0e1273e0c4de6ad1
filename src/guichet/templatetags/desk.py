# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates ask for."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from django import template
from django.utils.safestring import SafeString, mark_safe

from guichet.procedures.kinds.file import show_size
from guichet.requests.states import NAMES

register = template.Library()
_STYLE = Path(__file__).parents[1] / "styles" / "desk.css"


@register.simple_tag
@functools.cache
def style_version() -> str:
    """Changes with the style sheet, which browsers keep for a year."""
    return hashlib.sha256(_STYLE.read_bytes()).hexdigest()[:12]


@register.filter
def state_name(state: str) -> str:
    """A state in French."""
    return NAMES.get(state, state)


@register.filter
def state_mark(state: str) -> SafeString:
    """A state as a mark: words and a frame, never a colour alone (RGAA 3.1)."""
    if state not in NAMES:
        return mark_safe("")
    return mark_safe(f'<span class="state {state}">{NAMES[state]}</span>')  # noqa: S308 - ours


@register.filter
def size(number: int) -> str:
    """A number of bytes as people read it."""
    return show_size(number)
