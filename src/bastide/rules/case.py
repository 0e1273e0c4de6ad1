# SPDX-License-Identifier: GPL-3.0-or-later
"""One collectivity under examination, with what several rules need derived once.

Owner names, the names that are brought by services, the addresses: each local rule is a
short loop over these, so that a file without faults costs little.
"""

from __future__ import annotations

import functools

from bastide import reference
from bastide.model import Collectivity, DeclaredRecord, Domain
from bastide.model.names import owner_name
from bastide.model.services import Brought, brought_records
from bastide.rules.rule import Context

# A mailbox or alias: ``"accounts"`` or ``"aliases"``, as written, in normal form.
Address = tuple[str, str, str | None]


class Zone:
    """A live domain that has hand-written records.

    `entries` are ``(absolute lower-case owner with final dot, record)`` in file order,
    `keys` their ``(owner, type)`` and `types` their types.
    """

    def __init__(self, case: Case, domain: Domain) -> None:
        self._case = case
        self.domain = domain
        self.name = str(domain.ascii)
        self.apex = f"{self.name}."
        self.entries: list[tuple[str, DeclaredRecord]] = [
            (owner_name(record.name, self.name), record) for record in domain.records
        ]
        self.keys = {(owner, record.type) for owner, record in self.entries}
        self.types = {rtype for _, rtype in self.keys}

    @functools.cached_property
    def brought(self) -> Brought:
        """Keys of the records that the services bring to this domain, with the reason."""
        return brought_records(self._case.collectivity, self.domain, self._case.context.platform)

    @functools.cached_property
    def brought_owners(self) -> frozenset[str]:
        """Owner names of :attr:`brought`."""
        return frozenset(owner for owner, _ in self.brought)

    @functools.cached_property
    def by_owner(self) -> dict[str, list[DeclaredRecord]]:
        """The hand-written records of each owner name."""
        grouped: dict[str, list[DeclaredRecord]] = {}
        for owner, record in self.entries:
            grouped.setdefault(owner, []).append(record)
        return grouped

    def path(self, record: DeclaredRecord, field: str) -> tuple[str | int, ...]:
        """Path of one field of `record`."""
        return ("domains", self.domain.name, "records", record.place, field)


class Case:
    """One collectivity, the context, and what is derived from both.

    `mail_domains` are the domains of all addresses; `place` is what the reference knows
    under the SIREN, `commune` the same when it is one.
    """

    def __init__(self, collectivity: Collectivity, context: Context) -> None:
        self.collectivity = collectivity
        self.context = context
        self.live_domains = collectivity.live_domains
        self.addresses: list[Address] = [
            ("accounts", m.address, m.normal) for m in collectivity.mailboxes
        ]
        self.addresses += [("aliases", a.address, a.normal) for a in collectivity.aliases]
        self.mail_domains = frozenset(
            [normal[normal.rindex("@") + 1 :] for _, _, normal in self.addresses if normal]
        )
        self.zones = [Zone(self, d) for d in self.live_domains if d.records]
        self.place = reference.by_siren(collectivity.siren)
        self.commune = self.place if isinstance(self.place, reference.Commune) else None
