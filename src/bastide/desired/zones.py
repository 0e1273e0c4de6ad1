# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone compiler: from what a collectivity declares to the record sets of its zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bastide.desired import dkim
from bastide.desired.edge import front, redirects_of
from bastide.desired.resource import Compiled, Origin, Resource
from bastide.model import Collectivity, Domain, Platform
from bastide.model.clients import setup_records, sts_records
from bastide.model.names import owner_name
from bastide.model.normal_form import quote_txt
from bastide.model.platform import Dns, Mail
from bastide.model.proofs import published_at
from bastide.model.rdata import canonical_rdata
from bastide.model.services import (
    address_type,
    brought_records,
    edge_of,
    platform_hosts,
)
from bastide.model.spf import platform_spf, with_senders

# Published for domains that shall neither send nor receive (RFC 7505, RFC 7208 §10.1.2,
# RFC 6376 §3.6.1 for the empty key): nobody can then write in the town's name.
NO_MAIL = {
    "MX": "0 .",
    "SPF": '"v=spf1 -all"',
    "DMARC": '"v=DMARC1; p=reject"',
    "DKIM": '"v=DKIM1; p="',
}

# What role nginx serves: `listen 443 ssl http2`, at the name itself (RFC 9460 §7.1.1).
HTTPS_REASONS = ("site", "guichet", "redirect")
HTTPS = '1 . alpn="h2,http/1.1"'

RrsetKey = tuple[str, str]
# Reasons of what the first address on a domain brings.
_BY_MAIL = frozenset(
    {"mail", "spf", "dmarc", "clients", "mta-sts", "tls-reports"}
    | {"dkim", "dkim-link", "dkim-elsewhere"}
)


