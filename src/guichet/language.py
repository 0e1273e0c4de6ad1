# SPDX-License-Identifier: GPL-3.0-or-later
"""French and English: which one a page is in, and what of a definition is in the catalogue.

French is the language of an address without a prefix, whatever a browser prefers; what is below
``/en/`` is English.  So a link is enough to change, without a cookie and without a script.
"""

from __future__ import annotations

import datetime as dt
import functools
import gettext
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import translate_url
from django.utils import formats, timezone, translation

from guichet.procedures.words import Foreign

FRENCH, ENGLISH = "fr", "en"
LOCALE = Path(__file__).parent / "locale"
# Texts of a definition that people read; everything else in it is for programs.
SPOKEN = frozenset(
    {"title", "description", "label", "help", "delay", "purpose", "unit", "name", "subject", "body"}
)
LISTED = frozenset({"pieces", "legal_basis"})


class Language:
    """The language of an address, for as long as it is served.

    Django's LocaleMiddleware would say ``Vary: Accept-Language``, which is not looked at here, and
    leave the language to the thread.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        language = translation.get_language_from_path(request.path_info) or FRENCH
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def current() -> str:
    """The language of the moment: ``fr`` or ``en``."""
    return ENGLISH if (translation.get_language() or FRENCH).startswith(ENGLISH) else FRENCH


def addresses(request: HttpRequest) -> dict[str, str]:
    """The page in each language, as paths; none for what is no page, or has no language.

    An address that takes posts alone hangs below its page: ``…/message`` below ``…/``.
    """
    asked = request.get_full_path()
    path = urlsplit(asked).path
    if request.method == "POST" and not path.endswith("/"):
        asked = path[: path.rindex("/") + 1]
    here = current()
    # What resolves to nothing, or has no language, comes back as it is.
    found = {
        code: asked if code == here else translate_url(asked, code) for code in (FRENCH, ENGLISH)
    }
    return found if len(set(found.values())) > 1 else {}


class _Unknown(gettext.NullTranslations):
    """Says that a text is in no catalogue."""

    def gettext(self, message: str) -> str:
        """Nothing."""
        del message
        return ""


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    found = gettext.translation("django", LOCALE, [language])
    found.add_fallback(_Unknown())
    return found


def own(text: str) -> str:
    """A text of a definition: translated when the catalogue has it, else French as it is."""
    if current() == FRENCH or not text:
        return text
    return _catalogue(ENGLISH).gettext(text) or Foreign(text)


def worded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A definition with all its texts as `own` gives them; for reading, never for keeping."""
    return data if current() == FRENCH else {key: _worded(key, data[key]) for key in data}


def _worded(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return own(value) if key in SPOKEN else value
    if isinstance(value, Mapping):
        return {below: _worded(below, value[below]) for below in value}
    if isinstance(value, list):
        return [own(one) if key in LISTED else _worded("", one) for one in value]
    return value


def show_day(date: dt.date) -> str:
    """A day as people read it."""
    # Translators: a format of Django's `date`.
    return formats.date_format(date, translation.gettext("d/m/Y"))


def show_moment(moment: dt.datetime) -> str:
    """Day and minute, in the time of the town hall."""
    # Translators: a format of Django's `date`.
    here = timezone.localtime(moment)
    return formats.date_format(here, translation.gettext("d/m/Y à H:i"))
