# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a platform that the engine asks itself."""

from __future__ import annotations

from bastide.fleet import Fleet
from bastide.targets.remote import Remote


def remotes_of(fleet: Fleet) -> list[Remote]:
    """The groupware and the zones at Cloudflare, where the platform of `fleet` has them."""
    platform = fleet.platform
    remotes: list[Remote] = []
    if platform.mail.zimbra is not None:
        from bastide.targets.groupware import Groupware

        remotes.append(Groupware(fleet, platform.mail.zimbra))
    if platform.dns.cloudflare is not None and platform.dns.cloudflare.engine == "pulumi":
        from bastide.targets.pulumi.zones import PulumiZones

        remotes.append(PulumiZones(fleet, platform.dns.cloudflare))
    elif platform.dns.cloudflare is not None:
        from bastide.targets.cloudflare.zones import CloudZones

        remotes.append(CloudZones(fleet, platform.dns.cloudflare))
    return remotes
