# SPDX-License-Identifier: GPL-3.0-or-later
import sqlite3
import subprocess
from pathlib import Path

import pytest
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_revision
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_directory_changes import write_changes
from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_mailcompare import changes_of
from ansible.module_utils.bastide_mailkinds import check_mailbox, check_relay
from ansible.module_utils.bastide_share import Collectivity, Share
from hypothesis import given
from hypothesis import strategies as st

ROLE = Path(__file__).parents[3] / "roles" / "dovecot" / "files" / "directory.sql"
CAHORS, ALBAS = "214600421", "214600017"


@pytest.fixture(autouse=True)
def host(tmp_path, monkeypatch):
    monkeypatch.setattr(directory, "DATABASE", tmp_path / "directory.db")
    monkeypatch.setattr(postmaps, "MAPS", tmp_path / "maps")
    monkeypatch.setattr(dkim, "KEYS", tmp_path / "dkim")
    return tmp_path


def rows(mailboxes=(), aliases=(), domains=("x.fr",)):
    """Rows from short facts: mailboxes as (name, state, delivery), aliases as name → targets."""
    return directory.Rows(
        [(f"maildomain:{name}", CAHORS, "s") for name in domains],
        [(f"mailbox:{n}", CAHORS, 1, state, delivery, 1) for n, state, delivery in mailboxes],
        [(f"alias:{n}", CAHORS, directory.targets_text(t)) for n, t in dict(aliases).items()],
    )


def test_schema_is_the_one_of_the_role():
    def columns(script):
        with sqlite3.connect(":memory:") as db:
            db.executescript(script)
            tables = db.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
            found = [db.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables]
            triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            found.append(db.execute(triggers).fetchall())
        db.close()
        return tables, found

    assert columns(directory.SCHEMA) == columns(ROLE.read_text())


def test_bounced_targets_leave_aliases_and_close_those_without_another():
    found = postmaps.tables(
        rows(
            [("a@x.fr", "active", "keep"), ("b@x.fr", "suspended", "bounce")],
            {
                "both@x.fr": ["a@x.fr", "b@x.fr"],
                "only@x.fr": ["b@x.fr"],
                "over@x.fr": ["only@x.fr"],
                "out@x.fr": ["b@x.fr", "c@y.org"],
                "unknown@x.fr": ["nobody@x.fr"],
                "tagged@x.fr": ["a+news@x.fr"],
            },
        )
    )
    assert found["aliases"] == {
        "both@x.fr": "a@x.fr",
        "out@x.fr": "c@y.org",
        "tagged@x.fr": "a+news@x.fr",
    }
    assert found["suspended"].keys() == {"b@x.fr", "only@x.fr", "over@x.fr"}
    assert found["mailboxes"].keys() == {"a@x.fr"}


def test_alias_with_the_address_of_a_bounced_mailbox_is_not_closed():
    found = postmaps.tables(
        rows(
            [("a@x.fr", "active", "keep"), ("b@x.fr", "suspended", "bounce")],
            {"b@x.fr": ["a@x.fr"]},
        )
    )
    assert found["suspended"] == {}
    assert found["aliases"] == {"b@x.fr": "a@x.fr"}


def test_only_active_mailboxes_of_the_same_owner_may_send_as_an_alias():
    found = rows(
        [("a@x.fr", "active", "keep"), ("s@x.fr", "suspended", "keep")],
        {"all@x.fr": ["a@x.fr", "s@x.fr", "other@x.fr", "ami@y.org"], "via@x.fr": ["all@x.fr"]},
    )
    found.mailboxes.append(("mailbox:other@x.fr", ALBAS, 1, "active", "keep", 1))
    senders = postmaps.tables(found)["senders"]
    assert senders == {
        "a@x.fr": "a@x.fr",
        "other@x.fr": "other@x.fr",
        "all@x.fr": "a@x.fr",
        "via@x.fr": "a@x.fr",
    }


