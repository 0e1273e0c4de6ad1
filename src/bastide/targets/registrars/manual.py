# SPDX-License-Identifier: GPL-3.0-or-later
"""A registrar that a person deals with: nothing is known but what the registry tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from bastide.diagnostics import diagnose
from bastide.targets.registrars.faults import BY_HAND, Refused
from bastide.targets.registrars.port import Holding, Offer, OrderKind, Placed, Purchase, Trace


class Manual:
    """The registrar `name` of the catalogue; every order says what a person has to do."""

    def __init__(self, name: str) -> None:
        self._name = name

    def holdings(self, domains: Iterable[str]) -> Mapping[str, Holding]:
        """See the port; each name is taken to be there, since the charter says so."""
        return {domain: Holding(domain, None, None) for domain in domains}

    def holding(self, domain: str) -> Holding | None:
        """See the port."""
        return Holding(domain, None, None)

    def offer(self, domain: str) -> Offer:
        """See the port."""
        return Offer(domain, "unknown")

    def price(self, domain: str, kind: OrderKind) -> Decimal | None:  # noqa: ARG002 - the port
        """See the port."""
        return None

    def renew(self, domain: str, at_most: Decimal) -> Placed:  # noqa: ARG002 - the port
        """See the port."""
        raise self._by_hand(f"renew {domain}")

    def register(self, purchase: Purchase) -> Placed:
        """See the port."""
        raise self._by_hand(f"register {purchase.domain}")

    def transfer_in(self, purchase: Purchase) -> Placed:
        """See the port."""
        raise self._by_hand(f"transfer {purchase.domain}")

    def trace(self, domain: str, kind: OrderKind, since: dt.datetime) -> Trace:  # noqa: ARG002 - the port
        """See the port; nothing was ever ordered from here."""
        return "none"

    def set_auto_renew(self, domain: str, *, on: bool) -> None:
        """See the port."""
        raise self._by_hand(f"auto-renew {'on' if on else 'off'} for {domain}")

    def auth_code(self, domain: str) -> str:
        """See the port."""
        raise self._by_hand(f"authorisation code of {domain}")

    def close(self) -> None:
        """See the port."""

    def _by_hand(self, what: str) -> Refused:
        return Refused(diagnose(BY_HAND, "", name=self._name, what=what))
