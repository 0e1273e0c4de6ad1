# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence from charters alone: what will stand in the annuaire, the DNS and on the web hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bastide.conformity.evidence import (
    Answer,
    Declared,
    Evidence,
    Found,
    Home,
    MailDns,
    MxHost,
    Web,
    Why,
)
from bastide.conformity.generic import is_trusted
from bastide.conformity.serving import Serving
from bastide.conformity.spf import parse_spf
from bastide.conformity.web import host_of
from bastide.conformity.zone import Zones
from bastide.desired import Compiled
from bastide.model import Collectivity, Platform
from bastide.model.facts import redirect_host
from bastide.model.names import to_ascii, within

Bodies = Mapping[str, Mapping[str, Any]]
"""Address of a resource of the share to its body."""

_OTHER_NAME = "it is of another name"
_MAX_HOPS = 10
# How a domain's mode, or what a plan knows of its zone, ends the word of a reason.
_REASONS = {"transfer": "MOVING", "new": "NEW", "silent": "UNANSWERED"}


def declaration(collectivity: Collectivity, platform: Platform) -> Declared:
    """What the town hall is to declare on Service-Public: its contact, and its site as https."""
    email = collectivity.contact_email or ""
    domain = email.rpartition("@")[2]
    host, line = _site(collectivity)
    return Declared(
        email=email,
        site=f"https://{host}" if host else "",
        email_home=_home(to_ascii(domain) or domain, collectivity, platform),
        site_home=_home(host, collectivity, platform),
        file=collectivity.file,
        email_line=collectivity.contact_line or 1,
        site_line=line,
    )


def _site(collectivity: Collectivity) -> tuple[str, int]:
    """Host of the site and its line.

    Without a site of ours: a domain that leads to a service of the State counts as one since
    0.2.1 (1.6), and so does a site elsewhere that records written by hand lead to.
    """
    if collectivity.site and collectivity.site.host:
        return collectivity.site.host, collectivity.site.line
    for domain in collectivity.live_domains:
        target = redirect_host(domain.redirect_to) if domain.redirect_to else None
        if target and is_trusted(target):
            return str(domain.ascii), domain.line
    for domain in collectivity.live_domains:
        if not domain.redirect_to:
            for record in domain.records:
                if record.name.lower() == "www" and record.type in {"A", "AAAA", "CNAME"}:
                    return f"www.{domain.ascii}", record.line
    return "", 1


def _home(name: str, collectivity: Collectivity, platform: Platform) -> Home:
    if not name:
        return "none"
    for domain in collectivity.live_domains:
        if within(name, str(domain.ascii)) and domain.mode != "shared":
            return "own"
    if any(within(name, shared) for shared in platform.shared_domains):
        return "shared"
    return "elsewhere"


def moving(collectivity: Collectivity) -> dict[str, str]:
    """Domains whose DNS may be somebody else's, each with its mode."""
    return {
        str(d.ascii): d.mode
        for d in collectivity.live_domains
        if d.mode in {"external", "transfer"}
    }


def predict_compiled(
    collectivity: Collectivity, compiled: Compiled, platform: Platform, serving: Serving
) -> Evidence:
    """Evidence for one collectivity as it was just compiled."""
    zones = Zones({r.address.removeprefix("zone:"): r.body for r in compiled.resources["dns"]})
    pages = {r.address: r.body for r in compiled.resources["web"]}
    declared = declaration(collectivity, platform)
    return predict(declared, moving(collectivity), zones, pages, serving)


def predict(
    declared: Declared,
    elsewhere: Mapping[str, str],
    zones: Zones,
    pages: Bodies,
    serving: Serving,
) -> Evidence:
    """Evidence for one collectivity: its `zones` and web resources `pages` as they shall be.

    `elsewhere` are the domains of :func:`moving`; a plan adds zones that are ``new`` and those
    whose server is ``silent``.
    """
    mail = _mail(declared, elsewhere, zones, serving)
    web = _web(declared, elsewhere, zones, pages, serving)
    beside = tuple(_beside(declared, mail, web, zones, serving))
    return Evidence(declared, web, mail, beside, elsewhere=elsewhere)


