# SPDX-License-Identifier: GPL-3.0-or-later
"""The second barrier: what PostgreSQL itself refuses, whatever the application asks.

For each table of tenants: row security, forced upon its owner too; a foreign key that takes the
tenant along, so that no row can point at another's (row security does not look at foreign keys);
and the privileges of the application, which owns nothing.  Later migrations call `protect` for the
tables they add.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# PostgreSQL 15, "Row Security Policies": a setting that was never made is NULL, one that ended
# with its transaction is ''; both see nothing.
MINE = "= nullif(current_setting('guichet.tenant', true), '')"
READ, ADD, CHANGE, REMOVE = "SELECT", "INSERT", "UPDATE", "DELETE"
ALL = (READ, ADD, CHANGE, REMOVE)


def protect(table: str, rights: Iterable[str], column: str = "tenant_id") -> list[str]:
    """The statements that close a table."""
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_tenant ON {table} USING ({column} {MINE}) WITH CHECK ({column} {MINE})",
        f"GRANT {', '.join(rights)} ON {table} TO guichet_app",
    ]
    if column == "tenant_id":
        statements += [
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_whole UNIQUE (tenant_id, id)",
            f"GRANT USAGE ON SEQUENCE {table}_id_seq TO guichet_app",
        ]
    return statements


def lead(table: str, columns: Mapping[str, str]) -> list[str]:
    """The foreign keys of a table; `columns` maps each to the table it points at."""
    return [
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column} "
        f"FOREIGN KEY (tenant_id, {column}) REFERENCES {other} (tenant_id, id) "
        "DEFERRABLE INITIALLY DEFERRED"
        for column, other in columns.items()
    ]
