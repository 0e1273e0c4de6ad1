# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence from the world: what the DNS, the site and the mail servers answer."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bastide.conformity.evidence import Declared, Evidence, Found, MailDns, MxHost, Web, Why
from bastide.conformity.records import Expected, RecordStatus, status_of
from bastide.conformity.serving import Serving
from bastide.conformity.web import host_of
from bastide.conformity.zone import text_of
from bastide.model.names import to_ascii
from bastide.observe.countries import Countries
from bastide.observe.dnssec import find_dnssec
from bastide.observe.mta_sts import find_mta_sts
from bastide.observe.ports import Ports
from bastide.observe.resolver import Reply, Resolver
from bastide.observe.smtp import find_encryption
from bastide.observe.spf import count_queries
from bastide.observe.web import Visitor

_AT_ONCE = 8
_NO_FURTHER = 2


@dataclass(frozen=True, slots=True)
class Observer:
    """Asks through one resolver; `countries` is None where nobody brought a database."""

    resolver: Resolver
    serving: Serving
    authority: Path | None = None
    countries: Countries | None = None
    ports: Ports = field(default_factory=Ports)

    def observe(self, declared: Declared, expected: Sequence[Expected]) -> Evidence:
        """Evidence for what is `declared`; `expected` tells the selectors of DKIM."""
        visitor = Visitor(self.resolver, self.authority, self.ports)
        web = self._web(declared.site, visitor)
        mail = self._mail(declared.email)
        beside = [*self._beside_site(declared.site), *self._beside_mail(mail, expected, visitor)]
        return Evidence(declared, web, mail, tuple(beside), "observed")

    def statuses(self, expected: Sequence[Expected]) -> tuple[RecordStatus, ...]:
        """The status of each expected record set, in their order."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return tuple(pool.map(self._status, expected))

    def with_countries(self, evidence: Evidence) -> Evidence:
        """`evidence` with the countries of the addresses that it knows."""
        mail = evidence.mail
        if self.countries is None or isinstance(mail, Why):
            return evidence
        mx = tuple(
            host._replace(countries=self.countries.of(host.addresses)) if host.addresses else host
            for host in mail.mx
        )
        return evidence._replace(mail=mail._replace(mx=mx))

    # -- the site --------------------------------------------------------------------------------

    def _web(self, site: str, visitor: Visitor) -> Web:
        host = host_of(site)
        if not host:
            return {}
        rest = site.partition("://")[2]
        urls = {"http": f"http://{rest}", "https": f"https://{rest}"}
        if host.startswith("www."):
            rest = rest.removeprefix("www.")
            urls |= {"http_apex": f"http://{rest}", "https_apex": f"https://{rest}"}
        with ThreadPoolExecutor(len(urls)) as pool:
            return dict(zip(urls, pool.map(visitor.visit, urls.values()), strict=True))

    def _beside_site(self, site: str) -> list[Found]:
        host = host_of(site)
        if not host:
            return []
        zone = self.resolver.zone_of(host)
        found = find_dnssec(self.resolver, zone)
        if not self._has_caa(host):
            found.append(Found("CAA_MISSING", raised=True, facts=(("domain", zone),)))
        servers = [one.removesuffix(".") for one in self.resolver.find(zone, "NS").rdata]
        lacking = [name for name in (host, *servers) if not self._has_ipv6(name)]
        if lacking:
            names = (("names", ", ".join(lacking)),)
            found.append(Found("IPV6_MISSING", raised=True, facts=names))
        return found

    def _has_caa(self, name: str) -> bool:
        """CAA is looked for at the name, then at each above it (RFC 8659 §3)."""
        while name.count(".") >= 1:
            if self.resolver.find(name, "CAA").rdata:
                return True
            name = name.partition(".")[2]
        return False

    def _has_ipv6(self, name: str) -> bool:
        return bool(self.resolver.find(name, "AAAA").rdata)

    # -- the mail --------------------------------------------------------------------------------

    def _mail(self, email: str) -> MailDns:
        domain = email.rpartition("@")[2]
        domain = to_ascii(domain) or domain
        if not domain:
            return MailDns("")
        exchangers = self.resolver.find(domain, "MX")
        if exchangers.fault:
            return MailDns(domain, fault=exchangers.fault)
        mx = tuple(self._mx_host(rdata) for rdata in exchangers.rdata)
        spf = self._texts(domain, "v=spf1")
        dmarc = self._texts(f"_dmarc.{domain}", "v=DMARC1")
        queries = count_queries(spf[0], self.resolver) if spf else None
        return MailDns(domain, mx, spf, dmarc, queries)

    def _texts(self, name: str, beginning: str) -> tuple[str, ...]:
        texts = (text_of(rdata) for rdata in self.resolver.find(name, "TXT").rdata)
        return tuple(text for text in texts if text.strip().startswith(beginning))

    def _mx_host(self, rdata: str) -> MxHost:
        preference, _, target = rdata.partition(" ")
        host = target.removesuffix(".") or "."
        if host == ".":
            return MxHost(int(preference), host, (), ())
        addresses = self.resolver.addresses(host)
        return MxHost(int(preference), host, addresses, self._countries(host, addresses))

    def _countries(self, host: str, addresses: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.countries is not None:
            return self.countries.of(addresses)
        # What the operator says of its own servers holds for the addresses that it names.
        own = {name: known for _, name, known in self.serving.mx}
        country = self.serving.mail_country
        if country and addresses and set(addresses) <= set(own.get(host, ())):
            return (country,)
        return None if addresses else ()

    def _beside_mail(
        self, mail: MailDns, expected: Sequence[Expected], visitor: Visitor
    ) -> list[Found]:
        if mail.fault or not mail.domain:
            return []
        hosts = [host.name for host in sorted(mail.mx) if host.name != "."]
        if not hosts:
            return [Found("MAIL_NONE", raised=False, facts=(("name", mail.domain),))]
        found: list[Found] = []
        for host in hosts[:_NO_FURTHER]:
            found += find_encryption(host, self.resolver, self.ports)
        lacking = [host for host in hosts if not self._has_ipv6(host)]
        if lacking:
            names = (("names", ", ".join(lacking)),)
            found.append(Found("IPV6_MISSING", raised=True, facts=names))
        found += find_mta_sts(mail.domain, hosts, self.resolver, visitor)
        return found + self._dkim(mail.domain, expected)

    def _dkim(self, domain: str, expected: Sequence[Expected]) -> list[Found]:
        suffix = f"._domainkey.{domain}."
        names = sorted(
            {one.name.removesuffix(".") for one in expected if one.name.endswith(suffix)}
        )
        if not names:
            return [Found("DKIM_SELECTOR", raised=False, facts=(("name", domain),))]
        return [
            Found("DKIM_MISSING", raised=True, facts=(("name", name),))
            for name in names
            if not any("p=" in text for text in self._texts(name, "v=DKIM1"))
        ]

    # -- single records --------------------------------------------------------------------------

    def _status(self, expected: Expected) -> RecordStatus:
        name = expected.name.removesuffix(".")
        # A wildcard is asked for by a name below it.
        asked = name.replace("*", "bastide-rpnt", 1) if name.startswith("*") else name
        reply = self.resolver.look(asked, expected.rtype)
        if reply.alias and expected.rtype == "TXT":
            # What a CNAME leads to is what receivers read.
            followed = self.resolver.find(asked, "TXT")
            reply = followed if followed.rdata else reply
        return status_of(expected, reply.rdata, _alias(reply), reply.fault)


def _alias(reply: Reply) -> str:
    return "" if reply.rdata else reply.alias
