# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs by DNS (DNS-01, RFC 8555 §8.4): where one is asked for, and where it is published.

An authority asks for the TXT records of ``_acme-challenge.<name>``.  In the zone of the name that
is a CNAME, the same for ever, to a label of one small zone of the operator, which alone takes
updates: the zone itself may be signed, read-only or elsewhere.
Imports nothing but the standard library: the hosts have this very file.
"""

from __future__ import annotations

import hashlib

_LONGEST = 253


def asked_at(name: str) -> str | None:
    """Where the authority looks, absolute; None where that would be no name any more.

    Args:
        name: To be certified, A-labels without final dot.
    """
    owner = f"_acme-challenge.{name}"
    return f"{owner}." if len(owner) <= _LONGEST else None


def published_at(name: str, zone: str) -> str:
    """Where the proof of `name` is published in `zone`, absolute.

    A digest, since the name itself may be too long in front of another; 128 bits of it, so that
    nobody finds a second name that has the same.
    """
    return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.{zone}."
