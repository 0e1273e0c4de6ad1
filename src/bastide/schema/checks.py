# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of one value that ``check_with`` may name in a schema file."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Final


def is_ip_address(value: object) -> bool:
    """True for the text of an IPv4 or IPv6 address; other types are judged by their own rule."""
    if not isinstance(value, str):
        return True
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return "%" not in value  # a zone index has a meaning on one machine only


def is_single_key(value: object) -> bool:
    """True for a mapping of exactly one key; other types are judged by their own rule."""
    return not isinstance(value, dict) or len(value) == 1


CHECKS: Final[dict[str, Callable[[object], bool]]] = {
    "ip_address": is_ip_address,
    "single_key": is_single_key,
}
