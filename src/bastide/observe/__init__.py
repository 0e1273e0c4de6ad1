# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the world about one collectivity, as the RPNT's robots and Internet.nl do.

:mod:`bastide.observe.observer` puts the answers together as evidence.
"""
