# SPDX-License-Identifier: GPL-3.0-or-later
"""The application as Django installs it."""

from django.apps import AppConfig


class Guichet(AppConfig):
    """The desk, whole."""

    name = "guichet"
    verbose_name = "Guichet"
