# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the platform from outside, as a resolver, a mail client and a browser do."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bastide.desired import Service
from bastide.diagnostics import RunFailed
from bastide.fleet import Fleet
from bastide.targets.hosts import Hosts
from bastide.targets.passwords import new_password, set_passwords
from bastide.targets.values import known_values
from bastide.verify.check import Check
from bastide.verify.clients import check_clients, check_setup
from bastide.verify.dns import check_zones
from bastide.verify.mail import (
    AddressProbe,
    MailHost,
    check_addresses,
    check_probe,
    check_suspended,
)
from bastide.verify.patience import Patience
from bastide.verify.secondaries import check_serials
from bastide.verify.signatures import check_signatures
from bastide.verify.silence import Silence
from bastide.verify.web import Served, check_pages, edge_hosts
from bastide.verify.webmail import (
    check_login_page,
    check_webmail_login,
    check_webmail_suspended,
    webmail_hosts,
)

_AT_ONCE = 4

Report = Callable[[list[Check]], None]


class Verifier:
    """Verifies one fleet; `report` is told the checks of each collectivity as they come."""

    def __init__(self, fleet: Fleet, report: Report | None = None) -> None:
        self._fleet = fleet
        self._report = report
        self._platform = fleet.platform
        self._values = known_values(fleet.repository)
        # A lab makes its own authority; in production the system's are asked.
        own = fleet.repository.state / "tls" / "ca.pem"
        self._authority = own if own.is_file() else None
        roots = fleet.repository.state / "tls" / "acme.pem"
        self._names_authority = roots if roots.is_file() else self._authority
        self._mail_hosts = self._known_mail_hosts()
        self._webmail_hosts = webmail_hosts(self._platform, self._authority)
        self._silence = Silence()
        self._patience = Patience()
        self._address_probes = [
            (host, AddressProbe(host, self._silence)) for host in self._mail_hosts
        ]

    def verify(self, slugs: list[str]) -> list[Check]:
        """Every check of `slugs`, and the probes of the mail hosts.

        The probes wait for mail to arrive and for refused logins, which servers answer
        slowly on purpose: they run beside the rest.
        """
        checks: list[Check] = []
        with ThreadPoolExecutor(1) as pool:
            probes = pool.submit(self._probes)
            for slug in slugs:
                found = self._collectivity(slug)
                self._tell(found)
                checks += found
            found = [*probes.result(), *check_setup(self._platform, self._authority)]
        self._tell(found)
        return checks + found

    def _collectivity(self, slug: str) -> list[Check]:
        origins = self._fleet.origins(slug)
        zones, mail, pages = (self._line(slug, s) for s in ("dns", "mail", "web"))
        checks = check_zones(
            slug, zones, origins, self._platform, self._values, self._silence, self._patience
        )
        for look in (check_serials, check_signatures):
            checks += look(slug, zones, origins, self._platform, self._silence, self._patience)
        for host, probe in self._address_probes:
            checks += check_addresses(slug, mail, origins, host, probe)
        checks += check_clients(
            slug, zones, origins, self._platform, self._names_authority, self._silence
        )
        acme = self._platform.tls.mode == "acme"
        served = Served(
            self._platform,
            self._names_authority if acme else self._authority,
            self._silence,
            edge_hosts(zones),
            named=acme or self._authority is None,
        )
        for line in (pages, self._line(slug, "desk")):
            checks += check_pages(slug, line, origins, served)
        return checks

    def _probes(self) -> list[Check]:
        """A round trip through each mail host, with passwords made for this run alone."""
        sender, suspended = self._platform.probe_sender, self._platform.probe_suspended
        repository = self._fleet.repository
        name = repository.relative(repository.inventory / "hosts.yml")
        hosts = Hosts.read(repository.inventory, name, self._platform)
        passwords = {address: new_password() for address in (sender, suspended) if address}
        checks = [check for host in self._webmail_hosts for check in check_login_page(host)]
        if not passwords:
            return checks
        broken: list[Check] = []
        placement = self._platform.mail.placement
        # The probes are the operator's own; every host brings a login to their holder.
        operator = self._fleet.index.holders_of_siren(self._platform.operator_siren)
        holder = placement and placement.holder(
            operator[0] if operator else "", self._platform.operator_siren
        )
        for host in [holder] if holder else hosts.of("mail"):
            try:
                set_passwords(repository, host, passwords)
            except RunFailed as failure:
                # A mail host that is down is what is to be told, beside all that works.
                found = failure.diagnostics[0].message()
                probe, wanted = f"probe @{host}", "a password set"
                broken.append(Check("", "mail", probe, passed=False, wanted=wanted, found=found))
        if broken:
            return checks + broken
        probes = ((check_probe, sender), (check_suspended, suspended))
        webmail = ((check_webmail_login, sender), (check_webmail_suspended, suspended))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [
                pool.submit(check, mail_host, address, passwords[address])
                for mail_host in self._mail_hosts
                for check, address in probes
                if address
            ] + [
                pool.submit(look, webmail_host, address, passwords[address])
                for webmail_host in self._webmail_hosts
                for look, address in webmail
                if address
            ]
        return checks + [check for future in waiting for check in future.result()]

    def _known_mail_hosts(self) -> list[MailHost]:
        return [
            MailHost(name, addresses[0], self._authority)
            for name, addresses in self._platform.mail.addresses.items()
            if addresses
        ]

    def _line(self, slug: str, service: Service) -> dict[str, Any]:
        line = self._fleet.share_line_of(slug, service)
        return json.loads(line) if line else {"resources": []}

    def _tell(self, checks: list[Check]) -> None:
        if self._report:
            self._report(checks)
