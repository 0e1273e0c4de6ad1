# SPDX-License-Identifier: GPL-3.0-or-later
"""What templates ask for."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from pathlib import Path

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from guichet.language import FRENCH, current, own, show_day, show_moment
from guichet.procedures.kinds.file import show_size
from guichet.procedures.words import Foreign
from guichet.requests.states import NAMES, name_of

register = template.Library()
_STYLE = Path(__file__).parents[1] / "styles" / "desk.css"


@register.simple_tag
@functools.cache
def style_version() -> str:
    """Changes with the style sheet, which browsers keep for a year."""
    return hashlib.sha256(_STYLE.read_bytes()).hexdigest()[:12]


@register.filter
def state_name(state: str) -> str:
    """A state in words."""
    return name_of(state)


@register.filter
def state_mark(state: str) -> SafeString:
    """A state as a mark: words and a frame, never a colour alone (RGAA 3.1)."""
    if state not in NAMES:
        return mark_safe("")
    return mark_safe(f'<span class="state {state}">{name_of(state)}</span>')  # noqa: S308 - ours


@register.filter
def size(number: int) -> str:
    """A number of bytes as people read it."""
    return show_size(number)


@register.filter
def day(date: dt.datetime) -> str:
    """The day of a moment."""
    return show_day(timezone.localtime(date))


@register.filter
def moment(date: dt.datetime) -> str:
    """A moment to the minute."""
    return show_moment(date)


@register.filter
def tongue(text: str) -> SafeString:
    """The attribute `lang` of the element around a text, where it is not in the page's language."""
    return mark_safe(' lang="fr"' if isinstance(text, Foreign) else "")  # noqa: S308 - ours


@register.filter
def inset(text: str) -> SafeString:
    """A text within a sentence, with its language where that is another one (RGAA 8.7)."""
    return format_html("<span{}>{}</span>", tongue(text), text) if tongue(text) else escape(text)


@register.filter
def in_words(text: str) -> str:
    """A text of a definition in the page's language, when the catalogue has it."""
    return own(text)


@register.filter
def kept(text: str) -> str:
    """A text of a definition as it is kept, for who edits it: French, on every page."""
    return text if current() == FRENCH or not text else Foreign(text)


@register.simple_tag
def french() -> SafeString:
    """The attribute `lang` of what a collectivity wrote, on a page in another language."""
    return mark_safe("" if current() == FRENCH else ' lang="fr"')  # noqa: S308 - ours
