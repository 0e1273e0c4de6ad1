# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the Internet in the one form that the rest of the engine compares.

Operators write ``Cahors.fr`` or ``évêché.fr``; zones, maps and certificates want
lower-case A-labels (RFC 5890).  The declared spelling is kept for messages only.
"""

from __future__ import annotations

import functools
import re

import idna

# RFC 1035 §2.3.4 and RFC 1123 §2.1: letters, digits, inner hyphens, 63 octets a label.
# The underscore is for owner names of records (RFC 8552), never for a domain itself.
_HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_OWNER_LABEL = re.compile(r"(?:\*|(?!-|_-)[a-z0-9_-]{1,63}(?<!-))\Z")
MAX_NAME = 253


@functools.lru_cache(maxsize=4096)
def to_ascii(name: str) -> str | None:
    """Lower-case A-label form of a domain name without final dot; None when it is none.

    Source: RFC 5891 through the ``idna`` library, with the UTS 46 mapping (case, width).
    """
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            return None
    name = name.lower()
    return name if is_hostname(name) else None


def is_hostname(name: str) -> bool:
    """True for a lower-case name of two labels or more that a host or domain may bear."""
    labels = name.split(".")
    return (
        len(name) <= MAX_NAME
        and len(labels) > 1
        and all(_HOST_LABEL.match(label) for label in labels)
        and not labels[-1].isdigit()
    )


def is_owner(name: str) -> bool:
    """True for what may stand before a record: labels with ``_`` or a leading ``*``."""
    labels = name.split(".")
    return (
        len(name) <= MAX_NAME
        and all(_OWNER_LABEL.match(label) for label in labels)
        and "*" not in labels[1:]
    )


def owner_name(declared: str, domain: str) -> str:
    """Absolute lower-case owner name, with final dot, of a record declared in `domain`.

    ``@`` is the domain itself; a name with a final dot is absolute already.
    """
    if declared == "@":
        return domain + "."
    name = declared.lower()
    if not name.isascii():
        name = a_labels(name)
    return name if name.endswith(".") else f"{name}.{domain}."


def a_labels(name: str) -> str:
    """`name` with each label in A-labels; one that has none stays, for a rule to tell."""
    labels = []
    for label in name.split("."):
        try:
            labels.append(label if label.isascii() else idna.encode(label, uts46=True).decode())
        except idna.IDNAError:
            labels.append(label)
    return ".".join(labels)


def split_address(address: str) -> tuple[str, str] | None:
    """``("mairie", "cahors.fr")`` in lower case, domain in A-labels; None when it is none.

    Only the split and the domain are judged here; the local part has its own rule.
    """
    local, at, domain = address.rpartition("@")
    ascii_domain = to_ascii(domain) if at else None
    if not local or ascii_domain is None:
        return None
    return local.lower(), ascii_domain


def normal_address(address: str) -> str | None:
    """`address` in the form that is compared and stored; None when it is none."""
    parts = split_address(address)
    return f"{parts[0]}@{parts[1]}" if parts else None


def target_address(written: str) -> str | None:
    """The address that receives what is sent to `written`; None when it is no address.

    What follows a ``+`` is chosen by who writes (recipient_delimiter of the mail hosts).
    """
    normal = normal_address(written)
    if normal is None or "+" not in normal:
        return normal
    local, _, domain = normal.rpartition("@")
    base = local.partition("+")[0]
    return f"{base}@{domain}" if base else normal


def within(name: str, domain: str) -> bool:
    """True when `name` is `domain` or a name below it."""
    return name == domain or name.endswith("." + domain)
