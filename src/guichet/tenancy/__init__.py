# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose request it is, and that nobody else's rows are seen."""
