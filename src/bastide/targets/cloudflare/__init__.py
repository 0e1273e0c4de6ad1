# SPDX-License-Identifier: GPL-3.0-or-later
"""Cloudflare as the server of zones: its records, and what brings them to what is declared."""
