# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of Postfix's tables differ after some rows of the directory changed.

An entry depends on the rows of its own address, on the aliases from which that is reached, and on
all that is reached from those.  So the tables are made of these rows alone, by the same function
that makes them whole, and the entries of what may have changed are taken from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from ansible.module_utils.bastide_directory import read_named, targets_of
from ansible.module_utils.bastide_postmaps import Entries, tables
from ansible.module_utils.bastide_share import is_address, is_domain

Lists = dict[str, list[str]]


def entries_of(connection: sqlite3.Connection, touched: Iterable[str]) -> Entries:
    """The entries that rows of `touched` (``kind:name``) may have changed, as they ought to be.

    Returns:
        By table: key → value, None for one that is not to be there.
    """
    names, domains = set(), set()
    for address in touched:
        kind, _, name = address.partition(":")
        (domains if kind == "maildomain" else names).add(name)
    found = connection.execute("SELECT address, targets FROM alias")
    lists = {address: _named_in(text) for address, text in found}
    names |= _leading_to(lists, names, domains)
    rows = read_named(connection, _reached(lists, names))
    # No other name is in a table.
    kept, hosts = set(filter(is_address, names)), set(filter(is_domain, domains))
    keys = {"domains": hosts, "direct": {f"@{name}" for name in hosts}}
    return {
        name: {key: table.get(key) for key in keys.get(name, kept)}
        for name, table in tables(rows).items()
    }


def _named_in(text: str) -> list[str]:
    """The addresses in the targets of an alias.

    Without an escape in it, JSON has its strings between quotes: 100,000 texts are cut there much
    faster than they are parsed.  To find more of them than there are does no harm.
    """
    if text.startswith('["') and "\\" not in text:
        return text.split('"')[1::2]
    return [target for target in targets_of(text) if isinstance(target, str)]


def _leading_to(lists: Lists, names: set[str], domains: set[str]) -> set[str]:
    """The aliases from which one of `names`, or an address of one of `domains`, is reached."""
    found = {
        alias
        for alias, targets in lists.items()
        if domains and any(target.rpartition("@")[2] in domains for target in targets)
    }
    new = names | found
    while new:
        new = {
            alias
            for alias, targets in lists.items()
            if alias not in found
            and (
                not new.isdisjoint(targets)
                or any("+" in target and _untagged(target) in new for target in targets)
            )
        }
        found |= new
    return found


def _reached(lists: Lists, names: set[str]) -> set[str]:
    """`names` and every address that one of them leads to, also without what follows a +."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += lists.get(name, ())
    return found | set(map(_untagged, found))


def _untagged(address: str) -> str:
    """An address without what follows a + in it (recipient_delimiter)."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