class ZoneCompiler:
    """Compiles the zones of one platform; holds what is the same for all of them."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        dns = platform.dns
        names = list(dns.nameservers)
        self._soa = {
            "mname": f"{names[0]}.",
            "rname": _mailbox_name(dns.hostmaster),
            "refresh": dns.soa.refresh,
            "retry": dns.soa.retry,
            "expire": dns.soa.expire,
            "minimum": dns.soa.minimum,
            "ttl": dns.ttl,
        }
        self._hosts = platform_hosts(platform)
        mail = platform.mail
        self._spf = platform_spf(platform, self._hosts)
        sts = dict(sts_records("", platform))
        texts = {
            "dmarc": _dmarc(mail),
            "dmarc-reports": "v=DMARC1;",
            "tls-reports": f"v=TLSRPTv1; rua=mailto:{mail.tls_reports}",  # RFC 8460 §3
            "mta-sts": sts.get(("_mta-sts.", "TXT"), ""),
        }
        # What is the same in every zone, by reason and type.
        self._fixed = {
            ("zone", "NS"): sorted(f"{name}." for name in names),
            ("proofs", "NS"): sorted(f"{n}." for n in platform.tls.nameservers or names),
            ("mail", "MX"): sorted(f"{pref} {host}." for host, pref in mail.mx.items()),
            **{(reason, "CAA"): rdata for reason, rdata in _caa(dns).items()},
            **{(reason, "TXT"): [quote_txt(text)] for reason, text in texts.items()},
            **{(reason, "HTTPS"): [HTTPS] for reason in HTTPS_REASONS},
        }
        # What is the same below every domain, by what stands before its name.
        self._labels = {
            "clients": dict(setup_records("", mail.clients)) if mail.clients else {},
            "mta-sts": sts,
        }

    def compile(self, collectivity: Collectivity, domain: Domain, out: Compiled) -> None:
        """Add the zone of `domain` and the origin of each of its record sets to `out`."""
        name = str(domain.ascii)
        rrsets: dict[RrsetKey, dict[str, Any]] = {}
        for key, reason in brought_records(collectivity, domain, self._platform).items():
            if key[1] == "SOA":
                continue
            rrsets[key] = self._brought(key, reason, name, domain.senders)
            out.origins[rrset_address(key)] = Origin(
                collectivity.file, _line_behind(collectivity, domain, reason), reason
            )
        self._add_declared(collectivity, domain, rrsets, out)
        out.origins[f"zone:{name}"] = Origin(collectivity.file, domain.line, "zone")
        out.origins[rrset_address((f"{name}.", "SOA"))] = Origin(
            collectivity.file, domain.line, "zone"
        )
        edge = edge_of(collectivity, domain, self._platform)
        front(edge, rrsets)
        body = {"soa": self._soa, "rrsets": [rrsets[key] for key in sorted(rrsets)]}
        if redirects := redirects_of(collectivity, domain, edge, self._platform):
            body["redirects"] = redirects
            line = domain.line if edge.leading or not collectivity.site else collectivity.site.line
            out.origins[f"redirects:{name}"] = Origin(collectivity.file, line, "edge")
        if self._platform.dns.dnssec:
            body["dnssec"] = self._platform.dns.dnssec
            out.origins[f"dnssec:{name}"] = Origin(collectivity.file, domain.line, "dnssec")
        out.resources["dns"].append(Resource(f"zone:{name}", body))

    def _brought(
        self, key: RrsetKey, reason: str, domain: str, senders: Sequence[str]
    ) -> dict[str, Any]:
        owner, rtype = key
        rrset: dict[str, Any] = {"name": owner, "type": rtype, "ttl": self._platform.dns.ttl}
        if reason == "spf":
            rrset["rdata"] = [quote_txt(with_senders(self._spf, senders))]
        elif reason in dkim.REASONS:
            rrset |= dkim.value_of(owner, reason, domain, self._platform.mail)
        else:
            rrset["rdata"] = self._rdata(owner, rtype, reason, f"{domain}.")
        return rrset

    def _rdata(self, owner: str, rtype: str, reason: str, apex: str) -> list[str]:
        fixed = self._fixed.get((reason, rtype))
        if fixed:
            return fixed
        if reason in self._labels:
            return [self._labels[reason][owner.removesuffix(apex), rtype]]
        if reason == "no-mail":
            return [NO_MAIL[_no_mail_record(owner, rtype)]]
        host = owner.removesuffix(".")
        if reason == "proof":
            name = host.partition(".")[2]
            return [published_at(name, self._platform.tls.proofs)]
        own = reason == "platform-host"
        addresses = self._hosts[host] if own else self._platform.web.addresses
        if reason == "guichet" and self._platform.guichet:
            addresses = self._platform.guichet.addresses
        return sorted(a for a in addresses if address_type(a) == rtype)

    def _add_declared(
        self,
        collectivity: Collectivity,
        domain: Domain,
        rrsets: dict[RrsetKey, dict[str, Any]],
        out: Compiled,
    ) -> None:
        name = str(domain.ascii)
        for record in domain.records:
            key = (owner_name(record.name, name), record.type)
            rrset = rrsets.setdefault(
                key,
                {
                    "name": key[0],
                    "type": key[1],
                    "ttl": record.ttl or self._platform.dns.ttl,
                    "rdata": [],
                },
            )
            rdata = canonical_rdata(record, name)
            if rdata not in rrset["rdata"]:
                rrset["rdata"] = sorted([*rrset["rdata"], rdata])
            out.origins[rrset_address(key)] = Origin(collectivity.file, record.line, "declared")


def rrset_address(key: RrsetKey) -> str:
    """Address of a record set: ``rrset:www.cahors.fr./A``."""
    return f"rrset:{key[0]}/{key[1]}"


def _dmarc(mail: Mail) -> str:
    """The platform's DMARC record; `p` stands before `sp`, since the RPNT reads the first ``p=``.

    Never ``pct``, which RFC 9989 took away and the RPNT still reads.
    """
    text = f"v=DMARC1; p={mail.dmarc_policy}"
    if mail.dmarc_subdomain_policy:
        text += f"; sp={mail.dmarc_subdomain_policy}"
    return text + (f"; rua=mailto:{mail.dmarc_reports}" if mail.dmarc_reports else "")


def _caa(dns: Dns) -> dict[str, list[str]]:
    """The CAA records (RFC 8659 §4) of a domain served here, and of one that nobody serves."""
    iodef = [f'0 iodef "{dns.caa_iodef}"'] if dns.caa_iodef else []
    return {
        "caa": sorted([*iodef, *(f'0 issue "{issuer}"' for issuer in dns.caa_issuers)]),
        "no-certificate": sorted([*iodef, '0 issue ";"']),
    }


def _no_mail_record(owner: str, rtype: str) -> str:
    if rtype == "MX":
        return "MX"
    if owner.startswith("_dmarc."):
        return "DMARC"
    return "DKIM" if owner.startswith("*._domainkey.") else "SPF"


def _mailbox_name(address: str) -> str:
    """Address as the RNAME of an SOA (RFC 1035 §8): dots of the local part are escaped."""
    local, _, domain = address.partition("@")
    return f"{local.replace('.', chr(92) + '.')}.{domain}."


def _line_behind(collectivity: Collectivity, domain: Domain, reason: str) -> int:
    """Line of the declaration that brings a record: the site, the desk, or the domain."""
    if reason == "site" and collectivity.site:
        return collectivity.site.line
    if reason == "guichet" and collectivity.guichet:
        return collectivity.guichet.line
    if reason == "webmail":
        return collectivity.webmail_line
    if reason == "spf" and domain.senders_line:
        return domain.senders_line
    if reason in _BY_MAIL:
        lines = [
            line
            for normal, line in (
                *((m.normal, m.line) for m in collectivity.mailboxes),
                *((a.normal, a.line) for a in collectivity.aliases),
            )
            if normal and normal.endswith(f"@{domain.ascii}")
        ]
        return min(lines, default=domain.line)
    return domain.line
