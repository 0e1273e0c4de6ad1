# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the services listen; other numbers are for servers of tests."""

from __future__ import annotations

from typing import NamedTuple


class Ports(NamedTuple):
    """Port of each service."""

    http: int = 80
    https: int = 443
    smtp: int = 25
