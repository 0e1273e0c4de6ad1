# SPDX-License-Identifier: GPL-3.0-or-later
"""What a domain publishes so that mail programs and other mail servers find their settings.

Every name leads to hosts of the operator: no domain needs a certificate of its own, except
for an MTA-STS policy, which is why that one has a switch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bastide.model.platform import Clients, Platform

# Service label and port (RFC 6186 §3.1-3.2, RFC 8314 §5.1); None is "not offered", which
# RFC 6186 §3.4 writes as the target ".".
SERVICES: dict[str, int | None] = {
    "_imaps": 993,
    "_submissions": 465,
    "_submission": 587,
    "_imap": None,
    "_pop3": None,
    "_pop3s": None,
}
# Asked for below the domain by Thunderbird and by Outlook.
SETUP_NAMES = ("autoconfig", "autodiscover")
# Last of the places where Outlook looks: the only one that needs no name of the domain.
_AUTODISCOVER = "_autodiscover"
# One week: long enough to be of use to a sender that is attacked, short enough to leave.
STS_LIFETIME = 604_800


def setup_records(apex: str, clients: Clients) -> Iterator[tuple[tuple[str, str], str]]:
    """``((owner, type), rdata)`` of what leads the mail programs of the domain `apex`."""
    for name in SETUP_NAMES:
        yield (f"{name}.{apex}", "CNAME"), f"{clients.setup}."
    for service, port in SERVICES.items():
        target = f"0 1 {port} {clients.server}." if port else "0 0 0 ."
        yield (f"{service}._tcp.{apex}", "SRV"), target
    yield (f"{_AUTODISCOVER}._tcp.{apex}", "SRV"), f"0 0 443 {clients.setup}."


def sts_records(apex: str, platform: Platform) -> Iterator[tuple[tuple[str, str], str]]:
    """``((owner, type), value)`` of MTA-STS (RFC 8461 §3); a TXT value is still unquoted."""
    clients = platform.mail.clients
    if clients is None or platform.mail.mta_sts == "none":
        return
    digest = hashlib.sha256(sts_policy(platform).encode()).hexdigest()[:16]
    yield (f"_mta-sts.{apex}", "TXT"), f"v=STSv1; id={digest};"
    yield (f"mta-sts.{apex}", "CNAME"), f"{clients.setup}."


def sts_policy(platform: Platform) -> str:
    """The policy file (RFC 8461 §3.2), the same for every domain whose mail is here."""
    hosts = "".join(f"mx: {host}\n" for host in sorted(platform.mail.mx))
    mode = platform.mail.mta_sts
    return f"version: STSv1\nmode: {mode}\n{hosts}max_age: {STS_LIFETIME}\n"
