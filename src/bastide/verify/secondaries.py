# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether all public name servers have the same version of a zone, and which of them lags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dns.exception
import dns.serial

from bastide.desired import Origin
from bastide.model import Platform
from bastide.verify.check import Check
from bastide.verify.dns import ask
from bastide.verify.patience import Patience
from bastide.verify.silence import SILENT, Silence

# server address → serial, or what came instead of one
_Answers = dict[str, int | str]


def check_serials(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    platform: Platform,
    silence: Silence,
    patience: Patience,
) -> list[Check]:
    """One check for each zone and address of a name server, where there are several.

    The newest serial is the one to have (RFC 1982).  A hidden primary is not asked: what it has
    and nobody else, the record sets tell.
    """
    servers = [(name, one) for name, found in platform.dns.nameservers.items() for one in found]
    if len(servers) < 2:  # noqa: PLR2004 - nobody to differ from
        return []
    return [
        check
        for resource in line["resources"]
        for check in _check_zone(
            slug, str(resource["address"]), origins, servers, silence, patience
        )
    ]


def _check_zone(
    slug: str,
    address: str,
    origins: Mapping[str, Origin],
    servers: list[tuple[str, str]],
    silence: Silence,
    patience: Patience,
) -> list[Check]:
    zone = address.removeprefix("zone:")
    answers = {one: _serial(zone, one, silence) for _, one in servers}
    while _differ(answers) and patience.ask_again():
        answers = {one: _serial(zone, one, silence) for _, one in servers}
    newest = newest_of([found for found in answers.values() if isinstance(found, int)])
    origin = origins.get(address, Origin("", 0, ""))
    return [
        Check(
            slug,
            "dns",
            f"serial:{zone} @{name}",
            passed=newest is not None and answers[one] == newest,
            wanted="a serial" if newest is None else str(newest),
            found=str(answers[one]),
            file=origin.file,
            line=origin.line,
        )
        for name, one in servers
    ]


def newest_of(serials: list[int]) -> int | None:
    """The newest of serials of one zone (RFC 1982 §3.2); None without any."""
    newest: int | None = None
    for serial in serials:
        if newest is None or dns.serial.Serial(serial) > dns.serial.Serial(newest):
            newest = serial
    return newest


def _differ(answers: _Answers) -> bool:
    """Some lag, and asking again may find that they no longer do: silence is no such reason."""
    known = {found for found in answers.values() if isinstance(found, int)}
    return len(known) > 1 or (bool(known) and "no SOA" in answers.values())


def _serial(zone: str, server: str, silence: Silence) -> int | str:
    if silence.given_up(server):
        return SILENT
    try:
        soas = ask(f"{zone}.", "SOA", server)
    except (dns.exception.DNSException, OSError) as error:
        silence.note(server, answered=not isinstance(error, (dns.exception.Timeout, OSError)))
        return f"{type(error).__name__} {error}".strip()
    silence.note(server, answered=True)
    return int(soas[0].split()[2]) if soas else "no SOA"
