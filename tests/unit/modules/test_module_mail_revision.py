# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody changes the mail directory or a table unseen, however little of them a run reads."""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import bastide_mail_directory as module
import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_revision as revision
from ansible.module_utils import bastide_settled as settled
from mailhost import MailHost, collectivity

CAHORS, ALBAS, FIGEAC = "214600421", "214600017", "214601023"
BOX = {"quota": 1, "state": "active", "delivery": "keep"}
RELAY = {"to": "groupware.test.fr", "state": "active", "delivery": "keep"}
REMOTE = {"to": "mail2.test.fr", "state": "active", "delivery": "keep"}
RESOURCES = {
    "maildomain:x.fr": {"selector": "s"},
    "mailbox:a@x.fr": BOX,
    "mailbox:b@x.fr": {**BOX, "collaborative": True},
    "mailbox:c@x.fr": {**BOX, "state": "suspended", "delivery": "bounce"},
    "alias:all@x.fr": {"targets": ["a@x.fr", "c@x.fr"]},
    "relay:c@x.fr": RELAY,
    "relay:d@x.fr": RELAY,
}
LINES = (
    collectivity(CAHORS, ["x.fr"], RESOURCES),
    collectivity(ALBAS, ["y.fr"], {"mailbox:a@y.fr": BOX}),
)
ELSEWHERE = collectivity(FIGEAC, ["z.fr"], {"remote:a@z.fr": REMOTE, "remote:b@z.fr": REMOTE})


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host at rest, on which a run that changes nothing has noted that."""
    made = MailHost(tmp_path, monkeypatch)
    made.put(*LINES)
    made.converge()
    assert at_rest(made)
    return made


@pytest.fixture
def every_kind(host):
    """The same with rows in every table."""
    host.put(*LINES, ELSEWHERE)
    host.converge()
    return host


def at_rest(host):
    done = host.converge(check_mode=True)
    return not done["changed"] and not done["failed_changes"]


def looked_at(host):
    """SIREN whose rows a run would read; None for all of them."""
    with directory.opened(read_only=True) as connection:
        connection.execute("BEGIN")
        judge = settled.program(*module.JUDGES)
        note = settled.read_note(connection, revision.read(connection), judge)
        return settled.look(connection, note, host.share, module.KINDS).sirens


def test_a_host_at_rest_is_not_read_and_one_changed_line_is_read_alone(host):
    assert looked_at(host) == frozenset()
    host.put(LINES[0], collectivity(ALBAS, ["y.fr"], {"mailbox:b@y.fr": BOX}))
    assert looked_at(host) == {ALBAS}
    host.converge()
    assert looked_at(host) == frozenset()
    host.put(LINES[0])
    assert looked_at(host) == {ALBAS}
    left = {one["address"] for one in host.converge()["left_alone"]}
    assert left == {"mailbox:b@y.fr"}, "a@y.fr is suspended already"
    assert {one["address"] for one in host.converge()["left_alone"]} == left, "and told each time"


def test_who_names_an_address_of_somebody_at_rest_is_looked_at_with_them(host):
    host.put(LINES[0], collectivity(ALBAS, ["x.fr"], {"alias:all@x.fr": {"targets": ["z@z.fr"]}}))
    assert looked_at(host) == {CAHORS, ALBAS}
    failed = host.converge()["failed_changes"]
    assert "claimed by several" in failed[0]["error"]


def test_what_depends_on_the_day_is_never_settled(host):
    later = {"mailbox:a@y.fr": {**BOX, "new_holder": "2199-01-01"}}
    host.put(LINES[0], collectivity(ALBAS, ["y.fr"], later))
    host.converge()
    assert at_rest(host)
    assert looked_at(host) == {ALBAS}


def test_another_program_looks_at_everything(host, monkeypatch):
    monkeypatch.setattr(settled, "program", lambda *_: "another")
    assert looked_at(host) is None
    assert at_rest(host)


def test_what_decides_who_is_settled_is_the_program_that_is_compared():
    deciding = (module.survey, module.changes_of, module.write, module.note_settled)
    noting = (settled.at_rest, settled.note, *module.KINDS.values())
    assert {one.__module__ for one in (*deciding, *noting)} <= set(module.JUDGES)


# -- what is counted --------------------------------------------------------------------------


def columns_read(connection, work):
    """Tables and columns that SQLite reads for `work`."""
    found = set()

    def note(action, table, column, *_):
        if action == sqlite3.SQLITE_READ and column:
            found.add((table, column))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(note)
    work(connection)
    connection.set_authorizer(None)
    return found


def survey_statements(connection):
    rows = directory.read_rows(connection)
    directory.read_rows(connection, {CAHORS})
    directory.read_named(connection, {"a@x.fr"})
    directory.read_selectors(connection)
    directory.owners_of(connection, [row[0] for row in rows.as_set()])
    directory.made_on(connection, ["a@x.fr"])
    list(directory.count_rows(connection))


def test_what_a_survey_reads_is_what_the_triggers_watch(host):
    with directory.opened(read_only=True) as connection:
        found = columns_read(connection, survey_statements)
    watched = {(table, one) for table, columns in revision.SURVEYED.items() for one in columns}
    # ROWID is SQLite's own number of a row.
    assert {
        pair for pair in found if pair[0] in revision.SURVEYED and pair[1] != "ROWID"
    } == watched
    assert {table for table, _ in found} <= {*revision.SURVEYED, "sqlite_master", "json_each"}


def other(value):
    """Another value that the column may hold."""
    turned = {"active": "suspended", "suspended": "active", "keep": "bounce", "bounce": "keep"}
    if value in turned:
        return turned[value]
    if isinstance(value, int):
        return 1 - value if value in (0, 1) else value + 1
    if isinstance(value, str) and "@" in value and value[0] != "[":
        return f"o{value}"
    return f"1{value}" if value is None or value[0] != "[" else '["other@z.org"]'


def all_columns():
    connection = sqlite3.connect(":memory:")
    connection.executescript(directory.SCHEMA)
    found = [
        (t, one[1])
        for t in revision.SURVEYED
        for one in connection.execute(f"PRAGMA table_info({t})")
    ]
    connection.close()
    return found


@pytest.mark.usefixtures("every_kind")
@pytest.mark.parametrize(("table", "column"), all_columns())
def test_a_column_that_changes_the_tables_is_watched_for_them(table, column):
    with directory.opened(read_only=False) as connection:
        before = postmaps.tables(directory.read_rows(connection))
        was = revision.read(connection)
        differs = False
        key = directory.SCHEMA.partition(f"TABLE IF NOT EXISTS {table} (")[2].split()[0]
        for name, value in connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall():
            connection.execute("BEGIN")
            change = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
            connection.execute(change, (other(value), name))
            differs |= postmaps.tables(directory.read_rows(connection)) != before
            now = revision.read(connection)
            connection.rollback()
            watched = column in revision.SURVEYED[table]
            assert (now.surveyed != was.surveyed) == watched
            assert (now.compiled != was.compiled) == (column in revision.COMPILED.get(table, ()))
        if differs:
            assert column in revision.COMPILED[table]


@pytest.mark.usefixtures("every_kind")
@pytest.mark.parametrize("table", revision.SURVEYED)
def test_a_row_that_comes_or_goes_is_counted(table):
    with directory.opened(read_only=False) as connection:
        found = [revision.read(connection)]
        for change in (
            f"CREATE TEMP TABLE kept AS SELECT * FROM {table}",
            f"DELETE FROM {table}",
            f"INSERT INTO {table} SELECT * FROM kept",
            f"REPLACE INTO {table} SELECT * FROM kept",
        ):
            connection.execute(change)
            found.append(revision.read(connection))
    assert found[0] == found[1]
    assert len({one.surveyed for one in found}) == 4
    assert len({one.compiled for one in found}) == (4 if table in revision.COMPILED else 1)


# -- what somebody does to the directory ------------------------------------------------------


def load_dump(before, after):
    """Load the file from a text dump of itself, edited."""
    dumped = sqlite3.connect(directory.DATABASE)
    text = "\n".join(dumped.iterdump())
    dumped.close()
    for path in directory.DATABASE.parent.glob("directory.db*"):
        path.unlink()
    loaded = sqlite3.connect(directory.DATABASE)
    loaded.executescript(text.replace(before, after))
    loaded.close()


def test_a_directory_loaded_from_an_edited_dump_is_read_whole(host):
    load_dump("'active','keep',1,", "'suspended','keep',1,")
    assert looked_at(host) is None
    changes = {one["address"]: one["action"] for one in host.converge()["changes"]}
    assert changes == {f"mailbox:{name}": "update" for name in ("a@x.fr", "b@x.fr", "a@y.fr")}
    assert at_rest(host)
    assert host.files() == host.whole()


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TRIGGER alias_delete", "DELETE FROM alias"],
        ["DROP TRIGGER alias_delete", "DELETE FROM alias", revision.SCHEMA],
        ["DELETE FROM groupware", "DROP TABLE revision", revision.SCHEMA],
        ["DELETE FROM revision", "DELETE FROM alias"],
        ["DROP TABLE alias", directory.SCHEMA],
        ["DELETE FROM alias"],
        ["UPDATE mailbox SET quota = 9", "VACUUM"],
    ],
)
def test_edits_behind_the_back_of_the_triggers_are_found(host, statements):
    connection = sqlite3.connect(directory.DATABASE, isolation_level=None)
    for one in statements:
        connection.executescript(one)
    connection.close()
    assert looked_at(host) is None
    plan = host.converge(check_mode=True)
    assert plan["changes"]
    assert host.converge()["digest"] == plan["digest"]
    assert at_rest(host)
    assert looked_at(host) == frozenset()
    assert host.files() == host.whole()


def test_an_emptied_note_forgets_nobody(host):
    host.sql("DELETE FROM settled")
    assert looked_at(host) is None
    host.put(LINES[0])
    assert [one["address"] for one in host.converge()["left_alone"]] == ["mailbox:a@y.fr"]


def backup(folder):
    """A copy of the directory's file."""
    source = sqlite3.connect(directory.DATABASE)
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source.close()
    return shutil.copy(directory.DATABASE, folder / "backup.db")


