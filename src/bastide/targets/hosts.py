# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's machines, read from the Ansible inventory file of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bastide.desired import Service
from bastide.diagnostics import InvalidInput, Severity, declare, diagnose, has_errors
from bastide.documents import read_file
from bastide.model import Platform
from bastide.model.placement import Placement

NO_HOSTS = declare(
    "P401",
    Severity.ERROR,
    en="no host is in the group {group}, which {service} is to be served by",
    fr="aucun hôte dans le groupe {group}, qui doit servir {service}",
    hint_en="add the host to {group} in hosts.yml, or name another host_group in platform.yml",
    hint_fr="ajoutez l'hôte à {group} dans hosts.yml, ou changez host_group dans platform.yml",
)
NO_PLACEMENT = declare(
    "P442",
    Severity.ERROR,
    en="{group} has {count} hosts, but platform.yml does not say which of them holds whose mail",
    fr="{group} compte {count} hôtes, mais platform.yml ne dit pas lequel tient le courrier de qui",
    hint_en="give `mail.placement` with `hosts` and `default`: the host whose mail lies there now",
    hint_fr="donnez `mail.placement` avec `hosts` et `default` : l'hôte où le courrier est déjà",
)
SEVERAL_SIGN = declare(
    "P450",
    Severity.ERROR,
    en="{group} has {count} hosts, and with `dnssec` each would sign with keys of its own",
    fr="{group} compte {count} hôtes, et avec `dnssec` chacun signerait de ses propres clés",
    hint_en="keep one in {group}, the primary, and put the others into dns_secondary",
    hint_fr="gardez-en un dans {group}, le primaire, et mettez les autres dans dns_secondary",
)
OTHER_HOSTS = declare(
    "P443",
    Severity.ERROR,
    en="the mail hosts of {group} are {there}, those of mail.placement are {placed}",
    fr="les serveurs de messagerie de {group} sont {there}, ceux de mail.placement {placed}",
    hint_en="name the same hosts in hosts.yml and in `mail.placement.hosts` of platform.yml",
    hint_fr="nommez les mêmes hôtes dans hosts.yml et dans `mail.placement.hosts` de platform.yml",
)


SECONDARIES = "dns_secondary"
"""Inventory group of secondary name servers, as in playbooks/platform.yml."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """Host names by group, and the group of each service."""

    groups: dict[str, list[str]]
    group_of: dict[Service, str]

    @classmethod
    def read(cls, inventory: Path, name: str, platform: Platform) -> Hosts:
        """Read ``hosts.yml`` of `inventory`; ``InvalidInput`` when it cannot be used.

        Only names and groups are needed here; addresses and variables are Ansible's.
        """
        document, found = read_file(inventory / "hosts.yml", name)
        if document is None or has_errors(found):
            raise InvalidInput(*found)
        groups: dict[str, list[str]] = {}
        _collect(document.data, groups)
        hosts = cls(
            groups,
            {
                # Zones at Cloudflare need no host of ours.
                **({"dns": platform.dns.host_group} if platform.dns.cloudflare is None else {}),
                "mail": platform.mail.host_group,
                "web": platform.web.host_group,
                # Names are proved where they are served.
                **({"tls": platform.web.host_group} if platform.tls.mode == "acme" else {}),
                **({"desk": platform.guichet.host_group} if platform.guichet else {}),
            },
        )
        missing = [
            diagnose(NO_HOSTS, name, 1, 1, group=group, service=service)
            for service, group in hosts.group_of.items()
            if not groups.get(group)
        ]
        if missing:
            raise InvalidInput(*missing)
        primaries = hosts.of("dns")
        if platform.dns.dnssec and len(primaries) > 1:
            facts = {"group": platform.dns.host_group, "count": str(len(primaries))}
            raise InvalidInput(diagnose(SEVERAL_SIGN, name, 1, 1, **facts))
        check_placement(hosts.of("mail"), platform.mail.placement, name, platform.mail.host_group)
        return hosts

    @property
    def secondaries(self) -> list[str]:
        """Names of the hosts that serve zones which they have from the primary, sorted.

        No run converges them; what they are to serve they know by the DNS.
        """
        return sorted(self.groups.get(SECONDARIES, ()))

    def of(self, service: Service) -> list[str]:
        """Names of the hosts that serve `service`, sorted; none where others do or nobody.

        Certificates are where names are served: on web hosts and those of the desks.
        """
        found = self.groups.get(self.group_of.get(service, ""), [])
        if service == "tls" and found:
            found = [*found, *self.of("desk")]
        return sorted(set(found))


def check_placement(there: list[str], placement: Placement | None, name: str, group: str) -> None:
    """Raise ``InvalidInput`` unless `mail.placement` names the hosts of `group` in the file `name`.

    Several, and nothing says who holds what: P442; others than are there: P443.
    """
    if placement is None:
        if len(there) > 1:
            raise InvalidInput(
                diagnose(NO_PLACEMENT, name, 1, 1, group=group, count=str(len(there)))
            )
    elif there != sorted(placement.hosts):
        placed = ", ".join(sorted(placement.hosts))
        found = diagnose(
            OTHER_HOSTS, name, 1, 1, group=group, there=", ".join(there), placed=placed
        )
        raise InvalidInput(found)


def _collect(data: Any, groups: dict[str, list[str]]) -> list[str]:
    """Hosts of every group below `data`; a group holds the hosts of its children too."""
    everything: list[str] = []
    if not isinstance(data, dict):
        return everything
    for group, body in data.items():
        parts = body if isinstance(body, dict) else {}
        own = list(parts.get("hosts") or {})
        own += _collect(parts.get("children") or {}, groups)
        groups[group] = sorted({*groups.get(group, []), *own})
        everything += own
    return everything