def test_names_that_no_share_brings_enter_no_table():
    odd = rows(
        [("a@x.fr OK\nb@x.fr", "active", "keep")], {"c d@x.fr": ["a@x.fr"]}, ["x.fr", "../y"]
    )
    found = postmaps.tables(odd)
    assert found["domains"] == {"x.fr": "OK"}
    assert not found["mailboxes"]
    assert not found["aliases"]


NAMES = st.sampled_from([f"{letter}@x.fr" for letter in "abcdef"])


@given(st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3)))
def test_loops_of_aliases_end_and_lead_nowhere(aliases):
    found = postmaps.tables(rows((), aliases))
    assert found["aliases"] == {}


def survey_of(share, standing, scope=()):
    found = Survey(share=share, scope=frozenset(scope))
    found.changes = changes_of(found, standing)
    return found


def share_of(resources, *, domains=("x.fr",), retired=False, siren=CAHORS):
    owner = Collectivity("46/c", siren, retired, frozenset(), frozenset(domains))
    return Share({siren: owner}, {a: (siren, b) for a, b in resources.items()})


BOX = {"quota": 1, "state": "active", "delivery": "keep"}
STANDING = rows([("a@x.fr", "active", "keep")], {"b@x.fr": ["a@x.fr"]})
DOMAIN = {"maildomain:x.fr": {"selector": "s"}}


def actions(found):
    return [(one["action"], one["address"]) for one in found.changes]


def test_equal_rows_are_no_change():
    same = {**DOMAIN, "mailbox:a@x.fr": BOX, "alias:b@x.fr": {"targets": ["a@x.fr"]}}
    assert survey_of(share_of(same), STANDING).changes == []


def test_mailbox_that_is_not_listed_is_suspended_never_deleted():
    found = survey_of(share_of(DOMAIN), STANDING)
    assert actions(found) == [("delete", "alias:b@x.fr"), ("suspend", "mailbox:a@x.fr")]
    after = {"quota": 1, "state": "suspended", "delivery": "keep", "declared": False}
    assert found.changes[1]["after"] == after
    retired = survey_of(share_of({}, retired=True), STANDING)
    assert retired.changes[1]["after"] == {**after, "delivery": "bounce"}


@pytest.mark.parametrize("share", [Share(), share_of({}, domains=())])
def test_nothing_goes_by_silence(share):
    found = survey_of(share, STANDING)
    assert found.changes == []
    assert len(found.left_alone) == 3


def test_undeclared_mailbox_rests_until_somebody_opens_it():
    kept = [("mailbox:a@x.fr", CAHORS, 1, "suspended", "keep", 0)]
    assert survey_of(share_of(DOMAIN), directory.Rows(STANDING.domains, kept)).changes == []
    opened = [("mailbox:a@x.fr", CAHORS, 1, "active", "keep", 0)]
    found = survey_of(share_of(DOMAIN), directory.Rows(STANDING.domains, opened))
    assert actions(found) == [("suspend", "mailbox:a@x.fr")]
    back = survey_of(share_of({**DOMAIN, "mailbox:a@x.fr": BOX}), directory.Rows([], kept))
    assert ("restore", "mailbox:a@x.fr") in actions(back)
    as_suspended = {**BOX, "state": "suspended"}
    back = survey_of(share_of({"mailbox:a@x.fr": as_suspended}), directory.Rows([], kept))
    assert actions(back) == [("restore", "mailbox:a@x.fr")]


def test_scope_keeps_the_others_out_of_sight():
    found = survey_of(share_of({}), STANDING, scope=[ALBAS])
    assert (found.changes, found.left_alone) == ([], [])
    found = survey_of(
        share_of({"alias:b@x.fr": {"targets": ["c@x.fr"]}}, siren=ALBAS), STANDING, [ALBAS]
    )
    assert found.changes == []
    assert CAHORS in found.failed["alias:b@x.fr"][1]


def write(changes):
    with directory.opened(read_only=False) as connection:
        connection.execute("BEGIN")
        write_changes(connection, changes)
        connection.execute("COMMIT")
        return directory.read_rows(connection)