@pytest.mark.parametrize("with_tables", [False, True])
def test_an_old_directory_put_back_is_brought_to_the_share(host, tmp_path, with_tables):
    old = backup(tmp_path)
    shutil.copytree(postmaps.MAPS, tmp_path / "old")
    new = (collectivity(CAHORS, ["x.fr"], {**RESOURCES, "mailbox:n@x.fr": BOX}), LINES[1])
    host.put(*new)
    host.converge()
    wanted = host.files()
    for path in directory.DATABASE.parent.glob("directory.db*"):
        path.unlink()
    old.rename(directory.DATABASE)
    if with_tables:
        shutil.rmtree(postmaps.MAPS)
        (tmp_path / "old").rename(postmaps.MAPS)
    done = host.converge()
    assert [one["address"] for one in done["changes"]] == ["mailbox:n@x.fr"]
    assert bool(done["repaired"]) is not with_tables
    assert host.files() == wanted == host.whole()
    host.put(*LINES)
    assert [one["action"] for one in host.converge()["changes"]] == ["suspend"]
    assert host.files() == host.whole()


@pytest.mark.parametrize("name", [*(f"{one}.cdb" for one in postmaps.NAMES), postmaps.SELECTORS])
@pytest.mark.parametrize("damage", ["gone", "cut", "as long"])
def test_a_damaged_table_is_found_though_nothing_else_is_read(host, name, damage):
    path = postmaps.MAPS / name
    wanted, stat = path.read_bytes(), path.stat()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(wanted[:-1] if damage == "cut" else bytes([wanted[0] ^ 1]) + wanted[1:])
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert host.converge(check_mode=True)["repaired"] == [str(path)]
    assert host.converge()["repaired"] == [str(path)]
    assert host.files() == host.whole()
    assert at_rest(host)


