# SPDX-License-Identifier: GPL-3.0-or-later
"""From a document that its schema accepts to the nouns of the model."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from bastide.model.cloudflare import API, Cloudflare, Pulumi, Redirects
from bastide.model.collectivity import (
    Alias,
    Collectivity,
    Convention,
    DeclaredNotice,
    DeclaredRecord,
    Deliberation,
    Domain,
    Mailbox,
    Moved,
    PostalAddress,
    Site,
)
from bastide.model.conformity import Conformity
from bastide.model.groupware import Zimbra, host_of
from bastide.model.guichet_build import build_desks, build_guichet
from bastide.model.names import normal_address, to_ascii
from bastide.model.placement import Placement
from bastide.model.platform import Clients, Dns, Limit, Mail, Platform, Safety, Soa, Tls, Web
from bastide.model.quota import parse_size
from bastide.model.registrars import build_registrars
from bastide.model.signing import Signing

Data = dict[str, Any]
Line = Callable[[tuple[str | int, ...]], int]


def build_collectivity(slug: str, file: str, data: Data, line: Line) -> Collectivity:
    """The collectivity that `data` declares; `line` gives the line of a path's key."""
    head = data["collectivity"]
    contact = head.get("contact") or {}
    mail = data.get("mail") or {}
    return Collectivity(
        slug=slug,
        file=file,
        kind=head["kind"],
        siren=head["siren"],
        retired=head.get("state") == "retired",
        contact_email=contact.get("email"),
        contact_phone=contact.get("phone"),
        convention=_convention(data.get("convention"), line),
        domains=tuple(
            _domain(name, body or {}, line) for name, body in (data.get("domains") or {}).items()
        ),
        mailboxes=tuple(
            _mailbox(address, body or {}, line)
            for address, body in (mail.get("accounts") or {}).items()
        ),
        aliases=tuple(
            Alias(
                address,
                normal_address(address),
                tuple(targets),
                line(("mail", "aliases", address)),
            )
            for address, targets in (mail.get("aliases") or {}).items()
        ),
        site=_site(data.get("site"), line),
        guichet=build_guichet(data.get("guichet"), line),
        state_line=line(("collectivity", "state")) if "state" in head else 1,
        webmail=mail.get("webmail", False),
        webmail_line=line(("mail", "webmail")) if "webmail" in mail else 0,
        contact_line=line(("collectivity", "contact")) if contact else 0,
        address=PostalAddress(**contact["address"]) if "address" in contact else None,
    )


def _convention(data: Data | None, line: Line) -> Convention | None:
    if data is None:
        return None
    return Convention(
        signed_on=data.get("signed_on"),
        ends_on=data.get("ends_on"),
        modules=tuple(data.get("modules") or ()),
        line=line(("convention",)),
    )


def _domain(name: str, data: Data, line: Line) -> Domain:
    registration = data.get("registration") or {}
    mail = data.get("mail") or {}
    return Domain(
        name=name,
        ascii=to_ascii(name),
        mode=registration.get("mode", "managed"),
        registrar=registration.get("registrar"),
        renewal=registration.get("renewal"),
        redirect_to=data.get("redirect_to"),
        retired=data.get("state") == "retired",
        records=tuple(
            DeclaredRecord(
                name=record["name"],
                type=record["type"],
                content=record["content"],
                ttl=record.get("ttl"),
                priority=record.get("priority"),
                place=place,
                line=line(("domains", name, "records", place)),
            )
            for place, record in enumerate(data.get("records") or ())
        ),
        line=line(("domains", name)),
        senders=tuple(mail.get("senders") or ()),
        senders_line=line(("domains", name, "mail", "senders")) if "senders" in mail else 0,
        notices=tuple(DeclaredNotice(**one) for one in registration.get("notices") or ()),
        deliberations=tuple(Deliberation(**one) for one in registration.get("deliberations") or ()),
    )


