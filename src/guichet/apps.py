# SPDX-License-Identifier: GPL-3.0-or-later
"""The application as Django installs it."""

from django.apps import AppConfig
from django.utils.translation import gettext, ngettext


class Guichet(AppConfig):
    """The desk, whole."""

    name = "guichet"
    verbose_name = "Guichet"

    def ready(self) -> None:
        """Let the fields speak the language of the page."""
        from guichet.language import show_day
        from guichet.procedures.words import speak

        speak(gettext, ngettext, show_day)