def test_rows_written_are_rows_read():
    wanted = {**DOMAIN, "mailbox:a@x.fr": BOX, "alias:b@x.fr": {"targets": ["a@x.fr", "c@y.org"]}}
    found = write(survey_of(share_of(wanted), directory.Rows()).changes)
    assert survey_of(share_of(wanted), found).changes == []


def test_suspension_and_return_keep_the_row():
    wanted = share_of({"mailbox:a@x.fr": BOX})
    found = write(survey_of(wanted, directory.Rows()).changes)
    found = write(survey_of(share_of({}), found).changes)
    assert found.mailboxes == [("mailbox:a@x.fr", CAHORS, 1, "suspended", "keep", 0)]
    found = write(survey_of(wanted, found).changes)
    with directory.opened(read_only=True) as connection:
        (row,) = connection.execute("SELECT state, declared, suspended_at FROM mailbox").fetchall()
    assert row == ("active", 1, None)


def test_damaged_database_is_an_error_with_its_name(host):
    (host / "directory.db").write_text("nonsense " * 1000)
    with pytest.raises(HostError, match=r"directory\.db"), directory.opened(read_only=True) as db:
        directory.read_rows(db)


def test_looking_makes_no_file(host):
    with directory.opened(read_only=True) as connection:
        assert directory.read_rows(connection) == directory.Rows([], [], [])
    assert list(host.iterdir()) == []


def test_a_mailbox_that_keeps_a_copy_receives_it_and_the_others_too():
    found = postmaps.tables(
        rows(
            [("a@x.fr", "active", "keep"), ("b@x.fr", "suspended", "bounce")],
            {
                "a@x.fr": ["a@x.fr", "c@y.org"],
                "b@x.fr": ["b@x.fr", "c@y.org"],
                "via@x.fr": ["a@x.fr"],
            },
        )
    )
    assert found["aliases"] == {
        "a@x.fr": "a@x.fr,c@y.org",
        "b@x.fr": "c@y.org",
        "via@x.fr": "a@x.fr",
    }
    assert found["suspended"] == {}
    assert found["senders"] == {"a@x.fr": "a@x.fr", "via@x.fr": "a@x.fr"}


RENAMED = {"mailbox:new@x.fr": {**BOX, "renamed_from": "a@x.fr"}}


def keys():
    with directory.opened(read_only=True) as connection:
        return dict(connection.execute("SELECT address, uuid FROM mailbox"))


def test_a_rename_is_one_change_and_keeps_the_uuid():
    standing = write(survey_of(share_of({"mailbox:a@x.fr": BOX}), directory.Rows()).changes)
    [key] = keys().values()
    found = survey_of(share_of({**RENAMED, "alias:a@x.fr": {"targets": ["new@x.fr"]}}), standing)
    assert actions(found) == [("rename", "mailbox:new@x.fr"), ("create", "alias:a@x.fr")]
    assert found.changes[0]["before"]["address"] == "a@x.fr"
    after = write(found.changes)
    assert keys() == {"new@x.fr": key}
    assert survey_of(share_of(RENAMED), after).changes[1:] == [], "and once renamed it rests"


@pytest.mark.parametrize(
    ("more", "siren", "words"),
    [
        ([("mailbox:new@x.fr", CAHORS, 1, "active", "keep", 1)], CAHORS, "mail of its own"),
        ([], ALBAS, CAHORS),
    ],
)
def test_a_rename_never_mixes_mail_or_takes_that_of_others(more, siren, words):
    standing = rows([("a@x.fr", "active", "keep")])
    standing.mailboxes += more
    found = survey_of(share_of(RENAMED, siren=siren), standing)
    assert "rename" not in [action for action, _ in actions(found)]
    assert words in found.failed["mailbox:new@x.fr"][1]