def _mailbox(address: str, data: Data, line: Line) -> Mailbox:
    quota = data.get("quota")
    return Mailbox(
        address=address,
        normal=normal_address(address),
        kind=data.get("kind", "classic"),
        quota_text=quota,
        quota=parse_size(quota) if quota is not None else None,
        suspended=data.get("state") == "suspended",
        delivery=data.get("delivery", "keep"),
        line=line(("mail", "accounts", address)),
        keep_copy=data.get("keep_copy", False),
        renamed_from=data.get("renamed_from"),
        new_holder=data.get("new_holder"),
    )


def _site(data: Data | None, line: Line) -> Site | None:
    if data is None:
        return None
    template = data.get("template") or {}
    functions = data.get("functions") or {}
    return Site(
        kind=data["kind"],
        domain=data["domain"],
        host=to_ascii(data["domain"]),
        model=template.get("model"),
        palette=template.get("palette"),
        functions=tuple(name for name, on in functions.items() if on),
        functions_off=tuple(name for name, on in functions.items() if not on),
        line=line(("site",)),
        redirects=tuple(
            Moved(path, target, line(("site", "redirects", path)))
            for path, target in (data.get("redirects") or {}).items()
        ),
    )


def build_platform(file: str, data: Data) -> Platform:
    """The platform that a valid platform.yml declares; quotas that cannot be read are 0."""
    dns, mail, web = data["dns"], data["mail"], data["web"]
    probe = data.get("probe") or {}
    quota = mail.get("quota") or {}
    archive, backup = mail.get("archive") or {}, mail.get("backup") or {}
    dmarc = mail.get("dmarc") or {}
    return Platform(
        file=file,
        operator_name=data["operator"]["name"],
        operator_siren=data["operator"]["siren"],
        shared_domains=frozenset(_host(d) for d in data.get("shared_domains") or ()),
        dns=Dns(
            provider=dns["provider"],
            nameservers={_host(name): _ips(ips) for name, ips in dns["nameservers"].items()},
            hostmaster=dns["hostmaster"],
            ttl=dns["ttl"],
            soa=Soa(**dns["soa"]),
            host_group=dns.get("host_group", "dns"),
            cloudflare=_cloudflare(dns.get("cloudflare")),
            caa_issuers=tuple((dns.get("caa") or {}).get("issuers") or ()),
            caa_iodef=(dns.get("caa") or {}).get("iodef"),
            dnssec={True: "signed", False: ""}.get(dns.get("dnssec", False), "leaving"),
            resolvers=tuple(dns.get("resolvers") or ()),
        ),
        mail=Mail(
            mx={_host(name): preference for name, preference in mail["mx"].items()},
            addresses={
                _host(name): _ips(ips) for name, ips in (mail.get("addresses") or {}).items()
            },
            spf=mail.get("spf", "v=spf1 mx -all"),
            dmarc_policy=dmarc.get("policy", "quarantine"),
            dmarc_reports=dmarc.get("reports"),
            dkim_selector=mail.get("dkim_selector", ""),
            quota_default=parse_size(quota.get("default", "2 GB")) or 0,
            quota_maximum=parse_size(quota.get("maximum", "50 GB")) or 0,
            groupware=mail.get("groupware"),
            host_group=mail.get("host_group", "mail"),
            clients=_clients(mail),
            mta_sts=mail.get("mta_sts", "none"),
            tls_reports=mail.get("tls_reports"),
            archive_folder=archive.get("folder", "/var/lib/bastide/archives"),
            archive_grace_days=archive.get("grace_days", 90),
            backup_folder=backup.get("folder", "/var/lib/bastide/backups"),
            backups_kept=backup.get("kept", 7),
            webmail=_host(mail["webmail"]) if "webmail" in mail else None,
            groupware_host=_host(mail["groupware_host"]) if "groupware_host" in mail else None,
            spf_flatten=mail.get("spf_flatten", False),
            dmarc_subdomain_policy=dmarc.get("subdomain_policy"),
            zimbra=_zimbra(mail.get("zimbra")),
            placement=_placement(mail.get("placement")),
            signing=_signing(mail.get("dkim")),
            dane=mail.get("dane", False),
        ),
        web=Web(
            addresses=_ips(web["addresses"]),
            minisite_below=web.get("minisite_below", 500),
            host_group=web.get("host_group", "web"),
            https_records=web.get("https_records", False),
        ),
        probe_sender=probe.get("sender"),
        probe_suspended=probe.get("suspended"),
        safety=_safety(data.get("safety") or {}),
        journal=data.get("journal"),
        conformity=_conformity(data.get("conformity") or {}),
        registrars=build_registrars(data.get("registrars")),
        tls=_tls(data.get("tls") or {}),
        guichet=build_desks(data.get("guichet")),
    )


