# SPDX-License-Identifier: GPL-3.0-or-later
"""Bastide: one charter per local government in, a running digital town hall out."""

__version__ = "0.1.0"
