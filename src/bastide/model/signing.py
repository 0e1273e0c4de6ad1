# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM keys of the platform: under which names they are published, and what leads to them.

Every mail host signs with two keys of its own, RSA 2048 (RFC 6376) and Ed25519 (RFC 8463).  Their
public halves are in the operator's zone; each town's domain has a CNAME for every name they may
ever have, so that keys change without anybody touching the town's DNS.  A key has one of two
places, that its successor takes in turn: the old one stays verifiable while the new one signs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bastide.model.platform import Mail

ALGORITHMS = {"rsa": "rsa", "ed25519": "ed"}
"""Algorithm (the ``k=`` of its record) → how a selector names it."""

PLACES = (1, 2)
REVOKED = "v=DKIM1; p="
"""What a place holds that no key has (RFC 6376 §3.6.1): signatures under it count for nothing."""


@dataclass(frozen=True, slots=True)
class Signing:
    """`mail.dkim` of platform.yml.

    `zone` is a shared domain, whose zone holds the keys; `selector` begins the name of each;
    a higher `generation` asks for new keys; `grace_days` is how long a key that no longer signs
    stays published, for what is still on its way.
    """

    zone: str
    selector: str = "bastide"
    generation: int = 1
    grace_days: int = 7

    def selectors(self, host: str = "") -> dict[str, list[str]]:
        """Algorithm → the selectors of its two places on `host`, empty for the default one."""
        beside = f"--{host}" if host else ""
        return {
            algorithm: [f"{self.selector}-{short}{place}{beside}" for place in PLACES]
            for algorithm, short in ALGORITHMS.items()
        }


def hosts_that_sign(mail: Mail) -> tuple[str, ...]:
    """What tells the selectors of the mail hosts apart: nothing for the default one, then names."""
    placement = mail.placement
    others = sorted(set(placement.hosts) - {placement.default}) if placement else ()
    return ("", *others)


def all_selectors(mail: Mail) -> Iterator[str]:
    """Every selector under which the platform's keys are, or will be; none without `mail.dkim`."""
    for host in hosts_that_sign(mail) if mail.signing else ():
        for pair in mail.signing.selectors(host).values() if mail.signing else ():
            yield from pair


def key_name(selector: str, zone: str) -> str:
    """Where the key of `selector` is published, absolute; a CNAME of each town leads there."""
    return f"{selector}._domainkey.{zone}."


def signing_records(
    name: str, mail: Mail, *, has_mail: bool, elsewhere: bool
) -> dict[tuple[str, str], str]:
    """Record keys that the platform's signatures bring to the domain `name`, with their reason.

    Args:
        name: The domain, without final dot.
        mail: The platform's.
        has_mail: It has mail on the platform.
        elsewhere: Its DNS is: somebody has to set the records there, once.
    """
    if mail.signing is None:
        return {}
    if name == mail.signing.zone:
        return {(key_name(s, name), "TXT"): "dkim-key" for s in all_selectors(mail)}
    reason = "dkim-elsewhere" if elsewhere else "dkim-link"
    return {(key_name(s, name), "CNAME"): reason for s in all_selectors(mail) if has_mail}