def _conformity(data: Data) -> Conformity:
    corrections = data.get("generic_domains") or {}
    return Conformity(
        mail_country=data.get("mail_country"),
        generic={_host(name): one["generic"] for name, one in corrections.items()},
    )


def _clients(mail: Data) -> Clients | None:
    declared = mail.get("clients")
    if declared is None:
        return None
    first = min(mail["mx"], key=lambda name: (mail["mx"][name], name))
    return Clients(
        setup=_host(declared["setup"]),
        server=_host(declared.get("server", first)),
        webmail=declared.get("webmail"),
    )


def _tls(declared: Data) -> Tls:
    acme = declared.get("acme") or {}
    return Tls(
        mode=declared.get("mode", "local"),
        directory=acme.get("directory"),
        contact=acme.get("contact"),
        hsts=declared.get("hsts", 31_536_000),
        challenge=acme.get("challenge", "http"),
        zone=_host(acme["zone"]) if "zone" in acme else None,
        nameservers={_host(n): _ips(ips) for n, ips in (acme.get("nameservers") or {}).items()},
    )


def _zimbra(declared: Data | None) -> Zimbra | None:
    if declared is None:
        return None
    return Zimbra(
        url=declared["url"],
        user=declared["user"],
        relay=_host(declared.get("relay") or host_of(declared["url"])),
        server=_host(declared.get("server") or host_of(declared["url"])),
        password_env=declared.get("password_env"),
        password_file=declared.get("password_file"),
        ca_file=declared.get("ca_file"),
        class_of_service=declared.get("class_of_service"),
    )


def _cloudflare(declared: Data | None) -> Cloudflare | None:
    if declared is None:
        return None
    words = {True: "on", False: "off"}
    return Cloudflare(
        account=declared["account"],
        engine=declared.get("engine", "direct"),
        token_env=declared.get("token_env"),
        token_file=declared.get("token_file"),
        base_url=declared.get("base_url", API).rstrip("/"),
        settings={
            name: words[value] if isinstance(value, bool) else value
            for name, value in (declared.get("settings") or {}).items()
        },
        pulumi=Pulumi(**declared["pulumi"]) if declared.get("pulumi") else None,
        redirects=Redirects(**declared["redirects"]) if "redirects" in declared else None,
    )


def _placement(declared: Data | None) -> Placement | None:
    if declared is None:
        return None
    return Placement(
        hosts={name: _host(host) for name, host in declared["hosts"].items()},
        default=declared["default"],
        collectivities=dict(declared.get("collectivities") or {}),
    )


def _signing(declared: Data | None) -> Signing | None:
    if declared is None:
        return None
    return Signing(**{**declared, "zone": _host(declared["zone"])})


def _host(written: str) -> str:
    """A host or domain name in normal form; as written when it is none, which a rule tells."""
    return to_ascii(written) or written


def _ips(written: Iterable[str]) -> tuple[str, ...]:
    """Addresses in the text that DNS compares (RFC 5952)."""
    return tuple(str(ipaddress.ip_address(address)) for address in written)


def _safety(data: Data) -> Safety:
    def limit(level: str, share: float, floor: int) -> Limit:
        declared = data.get(level) or {}
        return Limit(float(declared.get("share", share)), int(declared.get("floor", floor)))

    return Safety(
        zone=limit("zone", 0.3, 5),
        collectivity=limit("collectivity", 0.5, 5),
        run=limit("run", 0.05, 20),
    )
