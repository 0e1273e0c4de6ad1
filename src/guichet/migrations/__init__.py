# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables as they came to be."""