# -- mail ---------------------------------------------------------------------------------------


def _mail(
    declared: Declared, elsewhere: Mapping[str, str], zones: Zones, serving: Serving
) -> MailDns | Why:
    domain = declared.email.rpartition("@")[2]
    domain = to_ascii(domain) or domain
    zone = zones.home_of(domain)
    if zone is None:
        if declared.email_home == "shared":
            mx = tuple(_mx_host(*one, serving) for one in serving.mx)
            return MailDns(domain, mx, (serving.spf,), (serving.dmarc,), _lookups(serving.spf))
        return Why("DNS_NOT_OURS", domain)
    if zone in elsewhere:
        return Why(f"DNS_{_REASONS.get(elsewhere[zone], 'ELSEWHERE')}", zone)
    spf = zones.texts(domain, "v=spf1")
    dmarc = zones.texts(f"_dmarc.{domain}", "v=DMARC1")
    exchangers = zones.records(domain, "MX")
    if spf is None or dmarc is None or exchangers is None:
        return Why("DNS_ELSEWHERE", domain)
    known = {host: addresses for _, host, addresses in serving.mx}
    found = []
    for rdata in exchangers:
        preference, _, target = rdata.partition(" ")
        host = target.removesuffix(".") or "."
        found.append(_mx_host(int(preference), host, known.get(host), serving))
    lookups = _lookups(spf[0]) if spf else None
    return MailDns(domain, tuple(found), tuple(spf), tuple(dmarc), lookups)


def _mx_host(
    preference: int, host: str, addresses: tuple[str, ...] | None, serving: Serving
) -> MxHost:
    if host == ".":
        return MxHost(preference, host, (), ())
    country = serving.mail_country if addresses is not None else None
    return MxHost(preference, host, addresses or (), (country,) if country else None)


def _lookups(text: str) -> int | None:
    """Queries of an SPF record; None when other records decide."""
    record = parse_spf(text)
    return None if isinstance(record, str) or record.follows else record.queries


# -- site ---------------------------------------------------------------------------------------


def _web(
    declared: Declared,
    elsewhere: Mapping[str, str],
    zones: Zones,
    pages: Bodies,
    serving: Serving,
) -> Web | Why:
    host = host_of(declared.site)
    if not host:
        return {}
    zone = zones.home_of(host)
    if zone and zone in elsewhere:
        return Why(f"WEB_{_REASONS.get(elsewhere[zone], 'ELSEWHERE')}", zone)
    if zone is None and f"page:{host}" not in pages and f"redirect:{host}" not in pages:
        return Why("WEB_NOT_OURS", host)
    variants = {"http": f"http://{host}", "https": f"https://{host}"}
    if host.startswith("www."):
        apex = host.removeprefix("www.")
        variants |= {"http_apex": f"http://{apex}", "https_apex": f"https://{apex}"}
    walker = _Walker(zones, pages, serving)
    web: Web = {}
    for variant, url in variants.items():
        answer = walker.walk(url)
        if isinstance(answer, Why):
            return answer
        web[variant] = answer
    return web


