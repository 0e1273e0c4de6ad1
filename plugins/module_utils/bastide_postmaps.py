# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup tables of Postfix, compiled from one snapshot of the mail directory.

Postfix opens them directly as ``cdb:``; a table replaced by rename is seen by the next SMTP
session, without a reload.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
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
from ansible.module_utils.bastide_revision import Revision
from ansible.module_utils.bastide_share import is_address, is_domain, is_target

MAPS = Path("/var/lib/bastide/mail/maps")
SELECTORS = "dkim_selectors.map"
# Raise it when the tables are made in another way from the same rows.
VERSION = "6"
SUSPENDED = "550 5.2.1 This mailbox is suspended"
# The service of master.cf that brings mail to a groupware.
GROUPWARE = "groupware"
# The one that brings it to the mail host that holds the mailbox, and the port it listens on there.
SIBLING, SIBLING_PORT = "sibling", 10026
NAMES = (
    *("domains", "mailboxes", "aliases", "senders", "suspended", "direct", "routes"),
    "groupware_senders",
)

# Tables compiled at the same time; the mail host has other work too.
AT_ONCE = 2

_ROUTES = ("domains", "routes")
Table = dict[str, str]
# By table: key → value, None for one that is not to be there.
Entries = dict[str, dict[str, "str | None"]]


def tables(rows: Rows) -> dict[str, Table]:
    """The eight tables.

    - `domains`: virtual_mailbox_domains.
    - `mailboxes`: virtual_mailbox_maps, those that receive.
    - `aliases`: virtual_alias_maps, without the targets that would bounce: the access
      table is asked for the alias only, so they would be stored.
    - `senders`: smtpd_sender_login_maps: own address, and the aliases of the same
      collectivity that lead to it, for mailboxes that may log in.
    - `suspended`: an access(5) table, asked before unknown recipients are refused.
    - `routes`: transport_maps: mailboxes elsewhere, each with the way to its host.
    - `groupware_senders`: an access(5) table of what the groupware's users may send as: their
      own address, and the aliases of the same collectivity that lead to it.  The value is the
      SIREN, which Postfix takes for a yes and Rspamd compares with that of the From header.
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
        "groupware_senders": _groupware_senders(rows, elsewhere, owners, reach),
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


def _groupware_senders(
    rows: Rows, elsewhere: Mapping[str, object], owners: Mapping[str, str], reach: _Reach
) -> Table:
    """What may be sent under by those whose mailbox is elsewhere, each with its SIREN."""
    users = {}
    for address, siren, _, state, *_ in rows.relays:
        name = address[len("relay:") :]
        if name in elsewhere and state == "active":
            users[name] = siren
    return {name: owners.get(name, users.get(name, "")) for name in _senders(users, owners, reach)}


def selectors_text(selectors: Mapping[str, str]) -> str:
    """Rspamd's selector map: which DKIM key signs for a domain."""
    own = ((name, selector) for name, selector in sorted(selectors.items()) if selector)
    return "".join(f"{name} {selector}\n" for name, selector in own)


def compiled_from(revision: Revision | None, files: dict[str, str]) -> dict[str, object]:
    """What the directory notes of tables that were made from this state of it."""
    return {"source": f"{VERSION}:{revision.compiled if revision else None}", "files": files}


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
    discard()
    digests = _compile_all({name: _lines_of(one) for name, one in tables(rows).items()})
    return {**digests, SELECTORS: _prepare_selectors(rows.selectors)}


def prepare_changed(
    entries: Entries, selectors: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, str]:
    """As `prepare`, from the tables that stand: only those in which an entry differs are made.

    Args:
        entries: What may have changed, as it ought to be.
        selectors: DKIM selector of each domain.
        files: Digests of the tables that stand, which are those of the state before.

    Returns:
        The digests of all, byte for byte those of tables made whole.
    """
    discard()
    made = {}
    for name, wanted in entries.items():
        standing = _ask(MAPS / f"{name}.cdb", wanted)
        differing = {key: one for key, one in wanted.items() if standing.get(key) != one}
        if differing:
            kept = _records((MAPS / f"{name}.cdb").read_bytes(), set(map(str.encode, differing)))
            more = {key: one for key, one in differing.items() if one is not None}
            made[name] = sorted([*kept, *_lines_of(more)])
    return {**files, **_compile_all(made), SELECTORS: _prepare_selectors(selectors)}


def _lines_of(table: Table) -> list[bytes]:
    """A table as postmap reads it, in order; a tab sorts before all that a key may hold."""
    return [f"{key}\t{table[key]}".encode() for key in sorted(table)]