@pytest.mark.parametrize(
    ("made", "day", "action"),
    [
        ("2025-01-01", "2026-01-01", [("replace", "mailbox:a@x.fr")]),
        ("2026-01-01", "2026-01-01", []),
        ("2025-01-01", "2999-01-01", []),
    ],
)
def test_a_new_holder_comes_once_and_not_before_the_day(made, day, action):
    standing = rows([("a@x.fr", "active", "keep")], domains=())
    standing.made = {"mailbox:a@x.fr": made}
    found = survey_of(share_of({"mailbox:a@x.fr": {**BOX, "new_holder": day}}), standing)
    assert actions(found) == action


@pytest.mark.parametrize(("declared", "does"), [(1, False), (0, True)])
def test_another_collectivity_gets_an_address_only_when_the_first_let_it_go(declared, does):
    standing = directory.Rows([], [("mailbox:a@x.fr", CAHORS, 1, "suspended", "keep", declared)])
    standing.made = {"mailbox:a@x.fr": "2025-01-01"}
    wanted = {"mailbox:a@x.fr": {**BOX, "new_holder": "2026-01-01"}}
    found = survey_of(share_of(wanted, siren=ALBAS), standing)
    assert (("replace", "mailbox:a@x.fr") in actions(found)) == does
    assert ("mailbox:a@x.fr" in found.failed) != does


def test_a_new_holder_has_a_new_uuid_and_the_former_mail_stays():
    standing = write(survey_of(share_of({"mailbox:a@x.fr": BOX}), directory.Rows()).changes)
    [key] = keys().values()
    standing.made = {"mailbox:a@x.fr": "2025-01-01"}
    wanted = share_of({"mailbox:a@x.fr": {**BOX, "new_holder": "2026-01-01"}})
    after = write(survey_of(wanted, standing).changes)
    found = keys()
    assert found[f"{key}@{directory.FORMER}"] == key
    assert found["a@x.fr"] != key
    with directory.opened(read_only=True) as connection:
        assert directory.read_meta(connection, f"former:{key}")["address"] == "a@x.fr"
        after.made = directory.made_on(connection, ["a@x.fr"])
    assert survey_of(wanted, after).changes == []


def test_collaborative_is_a_change_and_its_row_stays_when_it_ends():
    together = {**BOX, "collaborative": True}
    assert check_mailbox("a@x.fr", together) is None
    assert check_mailbox("a@x.fr", {**BOX, "collaborative": "yes"}) is not None
    share = share_of({"mailbox:a@x.fr": together})
    found = write(survey_of(share, directory.Rows()).changes)
    assert survey_of(share, found).changes == []
    classic = survey_of(share_of({"mailbox:a@x.fr": BOX}), found)
    assert [(one["before"], one["after"]) for one in classic.changes] == [(together, BOX)]
    found = write(classic.changes)
    assert found.mailboxes == [("mailbox:a@x.fr", CAHORS, 1, "active", "keep", 1)]
    with directory.opened(read_only=True) as connection:
        assert connection.execute("SELECT active FROM groupware").fetchall() == [(0,)]


def test_a_collaborative_mailbox_that_leaves_is_suspended_and_stays_collaborative():
    together = {**BOX, "collaborative": True}
    found = write(survey_of(share_of({"mailbox:a@x.fr": together}), directory.Rows()).changes)
    [gone] = survey_of(share_of({}), found).changes
    assert (gone["action"], gone["after"]["collaborative"]) == ("suspend", True)
    assert survey_of(share_of({}), write([gone])).changes == []


RELAY = {"to": "zimbra.test.fr", "state": "active", "delivery": "keep"}
BOUNCING = {**RELAY, "state": "suspended", "delivery": "bounce"}


def test_a_mailbox_elsewhere_is_let_in_and_passed_on_and_nobody_logs_in():
    wanted = {
        **DOMAIN,
        "relay:a@x.fr": RELAY,
        "relay:b@x.fr": {**RELAY, "state": "suspended"},
        "relay:c@x.fr": BOUNCING,
        "alias:all@x.fr": {"targets": ["a@x.fr", "c@x.fr", "d@x.fr"]},
        "alias:c-only@x.fr": {"targets": ["c@x.fr"]},
        "mailbox:d@x.fr": BOX,
    }
    found = postmaps.tables(write(survey_of(share_of(wanted), directory.Rows()).changes))
    way = "groupware:[zimbra.test.fr]"
    assert found["routes"] == {"a@x.fr": way, "b@x.fr": way}
    assert found["mailboxes"].keys() == {"a@x.fr", "b@x.fr", "d@x.fr"}
    assert found["suspended"].keys() == {"c@x.fr", "c-only@x.fr"}
    assert found["aliases"] == {"all@x.fr": "a@x.fr,d@x.fr"}
    assert found["senders"] == {"d@x.fr": "d@x.fr", "all@x.fr": "d@x.fr"}


