# SPDX-License-Identifier: GPL-3.0-or-later
"""Cloudflare through Pulumi: one stack for each collectivity, named by its SIREN."""
