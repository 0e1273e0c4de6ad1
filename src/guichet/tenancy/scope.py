# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant of the moment: in Python for queries, in PostgreSQL for its row security."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from django.db import connection, transaction

_SIREN: ContextVar[str | None] = ContextVar("guichet_tenant", default=None)


def current() -> str:
    """SIREN of the tenant of the moment.

    Raises:
        LookupError: There is none: a programming error, and no row would be seen anyway.
    """
    siren = _SIREN.get()
    if siren is None:
        raise LookupError("no tenant")
    return siren


@contextlib.contextmanager
def acting_for(siren: str) -> Iterator[None]:
    """One transaction in which the rows of one tenant are visible, and no others.

    The setting ends with the transaction (SET LOCAL), so that a connection that is used again
    begins without a tenant.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('guichet.tenant', %s, true)", [siren])
        with _named(siren):
            yield


@contextlib.contextmanager
def acting_at(host: str) -> Iterator[str | None]:
    """As `acting_for` the tenant whose name is `host`: its SIREN, or nothing when it is nobody's.

    The name is looked up by the statement that makes the rows visible: every page begins with it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('guichet.tenant', siren, true) FROM guichet_host "
                "WHERE name = %s",
                [host],
            )
            found = cursor.fetchone()
        if found is None:
            yield None
            return
        with _named(found[0]):
            yield found[0]


@contextlib.contextmanager
def _named(siren: str) -> Iterator[None]:
    token = _SIREN.set(siren)
    try:
        yield
    finally:
        _SIREN.reset(token)
