# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones of one collectivity as somebody who asks the DNS would find them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bastide.model.names import within

Rrset = Mapping[str, Any]
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:([0-9]{3})|(.))")
_MOST_ALIASES = 8


class Zones:
    """Record sets by owner and type; `bodies` maps a zone to its body in the share.

    Names have no final dot here.
    """

    def __init__(self, bodies: Mapping[str, Mapping[str, Any]]) -> None:
        self._zones = tuple(bodies)
        self._rrsets: dict[tuple[str, str], Rrset] = {
            (rrset["name"], rrset["type"]): rrset
            for body in bodies.values()
            for rrset in body["rrsets"]
        }

    def home_of(self, name: str) -> str | None:
        """The zone that `name` lies in; None when it is no zone of these."""
        homes = [zone for zone in self._zones if within(name, zone)]
        return max(homes, key=len, default=None)

    def records(self, name: str, rtype: str) -> list[str] | None:
        """Rdata under `name`, CNAMEs followed; None when they lead out of these zones."""
        for _ in range(_MOST_ALIASES):
            rrset = self._rrsets.get((f"{name}.", rtype))
            if rrset is not None:
                return list(rrset.get("rdata") or ())
            alias = self._rrsets.get((f"{name}.", "CNAME"))
            if alias is None:
                return [] if self.home_of(name) else None
            name = alias["rdata"][0].removesuffix(".")
        return []

    def texts(self, name: str, beginning: str) -> list[str] | None:
        """TXT records under `name` that begin so; None when they are elsewhere."""
        found = self.records(name, "TXT")
        if found is None:
            return None
        texts = (text_of(rdata) for rdata in found)
        return [text for text in texts if text.startswith(beginning)]

    def has(self, name: str, rtype: str) -> bool:
        """True when there is such a record set, be its value known or not."""
        return (f"{name}.", rtype) in self._rrsets

    def proxied(self, name: str) -> bool:
        """True where Cloudflare answers under `name`, with a certificate of its own."""
        found = (self._rrsets.get((f"{name}.", rtype)) for rtype in ("A", "AAAA"))
        return any(rrset is not None and rrset.get("proxied") for rrset in found)

    def names(self, suffix: str) -> Iterable[str]:
        """Owners that end so, without final dot."""
        return (
            owner.removesuffix(".") for owner, _ in self._rrsets if owner.endswith(f"{suffix}.")
        )


def text_of(rdata: str) -> str:
    """The text of a TXT record, its strings joined (RFC 1035 §5.1, RFC 7208 §3.3)."""
    if "\\" not in rdata and rdata.count('"') == 2:  # noqa: PLR2004 - one string
        return rdata[1:-1]
    joined = "".join(_STRING.findall(rdata))
    return _ESCAPE.sub(lambda m: chr(int(m[1])) if m[1] else m[2], joined)
