# SPDX-License-Identifier: GPL-3.0-or-later
"""A DMARC record, as the ANCT's checker reads it and as RFC 9989 (before it RFC 7489) does."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_SEEN_POLICY = re.compile(r"p\s*=\s*(\w+)", re.IGNORECASE)
_SEEN_SHARE = re.compile(r"pct\s*=\s*(\d+)", re.IGNORECASE)
_TAG = re.compile(r"[ \t]*(?P<name>[A-Za-z][A-Za-z0-9_]*)[ \t]*=[ \t]*(?P<value>[^;]*?)[ \t]*\Z")
_POLICIES = frozenset({"none", "quarantine", "reject"})
_WHOLE = 100


def is_weak_to_anct(text: str) -> bool:
    """True when the checker finds less than quarantine in `text`.

    It takes the first ``p=`` anywhere, also that of ``sp=``, and minds pct for quarantine alone.
    """
    policy = _SEEN_POLICY.search(text)
    word = policy[1].lower() if policy else "none"
    share = _SEEN_SHARE.search(text)
    if word == "quarantine":
        return share is not None and int(share[1]) < _WHOLE
    return word != "reject"


class Dmarc(NamedTuple):
    """A record that is well formed; `tags` by lower-case name, as written."""

    tags: dict[str, str]

    @property
    def policy(self) -> str:
        """What receivers do: with neither p nor a known value, nothing (RFC 7489 §6.6.3)."""
        return self.tags.get("p", "none").lower()

    @property
    def is_weak(self) -> bool:
        """True when forged mail may get through: no policy, a test, or a share of it only."""
        share = self.tags.get("pct", "100")
        tried = self.tags.get("t", "n").lower() == "y"
        partial = share.isascii() and share.isdigit() and int(share) < _WHOLE
        return self.policy == "none" or tried or partial

    @property
    def leaves_subdomains(self) -> bool:
        """True when names below the domain are treated less well than itself."""
        return any(self.tags.get(tag, "reject").lower() == "none" for tag in ("sp", "np"))


@functools.lru_cache(maxsize=1024)
def parse_dmarc(text: str) -> Dmarc | str:
    """The record in `text`, or the first tag at which it is none.

    Syntax: RFC 7489 §6.4 and RFC 9989, a tag list of RFC 6376 §3.2 that begins with the
    version; a tag stands once, those that are not known are left alone.
    """
    parts = text.strip().rstrip(";").split(";")
    if re.fullmatch(r"\s*v\s*=\s*DMARC1\s*", parts[0]) is None:
        return parts[0].strip()
    tags: dict[str, str] = {}
    for part in parts[1:]:
        found = _TAG.match(part)
        name = found["name"].lower() if found else ""
        if found is None or name in tags or name == "v":
            return part.strip() or ";"
        if name in {"p", "sp", "np"} and found["value"].lower() not in _POLICIES:
            return part.strip()
        tags[name] = found["value"]
    if "p" not in tags and "rua" not in tags:
        return "p="
    return Dmarc(tags)
