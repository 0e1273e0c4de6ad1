# SPDX-License-Identifier: GPL-3.0-or-later
"""What one file says that other files must know, and the index over a fleet of them.

Facts are plain and small, so that a fleet of 35,000 files can keep them in a cache and a
change of one file needs the facts of that file and of those that share a name with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bastide.model.collectivity import Collectivity
from bastide.model.names import target_address, to_ascii, within
from bastide.model.services import declares_mx

_WEB_ADDRESS = re.compile(r"(?:(https?)://)?([^/?#]*)(.*)\Z", re.IGNORECASE | re.DOTALL)
# As written, mode, registrar, renewal, notices: see :class:`Facts`.
Registration = tuple[str, str, str | None, str | None, tuple[tuple[Any, ...], ...]]
Dump = tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Facts:
    """The claims of one file and its references to others.

    `domains` maps an A-label name to the name as written; `addresses` maps a normal
    address to ``("account" | "alias", as written)``; `targets` maps an alias (normal) to
    its targets as written; `redirects` maps a domain to the host it redirects to; `hosts`
    maps ``"site"`` and ``"guichet"`` to their host.  `mentions` are the names and addresses
    outside the file's own domains on which its findings depend (see :func:`_mentions`).
    `mail_elsewhere` are the domains whose mail the platform may have no say in.
    `registrations` maps each domain that the operator renews to ``(as written, mode, registrar,
    renewal, notices)``, a notice being ``(kind, day as written, channel, evidence)``; `decided`
    are the days, as written, of deliberations about a domain.
    """

    slug: str
    file: str
    siren: str
    retired: bool
    ends_on: str | None
    domains: Mapping[str, str]
    addresses: Mapping[str, tuple[str, str]]
    targets: Mapping[str, tuple[str, ...]]
    redirects: Mapping[str, str]
    hosts: Mapping[str, str]
    retired_domains: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    mail_elsewhere: tuple[str, ...] = ()
    registrations: Mapping[str, Registration] = field(default_factory=dict)
    decided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def pack(self) -> tuple[Any, ...]:
        """As plain values, for a cache; :meth:`unpack` is the way back."""
        return (
            self.slug,
            self.file,
            self.siren,
            self.retired,
            self.ends_on,
            dict(self.domains),
            dict(self.addresses),
            dict(self.targets),
            dict(self.redirects),
            dict(self.hosts),
            self.retired_domains,
            self.mentions,
            self.mail_elsewhere,
            dict(self.registrations),
            dict(self.decided),
        )

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> Facts:
        """Facts out of :meth:`pack`."""
        return cls(*packed)


def facts_of(collectivity: Collectivity) -> Facts:
    """The facts of one collectivity; names that cannot be read are left out."""
    addresses: dict[str, tuple[str, str]] = {}
    for mailbox in collectivity.mailboxes:
        if mailbox.normal:
            addresses.setdefault(mailbox.normal, ("account", mailbox.address))
    for alias in collectivity.aliases:
        if alias.normal:
            addresses.setdefault(alias.normal, ("alias", alias.address))
    hosts = {}
    if collectivity.site and collectivity.site.host:
        hosts["site"] = collectivity.site.host
    if collectivity.guichet and collectivity.guichet.host:
        hosts["guichet"] = collectivity.guichet.host
    domains = {str(d.ascii): d.name for d in collectivity.live_domains}
    targets = {a.normal: a.targets for a in collectivity.aliases if a.normal}
    redirects = {
        str(d.ascii): host
        for d in collectivity.live_domains
        if d.redirect_to and (host := redirect_host(d.redirect_to))
    }
    return Facts(
        slug=collectivity.slug,
        file=collectivity.file,
        siren=collectivity.siren,
        retired=collectivity.retired,
        ends_on=collectivity.convention.ends_on if collectivity.convention else None,
        domains=domains,
        addresses=addresses,
        targets=targets,
        redirects=redirects,
        hosts=hosts,
        retired_domains=tuple(str(d.ascii) for d in collectivity.domains if d.ascii and d.retired),
        mentions=_mentions(domains, addresses, targets, redirects, hosts),
        mail_elsewhere=tuple(
            str(d.ascii)
            for d in collectivity.live_domains
            if d.mode in {"external", "transfer"} or declares_mx(d)
        ),
        registrations={
            str(d.ascii): (d.name, d.mode, d.registrar, d.renewal, tuple(map(tuple, d.notices)))
            for d in collectivity.live_domains
            if d.mode in {"managed", "transfer"}
        },
        decided={
            d.name: tuple(one.adopted_on for one in d.deliberations)
            for d in collectivity.live_domains
            if d.deliberations
        },
    )


def _mentions(
    domains: Mapping[str, str],
    addresses: Iterable[str],
    targets: Mapping[str, tuple[str, ...]],
    redirects: Mapping[str, str],
    hosts: Mapping[str, str],
) -> tuple[str, ...]:
    """What the findings of one file depend on outside its own domains, sorted.

    Full addresses (claimed or aliased to, on domains that are not its own) and names: a
    host that is redirected to or served, and whatever such a host or an own domain lies
    below, since any of these may be the domain of another file.
    """
    found: set[str] = set()
    for address in addresses:
        if address.rpartition("@")[2] not in domains:
            found.add(address)
    for written in targets.values():
        for target in written:
            reached = target_address(target)
            if reached and reached.rpartition("@")[2] not in domains:
                found.add(reached)
    names = [*redirects.values()]
    names += [h for h in hosts.values() if not any(within(h, domain) for domain in domains)]
    names += [domain.partition(".")[2] for domain in domains]
    for start in names:
        name = start
        while "." in name:
            if name not in domains:
                found.add(name)
            name = name.partition(".")[2]
    return tuple(sorted(found))


def redirect_host(target: str) -> str | None:
    """Host that a redirect leads to: ``https://www.cahors.fr/x`` or ``www.cahors.fr``."""
    authority = _split_address(target)[1]
    return to_ascii(authority.rpartition("@")[2].partition(":")[0])


