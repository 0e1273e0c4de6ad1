# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of requests: ``2026-000123``, without a gap in a tenant and a year."""

from __future__ import annotations

import re

from django.db import connection

NUMBER = re.compile(r"20[0-9]{2}-[0-9]{6}\Z")


def next_number(siren: str, year: int) -> str:
    """The next one; whoever asks at the same time waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO guichet_counter (tenant_id, year, last) VALUES (%s, %s, 1) "
            "ON CONFLICT ON CONSTRAINT guichet_counter_year "
            "DO UPDATE SET last = guichet_counter.last + 1 RETURNING last",
            [siren, year],
        )
        return f"{year}-{cursor.fetchone()[0]:06d}"
