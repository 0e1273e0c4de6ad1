# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines in the journals of a lab under test that are as they should be, each with its cause."""

from __future__ import annotations

from bastide.targets.journals import HARMLESS, Expected

_CONTAINER = (
    Expected(
        r"\(d-logind\)|systemd-logind|\(.*\)",
        r"ProtectHostname=yes is configured, but UTS namespace setup is prohibited",
        "a container keeps the host name that podman gave it",
        "each start of a machine of the lab",
    ),
    Expected(
        "dbus-daemon",
        r"AccessDenied: Failed to set fd limit to \d+: Operation not permitted",
        "a container keeps the limits that podman gave it",
        "each start of a machine of the lab",
    ),
    Expected(
        "dovecot",
        r"Warning: Time (?:moved forwards|jumped forwards|has been moved)",
        "a machine that shares two cores with its tests is not always scheduled in time",
        "load",
    ),
)

_TESTS = (
    Expected(
        "knotd",
        r"^warning: no zones loaded$",
        "a name server before its first zone",
        "the first start of the lab",
    ),
)

EXPECTED: tuple[Expected, ...] = (*HARMLESS, *_CONTAINER, *_TESTS)