def _records(data: bytes, without: Container[bytes]) -> list[bytes]:
    """Records of a compiled table as lines, in the order in which they were put in.

    The format: https://cr.yp.to/cdb/cdb.txt (records lie between 256 pairs of 32-bit numbers,
    place and size of the hash tables, and the first of these tables).
    """
    head = _HEAD.unpack_from(data)
    end = min((at for at, size in zip(head[0::2], head[1::2], strict=True) if size), default=0)
    place, lengths = _HEAD.size, _LENGTHS.unpack_from
    lines = []
    while place < end:
        key_size, value_size = lengths(data, place)
        place += _LENGTHS.size
        value = place + key_size
        key = data[place:value]
        place = value + value_size
        if key not in without:
            lines.append(key + b"\t" + data[value:place])
    return lines


_HEAD, _LENGTHS = struct.Struct("<512I"), struct.Struct("<2I")


def _compile_all(made: Mapping[str, list[bytes]]) -> dict[str, str]:
    """Compile these tables beside the standing ones, and give their digests."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        digests = pool.map(_compile, made, made.values())
        return {f"{name}.cdb": one for name, one in zip(made, digests, strict=True)}


def _compile(name: str, lines: list[bytes]) -> str:
    """Compile one table, ask it for every key, and give its digest."""
    source = MAPS / f".{name}.new"
    # postmap answers in the form in which it is fed.
    text = b"".join(line + b"\n" for line in lines)
    write_atomic(source, text)
    try:
        done = run(["postmap", f"cdb:{source}"], timeout=600)
    finally:
        source.unlink(missing_ok=True)
    if done.returncode != 0 or b"warning:" in done.stderr:
        raise HostError(f"postmap: {words(done)}")
    keys = b"".join(line.partition(b"\t")[0] + b"\n" for line in lines)
    asked = run(["postmap", "-q", "-", f"cdb:{source}"], keys, timeout=600)
    if asked.stdout != text:
        raise HostError(f"{source}.cdb does not hold what was put in: {words(asked)[:200]}")
    compiled = source.with_name(source.name + ".cdb")
    with compiled.open("rb") as file:
        own(file.fileno(), 0o644, None)
        os.fsync(file.fileno())
        data = file.read()
    if data == read_or_none(MAPS / f"{name}.cdb"):
        compiled.unlink()  # nothing to put in place, which a killed run would leave there
    return sha256(data)


def _ask(table: Path, keys: Iterable[str]) -> dict[str, str]:
    """What Postfix finds in a table for `keys`."""
    asked = run(["postmap", "-q", "-", f"cdb:{table.with_suffix('')}"], "\n".join([*keys, ""]))
    return dict(line.split("\t", 1) for line in asked.stdout.decode().splitlines())


def _prepare_selectors(selectors: Mapping[str, str]) -> str:
    text = selectors_text(selectors)
    if text.encode() != read_or_none(MAPS / SELECTORS):
        write_atomic(MAPS / f".{SELECTORS}.prepared", text)
    return sha256(text)


def put_in_place(*, running: bool = True) -> str:
    """Rename what was prepared over what Postfix and Rspamd read.

    A session of smtpd opens the tables anew, but trivial-rewrite keeps those of domains and of
    ways open for a while: mail for a new domain would go out into the world meanwhile, mail for
    a mailbox elsewhere to Dovecot, which knows none.  So Postfix is told when one of these
    changed; of the ways, before anybody is let in by the other tables.

    Args:
        running: Whether Postfix is; one that is stopped reads them when it starts.

    Returns:
        What Postfix objected to being told; empty when all is well.
    """
    others = [name for name in NAMES if name != "routes"]
    objections = [_replace(["routes"], running), _replace(others, running)]
    with contextlib.suppress(FileNotFoundError):  # the same as stand there
        (MAPS / f".{SELECTORS}.prepared").replace(MAPS / SELECTORS)
    sync_directory(MAPS)
    return "; ".join(filter(None, objections))


def _replace(names: Iterable[str], running: bool) -> str:
    changed = False
    for name in names:
        new, standing = MAPS / f".{name}.new.cdb", MAPS / f"{name}.cdb"
        if not new.exists():
            continue  # nothing in it changed
        changed |= name in _ROUTES and read_or_none(standing) != new.read_bytes()
        new.replace(standing)
    if not (changed and running):
        return ""
    done = run(["postfix", "reload"])
    return "" if done.returncode == 0 else words(done)


def discard() -> None:
    """Remove what was prepared and not put in place, also by a run that was killed."""
    for name in NAMES:
        for path in MAPS.glob(f".*{name}.new*"):
            path.unlink(missing_ok=True)
    (MAPS / f".{SELECTORS}.prepared").unlink(missing_ok=True)