def web_address(target: str) -> str:
    """A redirection's target as a whole URL in ASCII: scheme, host in A-labels, path."""
    scheme, authority, rest = _split_address(target)
    _, colon, port = authority.partition(":")
    path = rest if rest.startswith("/") else f"/{rest}"
    return f"{scheme}://{redirect_host(target)}{colon}{port}{path}"


def moved_target(target: str, host: str) -> str:
    """Where a moved page of `host` leads: a path of it, or a whole URL of another host."""
    if target.startswith("/"):
        return target
    address = web_address(target)
    for own in (f"https://{host}/", f"http://{host}/"):
        if address.startswith(own):
            return "/" + address.removeprefix(own)
    return address


def _split_address(target: str) -> tuple[str, str, str]:
    """Scheme (https when none is written), authority and the rest of a web address."""
    match = _WEB_ADDRESS.match(target)
    scheme, authority, rest = match.groups() if match else (None, "", "")
    return (scheme or "https").lower(), authority, rest


class Index:
    """Who claims what in the fleet.  Holders are slugs, sorted.

    Domains and SIRENs are unique keys of the fleet; an address needs no index of its own,
    since it lives in the file of its domain, except on the shared domains.
    """

    def __init__(self, shared_domains: Iterable[str], load: Callable[[str], Facts | None]) -> None:
        self.shared_domains = frozenset(shared_domains)
        self._load = load
        self._domains: dict[str, list[str]] = {}
        self._sirens: dict[str, list[str]] = {}
        self._shared: dict[str, list[str]] = {}
        self._mentions: dict[str, list[str]] = {}

    def add(self, facts: Facts) -> None:
        """Enter the claims of one file; a retired one only keeps its SIREN."""
        self._sirens.setdefault(facts.siren, []).append(facts.slug)
        if facts.retired:
            return
        for domain in facts.domains:
            self._domains.setdefault(domain, []).append(facts.slug)
        for address in facts.addresses:
            if address.rpartition("@")[2] in self.shared_domains:
                self._shared.setdefault(address, []).append(facts.slug)
        for key in self._mention_keys(facts):
            self._mentions.setdefault(key, []).append(facts.slug)

    def remove(self, facts: Facts) -> None:
        """Take the claims of one file out again."""
        for domain in facts.domains:
            _discard(self._domains, domain, facts.slug)
        _discard(self._sirens, facts.siren, facts.slug)
        for address in facts.addresses:
            _discard(self._shared, address, facts.slug)
        for key in self._mention_keys(facts):
            _discard(self._mentions, key, facts.slug)

    def _mention_keys(self, facts: Facts) -> set[str]:
        return {self._mention_key(name) for name in facts.mentions}

    def _mention_key(self, name: str) -> str:
        """An address stands for its domain, except on a shared domain, where files meet."""
        domain = name.rpartition("@")[2]
        return name if domain in self.shared_domains else domain

    def mentioned_by(self, name: str) -> list[str]:
        """Slugs of the files whose findings depend on the domain or address `name`."""
        return sorted(self._mentions.get(self._mention_key(name), ()))

    def facts(self, slug: str) -> Facts | None:
        """Facts of one file; None when it is not in the fleet."""
        return self._load(slug)

    def holders_of_domain(self, domain: str) -> list[str]:
        """Slugs of the files that declare `domain` (A-labels)."""
        return sorted(self._domains.get(domain, ()))

    def holders_of_siren(self, siren: str) -> list[str]:
        """Slugs of the files that bear `siren`."""
        return sorted(self._sirens.get(siren, ()))

    def names(self) -> frozenset[str]:
        """Slugs and SIRENs of all files."""
        return frozenset(self._sirens).union(*self._sirens.values())

    def holders_of_address(self, address: str) -> list[str]:
        """Slugs of the files that declare `address` (normal form)."""
        domain = address.rpartition("@")[2]
        if domain in self.shared_domains:
            return sorted(self._shared.get(address, ()))
        return [
            slug
            for slug in self.holders_of_domain(domain)
            if (facts := self.facts(slug)) and address in facts.addresses
        ]

    def domain_holding(self, host: str) -> str | None:
        """The most specific declared domain that `host` is or lies below; None when none."""
        name = host
        while "." in name:
            if self._domains.get(name):
                return name
            name = name.partition(".")[2]
        return None

    def kind_of_address(self, address: str) -> str | None:
        """``"account"``, ``"alias"`` or None, for a normal address anywhere in the fleet."""
        for slug in self.holders_of_address(address):
            facts = self.facts(slug)
            if facts and address in facts.addresses:
                return facts.addresses[address][0]
        return None

    def is_local(self, domain: str) -> bool:
        """True when the platform answers for the mail of `domain`, so that a target must exist.

        For a domain without mail it answers too, that there is none (RFC 7505).
        """
        if domain in self.shared_domains:
            return True
        for slug in self.holders_of_domain(domain):
            facts = self.facts(slug)
            if facts and (
                domain not in facts.mail_elsewhere
                or any(a.endswith("@" + domain) for a in facts.addresses)
            ):
                return True
        return False

    def dump(self) -> Dump:
        """As plain values, for a cache."""
        return self._domains, self._sirens, self._shared, self._mentions

    def restore(self, dumped: Dump) -> None:
        """Take over what :meth:`dump` gave."""
        self._domains, self._sirens, self._shared, self._mentions = dumped


def _discard(table: dict[str, list[str]], key: str, slug: str) -> None:
    holders = table.get(key)
    if holders and slug in holders:
        holders.remove(slug)
        if not holders:
            del table[key]