def test_a_damaged_table_is_made_whole_also_when_rows_change_with_it(host):
    (postmaps.MAPS / "senders.cdb").write_bytes(b"nonsense")
    host.put(LINES[0], collectivity(ALBAS, ["y.fr"], {"mailbox:b@y.fr": BOX}))
    host.converge()
    assert host.files() == host.whole()


# -- a run that does not come to its end ------------------------------------------------------


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("step", range(12))
def test_a_run_killed_between_rows_and_tables_is_finished_by_the_next(host, monkeypatch, step):
    places = ((postmaps, "_compile"), (postmaps, "_replace"), (settled, "note"))
    left = [step]

    def counted(work):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            done = work(*args, **kwargs)
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return done

        return call

    more = {**RESOURCES, "mailbox:n@x.fr": BOX, "alias:all@x.fr": {"targets": ["n@x.fr"]}}
    del more["mailbox:a@x.fr"]
    host.put(collectivity(CAHORS, ["x.fr"], more), LINES[1])
    with monkeypatch.context() as patch:
        for place, name in places:
            patch.setattr(place, name, counted(getattr(place, name)))
        patch.setattr(postmaps, "discard", lambda: None)
        with contextlib.suppress(Killed):
            host.converge()
    host.converge()
    assert host.files() == host.whole(), "and nothing else lies there"
    assert at_rest(host)
    rows = dict(host.sql("SELECT address, state FROM mailbox")[0])
    assert rows["n@x.fr"] == "active"
    assert rows["a@x.fr"] == "suspended"


