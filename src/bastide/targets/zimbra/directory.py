# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what is on a Zimbra server, set-wise: pages of SearchDirectory, many domains a batch.

The server fetches everything that matches before it cuts a page, and refuses with
account.TOO_MANY_SEARCH_RESULTS when that is more than its cap (5,000 unless its
zimbra_directory_max_search_result says otherwise).  A search that is refused so is parted by
the first character of the name, as often as needed; the parts are complete and do not meet.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass, field

from bastide.diagnostics import RunFailed, diagnose
from bastide.targets.zimbra.entries import ATTRIBUTES, Entry, read_entry
from bastide.targets.zimbra.faults import READ_FAILED
from bastide.targets.zimbra.soap import Client, Element, Fault, request

PAGE = 500
BATCH = 50
TOO_MANY = "account.TOO_MANY_SEARCH_RESULTS"
# What a local part or a class of service begins with; all the rest is one more part.
_FIRST = string.ascii_lowercase + string.digits + "_-."
# A name of which more than the cap of entries share this much is not parted any further.
_DEEPEST = 16


@dataclass(slots=True)
class Actual:
    """What is there.  `unread` maps a domain that could not be listed to the fault's code."""

    entries: dict[str, Entry] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> dict[str, str]:
        """Id → name of every class of service."""
        return {one.id: one.name for one in self.entries.values() if one.kind == "cos"}


@dataclass(frozen=True, slots=True)
class _Search:
    """One search: where, what, by which attribute it is parted, and which part of it."""

    domain: str
    types: str
    by: str = "uid"
    prefix: str = ""
    rest: str = ""
    offset: int = 0

    def ask(self) -> Element:
        extra = {"domain": self.domain} if self.domain else {}
        return request(
            "SearchDirectoryRequest",
            ("query", self._filter()),
            types=self.types,
            attrs=",".join(ATTRIBUTES),
            limit=str(PAGE),
            offset=str(self.offset),
            applyCos="0",
            applyConfig="0",
            sortBy="name",
            sortAscending="1",
            **extra,
        )

    def _filter(self) -> str:
        """An LDAP filter (RFC 4515); no character of a prefix needs escaping in one."""
        parts = [f"({self.by}={self.prefix}*)"]
        parts += [f"(!({self.by}={self.prefix}{one}*))" for one in self.rest]
        return f"(&{''.join(parts)})"

    def parts(self) -> list[_Search]:
        """The same search in parts; empty when it cannot be parted further."""
        if self.rest or len(self.prefix) >= _DEEPEST:
            return []
        finer = [_Search(self.domain, self.types, self.by, self.prefix + one) for one in _FIRST]
        return [*finer, _Search(self.domain, self.types, self.by, self.prefix, _FIRST)]


def read_actual(client: Client, wanted: Iterable[str], sirens: frozenset[str] | None) -> Actual:
    """Everything in the domains `wanted` and in those marked for one of `sirens` (None: for any).

    All classes of service and all domains are read too, the domains without their entries.
    ``RunFailed`` when those cannot be listed; a single domain that cannot is in `unread`.
    """
    actual = Actual()
    # The filter of an absent attribute would leave entries out: each type by its own name.
    for search, what in (
        (_Search("", "coses", "cn"), "coses"),
        (_Search("", "domains", "zimbraDomainName"), "domains"),
    ):
        failed = _collect(client, [search], actual.entries)
        if failed:
            code = next(iter(failed.values()))
            raise RunFailed(diagnose(READ_FAILED, "", url=client.url, what=what, code=code))
    domains = {one.name for one in actual.entries.values() if one.kind == "domain"}
    marked = {
        one.name
        for one in actual.entries.values()
        if one.kind == "domain" and one.siren and (sirens is None or one.siren in sirens)
    }
    to_read = sorted(domains & {*wanted, *marked})
    searches = [_Search(name, "accounts,distributionlists,resources") for name in to_read]
    actual.unread = _collect(client, searches, actual.entries)
    return actual


def _collect(client: Client, searches: list[_Search], entries: dict[str, Entry]) -> dict[str, str]:
    """Carry out `searches`, with all their pages and parts; the domains that failed, by fault."""
    failed: dict[str, str] = {}
    waiting = list(searches)
    while waiting:
        now, waiting = waiting[:BATCH], waiting[BATCH:]
        try:
            answers = client.batch([search.ask() for search in now])
        except Fault as fault:
            answers = [fault] * len(now)
        for search, answer in zip(now, answers, strict=True):
            if not isinstance(answer, Fault) and _is_hidden(answer):
                failed[search.domain] = "service.PERM_DENIED"
            elif not isinstance(answer, Fault):
                waiting += _take(search, answer, entries)
            elif answer.code == TOO_MANY and search.parts():
                waiting += search.parts()
            else:
                failed[search.domain] = answer.code
    for address in [a for a, one in entries.items() if domain_of(one.name) in failed]:
        if entries[address].kind not in {"cos", "domain"}:
            del entries[address]
    return failed


def _is_hidden(answer: Element) -> bool:
    """True when the administrator may not read all of an entry that bears Bastide's mark.

    The server then gives an empty value with ``pd="1"`` (AccountConstants.A_PERM_DENIED), which
    would pass for an account without quota, or an active one.
    """
    for element in answer:
        hidden = [one for one in element if one.get("pd", "0") in {"1", "true"}]
        entry = read_entry(element) if hidden else None
        if entry is not None and entry.siren is not None:
            return True
    return False


def _take(search: _Search, answer: Element, entries: dict[str, Entry]) -> list[_Search]:
    """Keep what one page brought; the search for the next page, if there is one."""
    count = 0
    for element in answer:
        entry = read_entry(element)
        if entry is not None:
            count += 1
            entries[entry.address] = entry
    # Without a session, as here, the server looks no further than the page and never says that
    # there is more (SearchDirectory.java, getAllowed): a full page is followed by another one.
    if count == 0 or (count < PAGE and answer.get("more", "0") not in {"1", "true"}):
        return []
    offset = search.offset + count
    return [_Search(search.domain, search.types, search.by, search.prefix, search.rest, offset)]


def domain_of(name: str) -> str:
    """The domain of an address, or the name itself."""
    return name.rpartition("@")[2]
