# SPDX-License-Identifier: GPL-3.0-or-later
"""Row security, foreign keys within a tenant, what is immutable, and who may do what."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from guichet.tenancy.barriers import ADD, ALL, CHANGE, READ, lead, protect

P = "guichet_"
TABLES = {
    # What converges; the application only reads it.
    "procedure": ALL,
    "version": ALL,
    "agent": (READ, ADD, CHANGE),
    "charge": ALL,
    "onetimelink": ALL,
    "canned": ALL,
    "counter": (READ, ADD, CHANGE),
    "draft": ALL,
    # Neither a request nor a message is ever removed by the application.
    "request": (READ, ADD, CHANGE),
    "message": (READ, ADD),
    "event": (READ, ADD),
    "file": ALL,
    "mail": ALL,
    "rate": ALL,
    "session": ALL,
    "purged": (READ,),
}
KEYS = {
    "procedure": {"current_id": "version"},
    "version": {"procedure_id": "procedure"},
    "draft": {"version_id": "version", "request_id": "request"},
    "request": {"procedure_id": "procedure", "version_id": "version", "assigned_id": "agent"},
    "message": {"request_id": "request", "agent_id": "agent"},
    "event": {"request_id": "request", "agent_id": "agent"},
    "file": {"draft_id": "draft", "request_id": "request", "message_id": "message"},
    "mail": {"request_id": "request"},
    "charge": {"agent_id": "agent", "procedure_id": "procedure"},
    "onetimelink": {"agent_id": "agent"},
    "canned": {"procedure_id": "procedure"},
}
# A published version, an event and a message are what they are.  Only the purge, which is the
# owner's, takes events away, together with their request; it says so for its own transaction.
TRIGGERS = """
CREATE FUNCTION guichet_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('guichet.purging', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% cannot be changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON guichet_event
    FOR EACH ROW EXECUTE FUNCTION guichet_immutable();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON guichet_message
    FOR EACH ROW EXECUTE FUNCTION guichet_immutable();
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON guichet_version
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION guichet_immutable();
CREATE TRIGGER immutable BEFORE DELETE ON guichet_file
    FOR EACH ROW WHEN (OLD.request_id IS NOT NULL) EXECUTE FUNCTION guichet_immutable();
CREATE FUNCTION guichet_request_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.number, OLD.version_id, OLD.procedure_id, OLD.filed_at, OLD.answers)
        IS DISTINCT FROM (NEW.number, NEW.version_id, NEW.procedure_id, NEW.filed_at, NEW.answers)
    THEN
        RAISE EXCEPTION 'what was filed cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fixed BEFORE UPDATE ON guichet_request
    FOR EACH ROW EXECUTE FUNCTION guichet_request_fixed();
"""
# guichet_app is made by the role before the first migration, and may do nothing but this.
PRIVILEGES = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO guichet_app;
GRANT SELECT ON guichet_host TO guichet_app;
GRANT SELECT ON django_migrations TO guichet_app;
"""


def _statements() -> list[str]:
    made = [PRIVILEGES, *protect("guichet_tenant", (READ,), "siren")]
    for table, rights in TABLES.items():
        made += protect(P + table, rights)
    for table, columns in KEYS.items():
        made += lead(P + table, {column: P + other for column, other in columns.items()})
    return [*made, TRIGGERS]


class Migration(migrations.Migration):
    """See above."""

    dependencies: ClassVar = [("guichet", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL([*_statements()], migrations.RunSQL.noop)]
