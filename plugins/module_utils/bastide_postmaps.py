# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup tables of Postfix, compiled from one snapshot of the mail directory.

Postfix opens them directly as ``cdb:``; a table replaced by rename is seen by the next SMTP
session, without a reload.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible.module_utils.bastide_directory import Rows, targets_of
from ansible.module_utils.bastide_files import (
    HostError,
    own,
    read_or_none,
    run,
    sha256,
    sync_directory,
    words,
    write_atomic,
)
from ansible.module_utils.bastide_share import is_address, is_domain, is_target

MAPS = Path("/var/lib/bastide/mail/maps")
SELECTORS = "dkim_selectors.map"
# Raise it when the tables are made in another way from the same rows.
VERSION = "4"
SUSPENDED = "550 5.2.1 This mailbox is suspended"
# The service of master.cf that brings mail to a groupware.
GROUPWARE = "groupware"
# The one that brings it to the mail host that holds the mailbox, and the port it listens on there.
SIBLING, SIBLING_PORT = "sibling", 10026
NAMES = ("domains", "mailboxes", "aliases", "senders", "suspended", "direct", "routes")

_ROUTES = ("domains", "routes")
Table = dict[str, str]


def tables(rows: Rows) -> dict[str, Table]:
    """The seven tables.

    - `domains`: virtual_mailbox_domains.
    - `mailboxes`: virtual_mailbox_maps, those that receive.
    - `aliases`: virtual_alias_maps, without the targets that would bounce: the access
      table is asked for the alias only, so they would be stored.
    - `senders`: smtpd_sender_login_maps: own address, and the aliases of the same
      collectivity that lead to it, for mailboxes that may log in.
    - `suspended`: an access(5) table, asked before unknown recipients are refused.
    - `routes`: transport_maps: mailboxes elsewhere, each with the way to its host.
    - `direct`: sender_dependent_default_transport_maps: senders of ours need no rewriting.

    Names that no share could have brought (somebody else's edit) enter no table.
    """
    receiving, bounced, logins = _mailboxes(rows)
    # They send through any host.
    logins |= {
        row[0][len("remote:") :]: row[1]
        for row in rows.remotes
        if row[3] == "active" and is_address(row[0][len("remote:") :])
    }
    elsewhere = _elsewhere(rows)
    for name, (_, receives) in elsewhere.items():
        (receiving if receives else bounced).add(name)
        (bounced if receives else receiving).discard(name)
    lists, owners = {}, {}
    for address, siren, text in rows.aliases:
        name = address[len("alias:") :]
        if not is_address(name):
            continue
        lists[name] = [target for target in targets_of(text) if is_target(target)]
        owners[name] = siren
    reach = _Reach(lists, receiving, set(filter(is_domain, rows.selectors)))
    aliases, suspended = {}, dict.fromkeys(bounced, SUSPENDED)
    for alias, targets in lists.items():
        live = [target for target in targets if reach.is_live(target, alias)]
        if live:
            aliases[alias] = ",".join(live)
            suspended.pop(alias, None)
        elif bounced.intersection(reach.ends(alias)):
            suspended[alias] = SUSPENDED
    return {
        "domains": dict.fromkeys(reach.domains, "OK"),
        "mailboxes": dict.fromkeys(receiving, "OK"),
        "aliases": aliases,
        "senders": _senders(logins, owners, reach),
        "suspended": suspended,
        "routes": {name: way for name, (way, receives) in elsewhere.items() if receives},
        "direct": {f"@{name}": "smtp:" for name in reach.domains},
    }


def _mailboxes(rows: Rows) -> tuple[set[str], set[str], dict[str, str]]:
    """Those here that receive, those that bounce, and the SIREN of those that may log in."""
    receiving, bounced, logins = set(), set(), {}
    for address, siren, _, state, delivery, *_ in rows.mailboxes:
        name = address[len("mailbox:") :]
        if not is_address(name):
            continue
        if state == "active":
            logins[name] = siren
        if state == "active" or delivery == "keep":
            receiving.add(name)
        else:
            bounced.add(name)
    return receiving, bounced, logins


def _elsewhere(rows: Rows) -> dict[str, tuple[str, bool]]:
    """Address → the way to the host that holds its mailbox, and whether that receives.

    Passing on to another mail host comes first: that the mailbox is there is known here alone
    from `bastide mail move` on.

    What is declared counts: mail that was here before stays in a mailbox that left the charter
    and whose address is elsewhere now, and the other way round.
    """
    here = {row[0][len("mailbox:") :]: bool(row[5]) for row in rows.mailboxes}
    found = {}
    for address, _, host, state, delivery, declared in rows.relays:
        name = address[len("relay:") :]
        if not is_address(name) or not is_domain(host) or here.get(name, -1) >= declared:
            continue
        found[name] = (f"{GROUPWARE}:[{host}]", state == "active" or delivery == "keep")
    for address, _, host, state, delivery, _ in rows.remotes:
        name = address[len("remote:") :]
        if is_address(name) and is_domain(host) and name not in here:
            way = f"{SIBLING}:[{host}]:{SIBLING_PORT}"
            found[name] = (way, state == "active" or delivery == "keep")
    return found


