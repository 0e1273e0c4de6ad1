# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE for the mail hosts (RFC 7672): by which key a server recognises them.

Each mail exchanger has a record ``_25._tcp.<name> TLSA 3 1 1``, the digest of the public key of
its certificate (RFC 6698), and one more for the key that its next certificate will have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bastide.model.names import within

if TYPE_CHECKING:
    from bastide.model.platform import Mail

_PORT = "_25._tcp."


def dane_records(name: str, mail: Mail) -> dict[tuple[str, str], str]:
    """Record keys of the mail exchangers that lie in the zone `name`, with their reason."""
    if not mail.dane:
        return {}
    return {
        (f"{_PORT}{host}.", "TLSA"): "dane"
        for host in mail.mx
        if within(host, name) and host not in strangers(mail)
    }


def strangers(mail: Mail) -> list[str]:
    """Mail exchangers that are none of the platform's mail hosts, where it names those."""
    placement = mail.placement
    return sorted(set(mail.mx) - set(placement.hosts.values())) if placement else []


def exchanger_of(owner: str) -> str:
    """The mail exchanger that a record of :func:`dane_records` speaks of."""
    return owner.removeprefix(_PORT).removesuffix(".")
