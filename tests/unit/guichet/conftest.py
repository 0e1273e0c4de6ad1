# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk's code without its database: settings are read, nothing is connected to."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
django.setup()