class _Reach:
    """Where mail to an address ends, through aliases of aliases."""

    def __init__(
        self, lists: Mapping[str, list[str]], receiving: set[str], domains: set[str]
    ) -> None:
        self._lists = lists
        self._receiving = receiving
        self.domains = domains
        self._known: dict[str, frozenset[str]] = {}

    def ends(self, address: str) -> frozenset[str]:
        """The mailboxes and addresses outside at the end of all ways from `address`."""
        known = self._known.get(address)
        if known is not None:
            return known
        seen, waiting, found = set(), [address], set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue  # a loop of aliases ends nowhere
            seen.add(name)
            if name in self._lists:
                waiting += self._lists[name]
                if name in self._lists[name]:
                    found.add(name)  # the mailbox of the same address keeps a copy
            else:
                found.add(name)
        self._known[address] = frozenset(found)
        return self._known[address]

    def is_live(self, address: str, alias: str = "") -> bool:
        """True when mail to `address`, a target of `alias`, arrives: outside, or in a mailbox."""
        if address not in self._lists or address == alias:
            return self._arrives(address)
        return any(map(self._arrives, self.ends(address)))

    def _arrives(self, address: str) -> bool:
        local, _, domain = address.rpartition("@")
        if domain.lower() not in self.domains:
            return True
        # What follows a + is the recipient's own business (recipient_delimiter).
        return f"{local.partition('+')[0]}@{domain}" in self._receiving


def _senders(logins: Mapping[str, str], owners: Mapping[str, str], reach: _Reach) -> Table:
    """Who may send as what: `logins` and `owners` give the SIREN of mailboxes and aliases."""
    senders = {name: name for name in logins}
    for alias, siren in owners.items():
        may = {end for end in reach.ends(alias) if logins.get(end) == siren}
        if alias in logins:
            may.add(alias)
        if may:
            senders[alias] = ",".join(sorted(may))
    return senders


def selectors_text(rows: Rows) -> str:
    """Rspamd's selector map: which DKIM key signs for a domain."""
    return "".join(f"{name} {selector}\n" for name, selector in sorted(rows.selectors.items()))


def files_digest() -> dict[str, str]:
    """Digest of each compiled table and of the selector map as they lie there."""
    names = [f"{name}.cdb" for name in NAMES] + [SELECTORS]
    found = {name: read_or_none(MAPS / name) for name in names}
    return {name: sha256(data) for name, data in found.items() if data is not None}


def prepare(rows: Rows) -> dict[str, str]:
    """Compile all tables beside the old ones, read each back, and give their digests.

    Nothing is replaced yet: a full disk is found here, before anything is committed.

    Raises:
        HostError: With postmap's words, or when a table does not hold what was put in.
        OSError: When the system refuses to write.
    """
    digests = {}
    for name, table in tables(rows).items():
        source = MAPS / f".{name}.new"
        write_atomic(source, "".join(f"{key} {table[key]}\n" for key in sorted(table)))
        try:
            _compile(source, table)
        finally:
            source.unlink(missing_ok=True)
        compiled = source.with_name(source.name + ".cdb")
        with compiled.open("rb") as file:
            own(file.fileno(), 0o644, None)
            os.fsync(file.fileno())
            digests[f"{name}.cdb"] = sha256(file.read())
    selectors = MAPS / f".{SELECTORS}.prepared"
    write_atomic(selectors, selectors_text(rows))
    digests[SELECTORS] = sha256(selectors.read_bytes())
    return digests


def _compile(source: Path, table: Table) -> None:
    done = run(["postmap", f"cdb:{source}"], timeout=600)
    if done.returncode != 0 or b"warning:" in done.stderr:
        raise HostError(f"postmap: {words(done)}")
    keys = "".join(f"{key}\n" for key in sorted(table))
    asked = run(["postmap", "-q", "-", f"cdb:{source}"], keys, timeout=600)
    found = dict(line.split("\t", 1) for line in asked.stdout.decode().splitlines())
    if found != table:
        raise HostError(f"{source}.cdb does not hold what was put in: {words(asked)[:200]}")


def put_in_place() -> str:
    """Rename what `prepare` made over what Postfix and Rspamd read.

    A session of smtpd opens the tables anew, but trivial-rewrite keeps those of domains and of
    ways open for a while: mail for a new domain would go out into the world meanwhile, mail for
    a mailbox elsewhere to Dovecot, which knows none.  So Postfix is told when one of these
    changed; of the ways, before anybody is let in by the other tables.

    Returns:
        What Postfix objected to being told; empty when all is well.
    """
    others = [name for name in NAMES if name != "routes"]
    objections = [_replace(["routes"]), _replace(others)]
    (MAPS / f".{SELECTORS}.prepared").replace(MAPS / SELECTORS)
    sync_directory(MAPS)
    return "; ".join(filter(None, objections))


def _replace(names: Iterable[str]) -> str:
    changed = False
    for name in names:
        new, standing = MAPS / f".{name}.new.cdb", MAPS / f"{name}.cdb"
        changed |= name in _ROUTES and read_or_none(standing) != new.read_bytes()
        new.replace(standing)
    if not changed:
        return ""
    done = run(["postfix", "reload"])
    return "" if done.returncode == 0 else words(done)


def discard(names: Iterable[str] = NAMES) -> None:
    """Remove what `prepare` made and was not put in place."""
    for name in names:
        (MAPS / f".{name}.new.cdb").unlink(missing_ok=True)
    (MAPS / f".{SELECTORS}.prepared").unlink(missing_ok=True)