def test_somebody_who_writes_during_a_run_is_not_taken_for_settled(host, monkeypatch):
    host.put(LINES[0], collectivity(ALBAS, ["y.fr"], {"mailbox:b@y.fr": BOX}))

    def meanwhile(_pairs):
        host.sql("UPDATE mailbox SET state = 'suspended' WHERE address = 'a@x.fr'")
        return {}

    with monkeypatch.context() as patch:
        patch.setattr(dkim, "make_keys", meanwhile)
        host.converge()
    assert host.files() == host.whole()
    done = host.converge()
    assert [one["address"] for one in done["changes"]] == ["mailbox:a@x.fr"]
    assert at_rest(host)


def test_no_room_for_the_note_is_no_failure(host, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    later = {"mailbox:a@y.fr": BOX}
    host.put(LINES[0], collectivity(ALBAS, ["y.fr", "z.fr"], later))
    with monkeypatch.context() as patch:
        patch.setattr(settled, "note", full)
        assert host.converge()["changed"] is False
    assert looked_at(host) == {ALBAS}
    host.converge()
    assert looked_at(host) == frozenset()


def test_a_table_that_postmap_spoils_is_not_put_in_place(host, monkeypatch):
    real = postmaps.run

    def spoiling(argv, *args, **kwargs):
        done = real(argv, *args, **kwargs)
        if argv[0] == "postmap" and "-q" in argv and ".new" in argv[-1]:
            done = subprocess.CompletedProcess(argv, 0, done.stdout[:-10], b"")
        return done

    before = host.files()
    host.put(LINES[0], collectivity(ALBAS, ["y.fr"], {"mailbox:b@y.fr": BOX}))
    with monkeypatch.context() as patch:
        patch.setattr(postmaps, "run", spoiling)
        with pytest.raises(postmaps.HostError, match="does not hold"):
            host.converge()
    assert host.files() == before
    assert host.converge()["changes"]


# -- directories of earlier versions ----------------------------------------------------------


def make_older(host):
    """The file as it was before revisions: what they are counted with is not there."""
    names = [*(f"TRIGGER {name}" for name in revision.TRIGGERS), "TABLE revision", "TABLE settled"]
    host.sql(
        *(f"DROP {name}" for name in names),
        "DELETE FROM meta WHERE key = 'settled'",
        "PRAGMA user_version = 0",
        """UPDATE meta SET value = '{"files": {}, "source": "sha256:0"}' WHERE key = 'maps'""",
    )


def test_a_directory_of_an_earlier_version_is_read_and_brought_up(host):
    make_older(host)
    rows = host.sql("SELECT * FROM mailbox ORDER BY uuid")
    plan = host.converge(check_mode=True)
    assert (plan["changes"], bool(plan["repaired"])) == ([], True)
    assert host.sql("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'") == [[(0,)]]
    assert host.converge()["repaired"] == plan["repaired"]
    assert host.sql("SELECT * FROM mailbox ORDER BY uuid") == rows
    assert at_rest(host)
    assert looked_at(host) == frozenset()


def test_a_trigger_of_another_version_is_replaced(host):
    text = "AFTER UPDATE OF state ON mailbox BEGIN SELECT 1; END"
    host.sql("DROP TRIGGER mailbox_surveyed", f"CREATE TRIGGER mailbox_surveyed {text}")
    assert looked_at(host) is None
    host.converge()
    assert looked_at(host) == frozenset()
    host.sql("UPDATE mailbox SET quota = 5 WHERE address = 'a@x.fr'")
    assert [one["address"] for one in host.converge()["changes"]] == ["mailbox:a@x.fr"]