class _Walker:
    """Follows redirects as the web hosts answer (role nginx), or Cloudflare before them."""

    def __init__(self, zones: Zones, pages: Bodies, serving: Serving) -> None:
        self._zones = zones
        self._pages = pages
        self._serving = serving
        self._known: dict[str, bool | None] = {}

    def walk(self, url: str) -> Answer | Why:
        """What comes for `url`; why nobody knows, where the way leaves the platform."""
        hops = [url]
        certificate, at = "", -1
        while len(hops) <= _MAX_HOPS:
            scheme, _, rest = hops[-1].partition("://")
            host = host_of(hops[-1])
            if host not in self._known:
                self._known[host] = self._leads_here(host)
            leads = self._known[host]
            if leads is None:
                return self._away(hops)
            if not leads:
                return Answer(tuple(hops), 0, certificate, at, "no address")
            edge = self._zones.proxied(host)
            redirect = self._pages.get(f"redirect:{host}")
            if scheme == "https" and not (self._serving.https or edge) and not certificate:
                certificate, at = _OTHER_NAME, len(hops) - 1
            if scheme == "http" and self._serving.https and not (edge and redirect):
                hops.append(f"https://{rest}")
            elif f"page:{host}" in self._pages:
                return Answer(tuple(hops), 200, certificate, at)
            elif redirect:
                hops.append(str(redirect["to"]))
            else:
                return Answer(tuple(hops), 404, certificate, at)
        return Answer(tuple(hops), 0, certificate, at, "too many redirects")

    def _leads_here(self, host: str) -> bool | None:
        """False without an address; None when the addresses are not the platform's or unknown."""
        if self._zones.home_of(host) is None:
            # A name below a shared domain, which the operator's own zone holds.
            return True if f"page:{host}" in self._pages else None
        if self._zones.proxied(host):
            return True
        found: set[str] = set()
        for rtype in ("A", "AAAA"):
            records = self._zones.records(host, rtype)
            if records is None:
                return None
            found.update(records)
        if not found:
            return False
        return True if found <= self._serving.web else None

    def _away(self, hops: list[str]) -> Answer | Why:
        """A service of the State is taken to answer; what others do is not known."""
        if len(hops) > 1 and is_trusted(host_of(hops[-1])):
            return Answer(tuple(hops), 200)
        return Why("WEB_ELSEWHERE", host_of(hops[-1]))


# -- beside the RPNT ----------------------------------------------------------------------------


def _beside(
    declared: Declared, mail: MailDns | Why, web: Web | Why, zones: Zones, serving: Serving
) -> list[Found]:
    found: list[Found] = []
    site = host_of(declared.site)
    if isinstance(web, Why):
        found += _unknown("SITE_ELSEWHERE", site)
    else:
        found += _zone_of_site(zones.home_of(site), zones, serving)
    if isinstance(mail, MailDns):
        ours = {host for _, host, _ in serving.mx}
        if all(one.name == "." for one in mail.mx):  # with no MX at all, too
            found += _unknown("MAIL_NONE", mail.domain)
        elif all(one.name in ours for one in mail.mx):
            found += _platform_mail(mail, zones, serving)
        else:
            found += _unknown("MAIL_ELSEWHERE", mail.domain)
    elif declared.email:
        found += _unknown("MAIL_ELSEWHERE", mail.name)
    return found


def _zone_of_site(zone: str | None, zones: Zones, serving: Serving) -> list[Found]:
    found: list[Found] = []
    facts = (("domain", zone or ""),)
    if serving.no_ipv6:
        names = (("names", ", ".join(serving.no_ipv6)),)
        found.append(Found("IPV6_MISSING", raised=True, facts=names))
    if zone is None:
        return found
    if not serving.dnssec:
        found.append(Found("DNSSEC_UNSIGNED", raised=True, facts=facts))
    else:
        found += _unknown("DS_AT_REGISTRY", zone)
    if not zones.records(zone, "CAA"):
        found.append(Found("CAA_MISSING", raised=True, facts=facts))
    return found


def _platform_mail(mail: MailDns, zones: Zones, serving: Serving) -> list[Found]:
    found = []
    facts = (("domain", mail.domain),)
    if mail.mx and not (serving.dane and serving.dnssec):
        host = (("host", mail.mx[0].name),)
        found.append(Found("DANE_MISSING", raised=True, facts=host))
    if serving.mta_sts == "none":
        found.append(Found("MTA_STS_MISSING", raised=True, facts=facts))
    elif serving.mta_sts != "enforce":
        mode = ("mode", serving.mta_sts)
        found.append(Found("MTA_STS_TESTING", raised=True, facts=(*facts, mode)))
    suffix = f"._domainkey.{mail.domain}"
    keys = [name for name in zones.names(suffix) if not name.startswith("*.")]
    if not keys and zones.home_of(mail.domain):
        found.append(Found("DKIM_MISSING", raised=True, facts=(("name", suffix[1:]),)))
    return found


def _unknown(reason: str, name: str) -> list[Found]:
    return [Found(reason, raised=False, facts=(("name", name),))]
