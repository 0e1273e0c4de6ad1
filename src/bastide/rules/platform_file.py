# SPDX-License-Identifier: GPL-3.0-or-later
"""What platform.yml says must hold for every collectivity at once.

Quotas in order, addresses that can be written to, an SPF that receivers accept (RFC 7208:
known terms, at most ten that need a query, `-all` or `~all` at the end), probe addresses
on a shared domain, shared domains that some file declares, or else they have no zone,
names of servers that DNS can carry, and a name that serves the policy of MTA-STS.

---
Ce que dit platform.yml doit tenir pour toutes les collectivités à la fois.

Des quotas en ordre, des adresses auxquelles on peut écrire, un SPF que les destinataires
acceptent (RFC 7208 : termes connus, au plus dix qui demandent une requête, `-all` ou
`~all` à la fin), des adresses de sonde sur un domaine partagé, et des domaines partagés
que déclare un fichier, sans quoi ils n'ont pas de zone, des noms de serveurs que le DNS
peut porter, et un nom qui serve la politique de MTA-STS.

Wrong:

```yaml
mail:
  spf: "v=spf1 mx includes:_spf.example.fr +all"
  quota: {default: 60 GB, maximum: 50 GB}
  dmarc: {reports: +dmarc@info46.com}
  mta_sts: testing
probe: {sender: probe@example.fr}
```

Right:

```yaml
mail:
  spf: "v=spf1 mx -all"
  quota: {default: 2 GB, maximum: 50 GB}
  mta_sts: testing
  clients: {setup: config.info46.com}
probe: {sender: probe@info46.com}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bastide.diagnostics import Path, Severity, declare
from bastide.model import Index, Platform
from bastide.model.names import normal_address, to_ascii
from bastide.model.quota import show_size
from bastide.model.services import platform_hosts
from bastide.model.spf import platform_spf
from bastide.rules import mail_address, mailbox
from bastide.rules.cloud_redirects import check_edge
from bastide.rules.cloudflare import check_cloudflare
from bastide.rules.placement import check_placement
from bastide.rules.proofs import check_proofs
from bastide.rules.record_fields import long_ttl
from bastide.rules.rule import Finding
from bastide.rules.signing import check_signing
from bastide.rules.siren import fault_of as siren_fault_of
from bastide.rules.spf import spf_fault
from bastide.rules.zimbra import check_zimbra

DEFAULT_OVER = declare(
    "R384",
    Severity.ERROR,
    en="the default quota of {default} is over the maximum of {most}",
    fr="le quota par défaut de {default} dépasse le maximum de {most}",
    hint_en="Lower `default` or raise `maximum`.",
    hint_fr="Baissez `default` ou relevez `maximum`.",
)
NO_SPF = declare(
    "R385",
    Severity.ERROR,
    en="the SPF `{spf}` is not valid at `{term}`",
    fr="le SPF « {spf} » n'est pas valide à « {term} »",
    hint_en="Write terms of RFC 7208, at most ten that need a query, and `-all` or `~all` last: "
    "`v=spf1 mx -all`.",
    hint_fr="Écrivez des termes de la RFC 7208, dix au plus qui demandent une requête, et `-all` "
    "ou `~all` en dernier : `v=spf1 mx -all`.",
)
PROBE_ELSEWHERE = declare(
    "R386",
    Severity.ERROR,
    en="the probe {address} is on no shared domain of the platform",
    fr="la sonde {address} n'est sur aucun domaine partagé de la plateforme",
    hint_en="Use an address on one of `shared_domains`: {known}.",
    hint_fr="Employez une adresse sur l'un des `shared_domains` : {known}.",
)
NOBODYS = declare(
    "R387",
    Severity.WARNING,
    en="no file declares the shared domain {domain}, so it has no zone",
    fr="aucun fichier ne déclare le domaine partagé {domain}, il n'a donc pas de zone",
    hint_en="Declare it under `domains` in the operator's file (SIREN {siren}).",
    hint_fr="Déclarez-le sous `domains` dans le fichier de l'opérateur (SIREN {siren}).",
)
NO_NAME = declare(
    "R394",
    Severity.ERROR,
    en="`{name}` is no host name",
    fr="« {name} » n'est pas un nom d'hôte",
    hint_en="Write a whole name without final dot, as `ns1.info46.com`; an address goes beside it.",
    hint_fr="Écrivez un nom entier sans point final, comme `ns1.info46.com` ; une adresse se met à "
    "côté.",
)
NOWHERE_SERVED = declare(
    "R399",
    Severity.ERROR,
    en="MTA-STS is `{mode}`, but no name serves its policy",
    fr="MTA-STS vaut « {mode} », mais aucun nom n'en sert la politique",
    hint_en="Give `clients.setup`, the name under which the web hosts serve it, or write "
    "`mta_sts: none`.",
    hint_fr="Donnez `clients.setup`, le nom sous lequel les machines web la servent, ou écrivez "
    "`mta_sts: none`.",
)
NO_DIRECTORY = declare(
    "R520",
    Severity.ERROR,
    en="certificates are to come by ACME, but no authority is named",
    fr="les certificats doivent venir par ACME, mais aucune autorité n'est nommée",
    hint_en="Give `tls.acme.directory`, the address of its directory, or write `mode: local`.",
    hint_fr="Donnez `tls.acme.directory`, l'adresse de son annuaire, ou écrivez `mode: local`.",
)
NO_GROUPWARE_HOST = declare(
    "R440",
    Severity.ERROR,
    en="the groupware `sogo` has no host name, so it would be served nowhere",
    fr="le collecticiel « sogo » n'a pas de nom d'hôte, il ne serait servi nulle part",
    hint_en="Give its name as `mail.groupware_host`, as `agenda.info46.com`.",
    hint_fr="Donnez son nom par `mail.groupware_host`, comme `agenda.info46.com`.",
)
UNKNOWN_ADDRESS = declare(
    "R502",
    Severity.WARNING,
    en="`mx` cannot be flattened in the SPF: no address of {hosts} is known",
    fr="« mx » ne peut pas être aplati dans le SPF : aucune adresse de {hosts} n'est connue",
    hint_en="Give their addresses under `mail.addresses`.",
    hint_fr="Donnez leurs adresses sous `mail.addresses`.",
)


def check_platform(platform: Platform, index: Index) -> list[Finding]:
    """Findings on platform.yml; `index` is that of the fleet."""
    return [
        *_operator(platform),
        *_host_names(platform),
        *long_ttl(platform.dns.ttl, platform.dns.provider, ("dns", "ttl")),
        *_mail(platform),
        *check_cloudflare(platform),
        *check_edge(platform),
        *check_zimbra(platform),
        *check_placement(platform, index),
        *check_signing(platform),
        *_probes(platform),
        *_tls(platform),
        *check_proofs(platform, index),
        *_shared(platform, index),
    ]


def _operator(platform: Platform) -> Iterator[Finding]:
    fault = siren_fault_of(platform.operator_siren)
    if fault:
        kind, facts = fault
        yield Finding(kind, ("operator", "siren"), "value", facts)


def _tls(platform: Platform) -> Iterator[Finding]:
    if platform.tls.mode == "acme" and not platform.tls.directory:
        yield Finding(NO_DIRECTORY, ("tls", "mode"), "value", {})


def _host_names(platform: Platform) -> Iterator[Finding]:
    named: tuple[tuple[Path, Iterable[str]], ...] = (
        (("dns", "nameservers"), platform.dns.nameservers),
        (("mail", "mx"), platform.mail.mx),
        (("mail", "addresses"), platform.mail.addresses),
        (("tls", "acme", "nameservers"), platform.tls.nameservers),
    )
    for path, names in named:
        for name in names:
            if to_ascii(name) is None:
                yield Finding(NO_NAME, (*path, name), "key", {"name": name})
    clients = platform.mail.clients
    for field in ("setup", "server") if clients else ():
        name = getattr(clients, field)
        if to_ascii(name) is None:
            yield Finding(NO_NAME, ("mail", "clients", field), "value", {"name": name})
    for field in ("webmail", "groupware_host"):
        name = getattr(platform.mail, field)
        if name is not None and to_ascii(name) is None:
            yield Finding(NO_NAME, ("mail", field), "value", {"name": name})
    for domain in sorted(platform.shared_domains):
        if to_ascii(domain) is None:
            yield Finding(NO_NAME, ("shared_domains",), "value", {"name": domain})


def _mail(platform: Platform) -> Iterator[Finding]:
    mail = platform.mail
    quotas = {"default": mail.quota_default, "maximum": mail.quota_maximum}
    for field, size in quotas.items():
        if size < mailbox.MINIMUM:
            facts = {"quota": show_size(size), "least": show_size(mailbox.MINIMUM)}
            yield Finding(mailbox.TOO_SMALL, ("mail", "quota", field), "value", facts)
    if mail.quota_default > mail.quota_maximum:
        facts = {"default": show_size(mail.quota_default), "most": show_size(mail.quota_maximum)}
        yield Finding(DEFAULT_OVER, ("mail", "quota", "default"), "value", facts)
    if mail.groupware == "sogo" and mail.groupware_host is None:
        yield Finding(NO_GROUPWARE_HOST, ("mail", "groupware"), "value")
    flat = platform_spf(platform, platform_hosts(platform))
    term = spf_fault(flat)
    if term is not None:
        yield Finding(NO_SPF, ("mail", "spf"), "value", {"spf": flat, "term": term})
    yield from _unflat(platform, flat)
    yield from _address(platform.dns.hostmaster, ("dns", "hostmaster"))
    yield from _address(mail.dmarc_reports, ("mail", "dmarc", "reports"))
    yield from _address(mail.tls_reports, ("mail", "tls_reports"))
    if mail.mta_sts != "none" and mail.clients is None:
        # Nothing would be published, and nobody would know.
        yield Finding(NOWHERE_SERVED, ("mail", "mta_sts"), "value", {"mode": mail.mta_sts})


def _unflat(platform: Platform, flat: str) -> Iterator[Finding]:
    """The hosts whose addresses `spf_flatten` asks for and nobody gives."""
    mail = platform.mail
    left = {term.lstrip("+-~?").lower().partition("/")[0] for term in flat.split(" ")}
    if mail.spf_flatten and "mx" in left:
        known = platform_hosts(platform)
        hosts = ", ".join(host for host in sorted(mail.mx) if host not in known)
        yield Finding(UNKNOWN_ADDRESS, ("mail", "spf_flatten"), "value", {"hosts": hosts})


def _address(written: str | None, path: Path) -> Iterator[Finding]:
    if written is None:
        return
    fault = mail_address.fault_of(written, valid=normal_address(written) is not None)
    if fault:
        kind, facts = fault
        yield Finding(kind, path, "value", {**facts, "address": written})


def _probes(platform: Platform) -> Iterator[Finding]:
    probes = {"sender": platform.probe_sender, "suspended": platform.probe_suspended}
    for field, written in probes.items():
        yield from _address(written, ("probe", field))
        normal = normal_address(written) if written else None
        if normal and normal.rpartition("@")[2] not in platform.shared_domains:
            facts = {"address": str(written), "known": _names(platform)}
            yield Finding(PROBE_ELSEWHERE, ("probe", field), "value", facts)


def _shared(platform: Platform, index: Index) -> Iterator[Finding]:
    for domain in sorted(platform.shared_domains):
        if to_ascii(domain) and not index.holders_of_domain(domain):
            facts = {"domain": domain, "siren": platform.operator_siren}
            yield Finding(NOBODYS, ("shared_domains",), "value", facts)


def _names(platform: Platform) -> str:
    return ", ".join(sorted(platform.shared_domains)) or "-"
