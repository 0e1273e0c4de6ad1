# SPDX-License-Identifier: GPL-3.0-or-later
"""Where names are registered, and what may be spent on it, from platform.yml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bastide.registration import Notice


@dataclass(frozen=True, slots=True)
class RegistrarAccount:
    """An account at a registrar; `url` is None for the usual address of its API.

    `organization` says who pays: the sharing_id at Gandi, the project at Scaleway.
    """

    url: str | None = None
    organization: str | None = None
    credentials_file: str | None = None


@dataclass(frozen=True, slots=True)
class Registrars:
    """What the operator says about registrars; ceilings are euros before tax.

    Without `price_ceiling` nothing is ordered, without `rdap` no registry is asked.
    """

    default: str | None = None
    price_ceiling: Decimal | None = None
    run_ceiling: Decimal | None = None
    rdap: str | None = None
    accounts: Mapping[str, RegistrarAccount] = field(default_factory=dict)


def build_registrars(declared: Mapping[str, Any] | None) -> Registrars:
    """From what a valid platform.yml declares."""
    data = declared or {}
    return Registrars(
        default=data.get("default"),
        price_ceiling=_euros(data.get("price_ceiling")),
        run_ceiling=_euros(data.get("run_ceiling")),
        rdap=data.get("rdap"),
        accounts={
            name: RegistrarAccount(**(body or {}))
            for name, body in (data.get("accounts") or {}).items()
        },
    )


def _euros(declared: float | str | None) -> Decimal | None:
    # By way of its text: 14.99 as a float is not 14.99.
    return None if declared is None else Decimal(str(declared))


def read_notices(declared: Iterable[tuple[Any, ...]]) -> list[Notice]:
    """Notices out of :attr:`bastide.model.Facts.registrations`; days that are none are left out."""
    found = []
    for kind, received_on, channel, evidence in declared:
        try:
            day = dt.date.fromisoformat(received_on)
        except ValueError:
            continue  # an error in the file, which a rule tells
        found.append(Notice(kind, day, channel, evidence))
    return found
