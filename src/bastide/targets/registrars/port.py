# SPDX-License-Identifier: GPL-3.0-or-later
"""What every registrar can be asked: one protocol, whatever its API looks like.

Prices are euros before tax for one year; days are days in Paris.  A method that costs money
takes `at_most` and refuses a dearer quotation itself, since between the price that was shown
and the order it may have changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

OrderKind = Literal["renew", "register", "transfer"]
OfferState = Literal["available", "taken", "reserved", "unknown"]


@dataclass(frozen=True, slots=True)
class Holding:
    """A name in the operator's account; None is what the registrar does not tell.

    `holder` is the organisation that holds it, `status` the registrar's words.
    """

    domain: str
    expiry: dt.date | None
    auto_renew: bool | None
    status: str = ""
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether a name can be had.  `price` is None where it cannot, or nobody says."""

    domain: str
    state: OfferState
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """The collectivity as holder of its names: a function in the place of a person."""

    name: str
    siren: str
    given: str
    family: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that the registrar took.  `reference` is its own, `price` None when not told."""

    reference: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought for a name that the account does not hold yet.

    `auth_code` proves to the registry that the holder wants a transfer, `registry_code` that a
    commune may have a reserved name.  Neither is shown by `repr`, so that no log holds it.
    """

    domain: str
    holder: Holder
    nameservers: tuple[str, ...]
    at_most: Decimal
    auth_code: str | None = field(default=None, repr=False)
    registry_code: str | None = field(default=None, repr=False)


# What is known of an order that may have been placed: an order, none, or nothing.
Trace = Placed | Literal["none", "unknown"]


class Registrar(Protocol):
    """An account at one registrar.  All methods raise ``Refused`` or ``Unanswered``."""

    def holdings(self, domains: Iterable[str]) -> Mapping[str, Holding]:
        """Those of `domains` that the account holds."""

    def holding(self, domain: str) -> Holding | None:
        """One name as it is now, None when the account does not hold it."""

    def offer(self, domain: str) -> Offer:
        """Whether `domain` can be registered."""

    def price(self, domain: str, kind: OrderKind) -> Decimal | None:
        """What one year costs, None when the registrar does not say."""

    def renew(self, domain: str, at_most: Decimal) -> Placed:
        """Order one more year."""

    def register(self, purchase: Purchase) -> Placed:
        """Order a name that is free."""

    def transfer_in(self, purchase: Purchase) -> Placed:
        """Order the transfer of a name from another registrar."""

    def trace(self, domain: str, kind: OrderKind, since: dt.datetime) -> Trace:
        """The order of this kind that was placed after `since`, if the registrar can tell."""

    def set_auto_renew(self, domain: str, *, on: bool) -> None:
        """Turn automatic renewal on or off."""

    def auth_code(self, domain: str) -> str:
        """The code that lets another registrar take the name over; never to be kept."""

    def close(self) -> None:
        """Let go of connections."""
