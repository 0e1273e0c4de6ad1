# SPDX-License-Identifier: GPL-3.0-or-later
"""What PostgreSQL refuses, whatever the application asks."""

import psycopg
import pytest
from psycopg import errors

from integration.desk import place
from integration.desk.forms import PNG

OPEN_TO_ALL = {"guichet_host", "django_migrations"}


@pytest.fixture
def two_requests(cahors, figeac, fill_in, last_request):
    """A request in each of two towns."""
    fill_in(cahors)
    fill_in(figeac)
    return last_request(cahors)[0], last_request(figeac)[0]


def as_tenant(link, siren):
    link.execute("SELECT set_config('guichet.tenant', %s, true)", [siren])


def tables(link):
    found = link.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
        ["public"],
    )
    return {name for (name,) in found.fetchall()} - OPEN_TO_ALL


def test_every_table_has_row_security_that_binds_its_owner_too(raw):
    link = raw(place.OWNER)
    rows = link.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {name for name, *_ in rows} > OPEN_TO_ALL
    assert all(on and forced for name, on, forced in rows if name not in OPEN_TO_ALL)


def test_the_application_owns_nothing_and_bypasses_nothing(raw):
    link = raw(place.OWNER)
    role = (
        "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'guichet_app'"
    )
    assert link.execute(role).fetchone() == (False, False, False)
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'guichet_app'::regrole"
    assert link.execute(owned).fetchone() == (0,)


def test_every_reference_takes_the_tenant_along(raw, desk):
    """Each column that Django follows has a foreign key of two columns in the database."""
    from django.apps import apps

    link = raw(place.OWNER)
    found = link.execute(
        "SELECT conrelid::regclass::text, array_agg(attname::text ORDER BY attname) "
        "FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey) "
        "WHERE contype = 'f' GROUP BY pg_constraint.oid, conrelid"
    ).fetchall()
    pairs = {(table, tuple(columns)) for table, columns in found}
    followed = 0
    for model in apps.get_app_config("guichet").get_models():
        for field in model._meta.get_fields():  # noqa: SLF001 - Django documents it
            if field.many_to_one and field.name != "tenant":
                followed += 1
                wanted = tuple(sorted(["tenant_id", field.column]))
                assert (model._meta.db_table, wanted) in pairs, field  # noqa: SLF001 - same
    assert followed > 15


def test_without_a_tenant_nothing_is_seen(raw, two_requests):
    for user in (place.APP, place.OWNER):
        link = raw(user)
        for table in sorted(tables(link)):
            assert link.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_raw_sql_reads_no_row_of_another_town(raw, cahors, figeac, two_requests):
    mine, other = two_requests
    link = raw()
    as_tenant(link, cahors.siren)
    for table in sorted(tables(link)):
        column = "siren" if table == "guichet_tenant" else "tenant_id"
        seen = link.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()
        assert set(seen) <= {(cahors.siren,)}, table
    asked = "SELECT count(*) FROM guichet_request WHERE tenant_id = %s OR id = %s"
    assert link.execute(asked, [figeac.siren, other.pk]).fetchone() == (0,)
    assert link.execute(asked, [cahors.siren, mine.pk]).fetchone() != (0,)


def test_raw_sql_writes_no_row_of_another_town(raw, cahors, figeac, two_requests):
    _, other = two_requests
    link = raw()
    as_tenant(link, cahors.siren)
    changed = link.execute("UPDATE guichet_request SET state = 'closed' WHERE id = %s", [other.pk])
    assert changed.rowcount == 0
    removed = link.execute("DELETE FROM guichet_draft WHERE tenant_id = %s", [figeac.siren])
    assert removed.rowcount == 0
    row = "INSERT INTO guichet_canned (tenant_id, title, text) VALUES (%s, 'x', 'x')"
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        link.execute(row, [figeac.siren])


def test_no_row_can_be_moved_to_another_town(raw, cahors, figeac, two_requests):
    link = raw()
    as_tenant(link, cahors.siren)
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        link.execute("UPDATE guichet_agent SET tenant_id = %s", [figeac.siren])


def test_no_row_can_point_at_another_towns(raw, cahors, two_requests):
    """Foreign keys pass row security by: they have to hold the tenant themselves."""
    _, other = two_requests
    link = raw()
    as_tenant(link, cahors.siren)
    link.execute(
        "INSERT INTO guichet_message (tenant_id, request_id, internal, text, at) "
        "VALUES (%s, %s, false, 'x', now())",
        [cahors.siren, other.pk],
    )
    with pytest.raises(errors.ForeignKeyViolation):
        link.commit()


def test_a_tenant_set_for_one_transaction_is_gone_in_the_next(raw, cahors, two_requests):
    link = raw()
    as_tenant(link, cahors.siren)
    assert link.execute("SELECT count(*) FROM guichet_request").fetchone() != (0,)
    link.commit()
    assert link.execute("SELECT count(*) FROM guichet_request").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guichet_event SET kind = 'x'",
        "DELETE FROM guichet_event",
        "TRUNCATE guichet_event",
        "UPDATE guichet_message SET text = 'x'",
        "DELETE FROM guichet_message",
        "DELETE FROM guichet_request",
        "DELETE FROM guichet_agent",
        "UPDATE guichet_tenant SET name = 'x'",
        "INSERT INTO guichet_host VALUES ('x', '1')",
        "UPDATE guichet_host SET siren = 'x'",
        "ALTER TABLE guichet_event DISABLE TRIGGER ALL",
        "ALTER TABLE guichet_event NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY own_tenant ON guichet_event",
        "CREATE TABLE mine (x int)",
        "SET SESSION AUTHORIZATION guichet_owner",
        "SET ROLE guichet_owner",
    ],
)
def test_the_application_may_not(raw, cahors, two_requests, statement):
    link = raw()
    as_tenant(link, cahors.siren)
    with pytest.raises(psycopg.Error) as refused:
        link.execute(statement)
    assert isinstance(refused.value, errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guichet_event SET kind = 'x'",
        "DELETE FROM guichet_event",
        "UPDATE guichet_message SET text = 'x'",
        "UPDATE guichet_version SET definition = '{}'",
        "DELETE FROM guichet_version",
        "UPDATE guichet_request SET answers = '{}'",
        "UPDATE guichet_request SET number = '2026-999999'",
        "DELETE FROM guichet_file",
    ],
)
def test_what_is_immutable_is_so_for_the_owner_too(
    raw, cahors, fill_in, last_request, scope, statement
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from guichet.requests.acting import citizen_writes

    fill_in(cahors, photo=SimpleUploadedFile("a.png", PNG))
    with scope(cahors):
        citizen_writes(last_request(cahors)[0], "Bonjour", ())
    link = raw(place.OWNER)
    as_tenant(link, cahors.siren)
    with pytest.raises(errors.RestrictViolation):
        link.execute(statement)


def test_a_draft_of_a_version_may_still_change(raw, cahors):
    """What the builder works on becomes immutable when it is published."""
    link = raw()
    as_tenant(link, cahors.siren)
    procedure = link.execute("SELECT id FROM guichet_procedure LIMIT 1").fetchone()
    link.execute(
        "INSERT INTO guichet_version (tenant_id, procedure_id, number, definition, digest) "
        "VALUES (%s, %s, 99, '{}', 'x')",
        [cahors.siren, *procedure],
    )
    link.execute("UPDATE guichet_version SET published_at = now() WHERE number = 99")
    with pytest.raises(errors.RestrictViolation):
        link.execute("UPDATE guichet_version SET definition = '[]' WHERE number = 99")
