# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones that row P10 measures with: twenty records each, as the compiler makes them."""

from __future__ import annotations

from typing import Any


def names(count: int) -> list[str]:
    """Names of zones, none of which is anybody's."""
    return [f"commune-{number:05}.fr" for number in range(count)]


def rrsets(zone: str) -> list[dict[str, Any]]:
    """A commune's record sets: site, mail, settings of programs, some by hand."""
    one = [
        ("", "A", ["192.0.2.30"]),
        ("", "MX", ["10 mail.info46.com.", "20 mail2.info46.com."]),
        ("", "TXT", ['"v=spf1 mx -all"']),
        ("www.", "A", ["192.0.2.30"]),
        ("_dmarc.", "TXT", ['"v=DMARC1; p=quarantine"']),
        ("autoconfig.", "CNAME", ["config.info46.com."]),
        ("autodiscover.", "CNAME", ["config.info46.com."]),
        ("_imaps._tcp.", "SRV", ["0 1 993 mail.info46.com."]),
        ("_submissions._tcp.", "SRV", ["0 1 465 mail.info46.com."]),
        ("_autodiscover._tcp.", "SRV", ["0 0 443 config.info46.com."]),
        *((f"h{number}.", "A", [f"192.0.2.{number}"]) for number in range(1, 10)),
    ]
    return [
        {"name": f"{label}{zone}.", "type": rtype, "ttl": 3600, "rdata": rdata}
        for label, rtype, rdata in sorted(one)
    ]
