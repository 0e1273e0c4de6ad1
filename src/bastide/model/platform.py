# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform that serves the collectivities, from inventory/<environment>/platform.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bastide.model.cloudflare import Cloudflare
from bastide.model.conformity import Conformity
from bastide.model.groupware import Zimbra
from bastide.model.placement import Placement
from bastide.model.registrars import Registrars
from bastide.model.signing import Signing


@dataclass(frozen=True, slots=True)
class Soa:
    """Timers of every zone, in seconds (RFC 1035 §3.3.13)."""

    refresh: int
    retry: int
    expire: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Dns:
    """Name servers and zone defaults; `nameservers` maps a host name to its addresses.

    `cloudflare` goes with the provider of that name, which needs no host of the inventory.
    `caa_issuers` may certify the names served here, anybody when there are none; `caa_iodef` is
    where they report to, a web or mail address (RFC 8659 §4.4).
    `dnssec` is ``signed``, ``leaving`` (signed, while parents are asked to drop their DS) or
    empty; `resolvers` are addresses asked about parents, none for those of this machine.
    """

    provider: str
    nameservers: Mapping[str, tuple[str, ...]]
    hostmaster: str
    ttl: int
    soa: Soa
    host_group: str
    cloudflare: Cloudflare | None = None
    caa_issuers: tuple[str, ...] = ()
    caa_iodef: str | None = None
    dnssec: str = ""
    resolvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clients:
    """What mail programs are told: `setup` serves their settings, `server` their mail.

    `webmail` is a web address, None when there is none.
    """

    setup: str
    server: str
    webmail: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail policy; `mx` maps a host name to its preference, quotas are bytes.

    `mta_sts` is ``none``, ``testing`` or ``enforce``; `tls_reports` receives the reports of
    RFC 8460; `webmail` and `groupware_host` are host names, None when the platform has none.
    `zimbra` goes with the groupware of that name; `placement` says on which of several mail hosts
    a collectivity's mail lies, None where there is one host.  `dkim_selector` is empty when no
    domain has a key of its own, `signing` None when the platform has none; `dane` publishes by
    which key the mail exchangers are recognised.
    """

    mx: Mapping[str, int]
    addresses: Mapping[str, tuple[str, ...]]
    spf: str
    dmarc_policy: str
    dmarc_reports: str | None
    dkim_selector: str
    quota_default: int
    quota_maximum: int
    groupware: str | None
    host_group: str
    clients: Clients | None = None
    mta_sts: str = "none"
    tls_reports: str | None = None
    archive_folder: str = "/var/lib/bastide/archives"
    archive_grace_days: int = 90
    backup_folder: str = "/var/lib/bastide/backups"
    backups_kept: int = 7
    webmail: str | None = None
    groupware_host: str | None = None
    spf_flatten: bool = False
    dmarc_subdomain_policy: str | None = None
    zimbra: Zimbra | None = None
    placement: Placement | None = None
    signing: Signing | None = None
    dane: bool = False


@dataclass(frozen=True, slots=True)
class Web:
    """Where sites are served; communes below `minisite_below` inhabitants get a mini-site.

    `https_records` announces HTTPS and HTTP/2 in the DNS (RFC 9460).
    """

    addresses: tuple[str, ...]
    minisite_below: int
    host_group: str
    https_records: bool = False


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of the names that are served; `mode` is ``local`` or ``acme``.

    `directory` is the address of the ACME authority, `contact` the mail address that it is given.
    Names are proved by `challenge`, ``http`` or ``dns``; by DNS in `zone`, which the servers of
    `nameservers` (host name → addresses) give, those of all zones when there are none.
    `hsts` is how long browsers are to insist on HTTPS, in seconds; 0 says nothing to them.
    """

    mode: str = "local"
    directory: str | None = None
    contact: str | None = None
    hsts: int = 31_536_000
    challenge: str = "http"
    zone: str | None = None
    nameservers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def proofs(self) -> str:
        """The zone in which names are proved; empty where they are not proved by DNS."""
        by_dns = self.mode == "acme" and self.challenge == "dns"
        return self.zone or "" if by_dns else ""


@dataclass(frozen=True, slots=True)
class Desks:
    """Where the e-administration desks are served; `sender` is the From of their mails.

    `guide` is where the national guide comes from, ``https`` or a ``file:`` address of a folder.
    """

    addresses: tuple[str, ...]
    sender: str
    host_group: str = "desk"
    guide: str = "https"
    privacy: Mapping[str, str] = field(default_factory=dict)
    backup_folder: str = "/var/lib/bastide/backups"
    backups_kept: int = 7


@dataclass(frozen=True, slots=True)
class Limit:
    """A run stops when more than max(`floor`, `share` of what exists) would go."""

    share: float
    floor: int


@dataclass(frozen=True, slots=True)
class Safety:
    """Limits at the three levels."""

    zone: Limit
    collectivity: Limit
    run: Limit


@dataclass(frozen=True, slots=True)
class Platform:
    """One environment.  `probe_*` are the technical mailboxes that `verify` uses.

    `journal` is the journal's file when it is not the default one; `guichet` is None where nobody
    serves desks, whose names then show a page that announces them.
    """

    file: str
    operator_name: str
    operator_siren: str
    shared_domains: frozenset[str]
    dns: Dns
    mail: Mail
    web: Web
    probe_sender: str | None
    probe_suspended: str | None
    safety: Safety
    journal: str | None = None
    conformity: Conformity = field(default_factory=Conformity)
    registrars: Registrars = field(default_factory=Registrars)
    tls: Tls = field(default_factory=Tls)
    guichet: Desks | None = None