def test_a_mailbox_elsewhere_that_left_is_passed_on_until_its_collectivity_retires():
    standing = write(survey_of(share_of({"relay:a@x.fr": RELAY}), directory.Rows()).changes)
    found = survey_of(share_of({}), standing)
    assert actions(found) == [("suspend", "relay:a@x.fr")]
    left = write(found.changes)
    assert survey_of(share_of({}), left).changes == []
    assert postmaps.tables(left)["routes"].keys() == {"a@x.fr"}
    back = survey_of(share_of({"relay:a@x.fr": RELAY}), left)
    assert actions(back) == [("restore", "relay:a@x.fr")]
    retired = write(survey_of(share_of({}, retired=True), left).changes)
    assert postmaps.tables(retired)["suspended"].keys() == {"a@x.fr"}
    other = survey_of(share_of({"relay:a@x.fr": RELAY}, siren=ALBAS), left)
    assert CAHORS in other.failed["relay:a@x.fr"][1]


def test_of_a_mailbox_here_and_elsewhere_the_declared_one_counts():
    here = write(survey_of(share_of({"mailbox:a@x.fr": BOX}), directory.Rows()).changes)
    gone = write(survey_of(share_of({"relay:a@x.fr": BOUNCING}), here).changes)
    assert postmaps.tables(gone)["mailboxes"] == {}
    assert postmaps.tables(gone)["suspended"].keys() == {"a@x.fr"}
    moved = write(survey_of(share_of({"relay:a@x.fr": RELAY}), gone).changes)
    assert postmaps.tables(moved)["routes"].keys() == {"a@x.fr"}
    again = write(survey_of(share_of({"mailbox:a@x.fr": BOX}), moved).changes)
    assert postmaps.tables(again)["routes"] == {}
    assert postmaps.tables(again)["senders"] == {"a@x.fr": "a@x.fr"}
    neither = write(survey_of(share_of({}), again).changes)
    assert postmaps.tables(neither)["routes"] == {}


def test_a_directory_from_before_there_were_mailboxes_elsewhere_can_be_read():
    write([])
    with directory.opened(read_only=False) as connection:
        connection.execute("DROP TABLE relay")
    with directory.opened(read_only=True) as connection:
        assert directory.read_rows(connection).relays == []
        assert bastide_revision.read(connection) is None
    written = write(survey_of(share_of({"relay:a@x.fr": RELAY}), directory.Rows()).changes)
    assert [row[0] for row in written.relays] == ["relay:a@x.fr"]


@pytest.mark.parametrize(
    "body", [{}, {**RELAY, "to": "[192.0.2.1]"}, {**RELAY, "state": "x"}, {**RELAY, "quota": 1}]
)
def test_a_mailbox_elsewhere_with_another_body_is_refused(body):
    assert check_relay("a@x.fr", RELAY) is None
    assert check_relay("a@x.fr", body)


def test_postfix_learns_the_ways_before_it_lets_anybody_in(host, monkeypatch):
    (host / "maps").mkdir()
    for name in postmaps.NAMES:
        (host / "maps" / f".{name}.new.cdb").write_bytes(name.encode())
    (host / "maps" / f".{postmaps.SELECTORS}.prepared").write_bytes(b"")
    told = []

    def reload(_words):
        told.append((host / "maps" / "mailboxes.cdb").exists())
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(postmaps, "run", reload)
    assert postmaps.put_in_place() == ""
    assert told == [False, True]
