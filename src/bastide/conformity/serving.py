# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform gives to every collectivity that it serves, as far as verdicts need it."""

from __future__ import annotations

from typing import NamedTuple

from bastide.model import Platform
from bastide.model.clients import sts_policy
from bastide.model.services import platform_hosts


class Serving(NamedTuple):
    """`https`: each served name has a certificate of its own, and http leads to https.

    `dnssec`: zones are signed; `dane`: the keys of the mail servers are published; `mta_sts` is
    the mode of the policy.  `no_ipv6` are hosts of the platform without an IPv6 address, those of
    the site under the word ``site``; `mail_country` is where the mail servers stand.
    """

    https: bool
    dnssec: bool
    dane: bool
    mta_sts: str
    web: frozenset[str]
    mx: tuple[tuple[int, str, tuple[str, ...]], ...]
    spf: str
    dmarc: str
    no_ipv6: tuple[str, ...]
    mail_country: str | None


def serving_of(platform: Platform) -> Serving:
    """What `platform` serves."""
    mail, dns = platform.mail, platform.dns
    hosts = platform_hosts(platform)
    addresses = {"site": platform.web.addresses, **dns.nameservers}
    addresses |= {host: hosts.get(host, ()) for host in mail.mx}
    reports = f"; rua=mailto:{mail.dmarc_reports}" if mail.dmarc_reports else ""
    return Serving(
        # A certificate that the operator brings bears the names of the platform alone.
        https=getattr(getattr(platform, "tls", None), "mode", "local") == "acme",
        dnssec=bool(getattr(dns, "dnssec", False)),
        dane=bool(getattr(mail, "dane", False)),
        mta_sts=mail.mta_sts if mail.clients and sts_policy(platform) else "none",
        web=frozenset(platform.web.addresses),
        mx=tuple(
            sorted((preference, host, hosts.get(host, ())) for host, preference in mail.mx.items())
        ),
        spf=mail.spf,
        dmarc=f"v=DMARC1; p={mail.dmarc_policy}{reports}",
        no_ipv6=tuple(
            name for name, known in addresses.items() if known and not any(":" in a for a in known)
        ),
        mail_country=platform.conformity.mail_country,
    )
