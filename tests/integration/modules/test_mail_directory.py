# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_mail_directory and bastide_mail_password with real Postfix tables and Dovecot."""

import json

import pytest
from shares import ALBAS, CAHORS, OPERATOR, by_address, collectivity, share

pytestmark = pytest.mark.lab

SHARE = "/root/mail.jsonl"
DIRECTORY = "/var/lib/bastide/mail"
MAIRIE, MAIRE, CONTACT = "mairie@cahors.fr", "maire@cahors.fr", "contact@cahors.fr"


def box(state="active", delivery="keep", quota=5_000_000_000):
    return {"quota": quota, "state": state, "delivery": delivery}


CAHORS_MAIL = {
    "maildomain:cahors.fr": {"selector": "b2026"},
    f"mailbox:{MAIRIE}": box(),
    f"mailbox:{MAIRE}": box(),
    f"alias:{CONTACT}": {"targets": [MAIRIE]},
    "alias:tous@cahors.fr": {"targets": ["ami@example.org", CONTACT, MAIRE]},
}
DOMAINS = ["cahors.fr", "info46.com"]
OTHERS = (
    collectivity(ALBAS, ["info46.com"], {"mailbox:albas@info46.com": box()}),
    collectivity(OPERATOR, ["info46.com"], {"maildomain:info46.com": {"selector": "b2026"}}),
)


def cahors(more=(), less=(), **facts):
    resources = {**CAHORS_MAIL, **dict(more)}
    for address in less:
        del resources[address]
    return collectivity(CAHORS, facts.pop("domains", DOMAINS), resources, **facts)


ALL = (cahors(), *OTHERS)


def converge(mail, *lines, check_mode=False, **args):
    mail.put(SHARE, share("mail", *lines))
    return mail.module("bastide_mail_directory", {"share": SHARE, **args}, check_mode=check_mode)


def sql(mail, query):
    said = mail.sh(f"sqlite3 -json {DIRECTORY}/directory.db <<'X'\n{query}\nX\n")
    return json.loads(said) if said.strip() else []


def row(mail, address):
    (found,) = sql(mail, f"SELECT * FROM mailbox WHERE address = '{address}'")
    return found


def lookup(mail, table, key):
    """What Postfix answers from one of the tables, None when it knows nothing."""
    said = mail.sh(f"postmap -q '{key}' cdb:{DIRECTORY}/maps/{table} || true")
    return said.strip() or None


@pytest.fixture
def lot(mail):
    """The directory as it is declared, whatever the test before left."""
    mail.sh("systemctl start dovecot")
    if mail.sh(f"ls {DIRECTORY}/directory.db || true").strip():
        sql(mail, "DELETE FROM mailbox; DELETE FROM alias;")
    result = converge(mail, *ALL)
    assert result["failed_changes"] == [], result
    return mail


def test_first_run_creates_and_second_changes_nothing(mail):
    plan = converge(mail, *ALL, check_mode=True)
    assert mail.sh(f"ls {DIRECTORY} 2>/dev/null || true") == ""
    assert plan["values"] == {}
    real = converge(mail, *ALL, expect=plan["digest"])
    assert real["failed_changes"] == []
    assert real["changes"] == plan["changes"]
    assert real["digest"] == plan["digest"]
    assert set(by_address(real).values()) == {"create"}
    again = converge(mail, *ALL)
    assert again["changed"] is False
    assert again["repaired"] == []
    assert again["values"] == real["values"]
    assert again["totals"] == {
        CAHORS: {"maildomain": 1, "mailbox": 2, "alias": 2},
        ALBAS: {"mailbox": 1},
        OPERATOR: {"maildomain": 1},
    }


def test_the_ansible_command_runs_it_with_check_and_diff(lot):
    lot.put(SHARE, share("mail", cahors({f"mailbox:{MAIRE}": box(quota=1)}), *OTHERS))
    for check_mode in (True, False):
        said = lot.by_ansible("bastide_mail_directory", {"share": SHARE}, check_mode=check_mode)
        assert f'+mailbox:{MAIRE} {{"delivery": "keep", "quota": 1' in said
    assert row(lot, MAIRE)["quota"] == 1


def test_tables_say_what_postfix_needs(lot):
    assert lookup(lot, "domains", "cahors.fr") == "OK"
    assert lookup(lot, "domains", "example.org") is None
    assert lookup(lot, "mailboxes", MAIRIE) == "OK"
    assert lookup(lot, "aliases", "tous@cahors.fr") == f"ami@example.org,{CONTACT},{MAIRE}"
    assert lookup(lot, "senders", MAIRIE) == MAIRIE
    assert lookup(lot, "senders", "tous@cahors.fr") == f"{MAIRE},{MAIRIE}"
    assert lookup(lot, "suspended", MAIRIE) is None
    assert lot.sh(f"stat -c %a {DIRECTORY}/maps/domains.cdb").strip() == "644"
    assert lot.read(f"{DIRECTORY}/maps/dkim_selectors.map") == (
        "cahors.fr b2026\ninfo46.com b2026\n"
    )


def test_dkim_key_is_made_once_and_its_public_part_is_given(lot):
    key = f"{DIRECTORY}/dkim/cahors.fr.b2026.key"
    facts = "stat -c '%U %G %a'"
    assert lot.sh(f"{facts} {key}").strip() == "root _rspamd 640"
    before = lot.sh(f"sha256sum {key}")
    public = lot.sh(f"openssl pkey -in {key} -pubout -outform DER | base64 -w0")
    wanted = f"v=DKIM1; k=rsa; p={public}"
    assert converge(lot, *ALL, check_mode=True)["values"]["dkim:cahors.fr"] == wanted
    lot.sh(f"rm {DIRECTORY}/dkim/cahors.fr.b2026.pub")
    assert converge(lot, *ALL)["values"]["dkim:cahors.fr"] == wanted
    converge(lot, cahors({"maildomain:cahors.fr": {"selector": "b2027"}}), *OTHERS)
    assert lot.sh(f"sha256sum {key}") == before
    assert "cahors.fr b2027" in lot.read(f"{DIRECTORY}/maps/dkim_selectors.map")


def test_mailbox_that_leaves_the_file_is_suspended_and_comes_back_as_it_was(lot):
    before = row(lot, MAIRIE)
    plan = converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS, check_mode=True)
    result = converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS, expect=plan["digest"])
    assert by_address(result) == {f"mailbox:{MAIRIE}": "suspend"}
    assert result.get("warnings", []) == []
    gone = row(lot, MAIRIE)
    assert (gone["uuid"], gone["state"], gone["delivery"], gone["declared"]) == (
        before["uuid"],
        "suspended",
        "keep",
        0,
    )
    assert gone["suspended_at"]
    assert lookup(lot, "mailboxes", MAIRIE) == "OK"
    assert lookup(lot, "senders", MAIRIE) is None
    assert lookup(lot, "suspended", MAIRIE) is None
    assert converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS)["changed"] is False
    result = converge(lot, *ALL)
    assert by_address(result) == {f"mailbox:{MAIRIE}": "restore"}
    assert row(lot, MAIRIE) == before
    assert lookup(lot, "senders", MAIRIE) == MAIRIE


def test_suspension_with_bounce_is_an_update_and_closes_what_leads_there(lot):
    bounced = {f"mailbox:{MAIRIE}": box("suspended", "bounce")}
    result = converge(lot, cahors(bounced), *OTHERS)
    assert by_address(result) == {f"mailbox:{MAIRIE}": "update"}
    assert lookup(lot, "suspended", MAIRIE).startswith("550 5.2.1 ")
    assert lookup(lot, "mailboxes", MAIRIE) is None
    # An alias that leads nowhere else is closed as well; the other one loses that target.
    assert lookup(lot, "suspended", CONTACT).startswith("550 5.2.1 ")
    assert lookup(lot, "aliases", CONTACT) is None
    assert lookup(lot, "aliases", "tous@cahors.fr") == f"ami@example.org,{MAIRE}"


def test_alias_follows_the_file(lot):
    changed = {f"alias:{CONTACT}": {"targets": [MAIRE]}}
    result = converge(lot, cahors(changed, less=["alias:tous@cahors.fr"]), *OTHERS)
    assert by_address(result) == {f"alias:{CONTACT}": "update", "alias:tous@cahors.fr": "delete"}
    assert lookup(lot, "aliases", CONTACT) == MAIRE
    assert lookup(lot, "aliases", "tous@cahors.fr") is None


def test_retired_collectivity_bounces_and_keeps_its_mail(lot):
    before = row(lot, MAIRIE)
    result = converge(lot, cahors(domains=[], retired=True), *OTHERS)
    assert by_address(result) == {
        f"mailbox:{MAIRIE}": "suspend",
        f"mailbox:{MAIRE}": "suspend",
        f"alias:{CONTACT}": "delete",
        "alias:tous@cahors.fr": "delete",
    }
    assert row(lot, MAIRIE)["delivery"] == "bounce"
    assert lookup(lot, "suspended", MAIRIE).startswith("550 5.2.1 ")
    assert lot.sh(f"test -s {DIRECTORY}/dkim/cahors.fr.b2026.key && echo there") == "there\n"
    assert converge(lot, cahors(domains=[], retired=True), *OTHERS)["changed"] is False
    assert by_address(converge(lot, *ALL))[f"mailbox:{MAIRIE}"] == "restore"
    assert row(lot, MAIRIE)["uuid"] == before["uuid"]


def test_what_vanishes_is_left_alone(lot):
    result = converge(lot, cahors(domains=["info46.com"], less=CAHORS_MAIL))
    assert result["changed"] is False
    left = {one["address"]: one["why"] for one in result["left_alone"]}
    assert left[f"mailbox:{MAIRIE}"] == "domain-gone"
    assert left["mailbox:albas@info46.com"] == "collectivity-gone"
    assert left["maildomain:info46.com"] == "collectivity-gone"
    assert row(lot, MAIRIE)["state"] == "active"


def test_foreign_edits_are_found_and_repaired(lot):
    before = row(lot, MAIRIE)
    sql(
        lot,
        f"""
        UPDATE mailbox SET state = 'suspended', quota = 1 WHERE address = '{MAIRIE}';
        DELETE FROM alias WHERE address = '{CONTACT}';
        INSERT INTO alias VALUES ('evil@cahors.fr', 'cahors.fr', '{CAHORS}', '["x@evil.example"]');
        """,
    )
    plan = converge(lot, *ALL, check_mode=True)
    assert by_address(plan) == {
        f"mailbox:{MAIRIE}": "update",
        f"alias:{CONTACT}": "create",
        "alias:evil@cahors.fr": "delete",
    }
    assert converge(lot, *ALL)["digest"] == plan["digest"]
    assert row(lot, MAIRIE) == before
    assert lookup(lot, "aliases", "evil@cahors.fr") is None
    assert converge(lot, *ALL)["changed"] is False


@pytest.mark.parametrize(
    "damage",
    [
        "rm maps/mailboxes.cdb",
        "echo nonsense > maps/aliases.cdb",
        "rm maps/dkim_selectors.map",
        "sqlite3 directory.db \"DELETE FROM meta WHERE key = 'maps'\"",
    ],
)
def test_damaged_table_is_repaired_without_any_change(lot, damage):
    lot.sh(f"cd {DIRECTORY}; {damage}")
    plan = converge(lot, *ALL, check_mode=True)
    assert (plan["changes"], plan["changed"], bool(plan["repaired"])) == ([], True, True)
    assert converge(lot, *ALL)["repaired"] == plan["repaired"]
    assert lookup(lot, "mailboxes", MAIRIE) == "OK"
    assert lookup(lot, "aliases", CONTACT) == MAIRIE
    assert converge(lot, *ALL)["changed"] is False


def test_tables_made_in_part_are_those_that_postmap_makes_whole(lot):
    many = {f"mailbox:m{n}@cahors.fr": box() for n in range(3000)}
    many |= {f"alias:a{n}@cahors.fr": {"targets": [f"m{n}@cahors.fr"]} for n in range(900)}
    converge(lot, cahors(many), *OTHERS)
    bounced = {f"mailbox:m{n}@cahors.fr": box("suspended", "bounce") for n in range(0, 900, 9)}
    new = {f"mailbox:n{n}@cahors.fr": box() for n in range(50)}
    gone = [f"alias:a{n}@cahors.fr" for n in range(5, 900, 50)]
    lines = (cahors(many | bounced | new, less=gone), *OTHERS)
    converge(lot, *lines)
    sums = f"cd {DIRECTORY}/maps; ls -A; sha256sum *"
    in_part = lot.sh(sums)
    assert lookup(lot, "suspended", "a9@cahors.fr").startswith("550 5.2.1 ")
    assert lookup(lot, "aliases", "a5@cahors.fr") is None
    assert lookup(lot, "senders", "n49@cahors.fr") == "n49@cahors.fr"
    sql(lot, "DELETE FROM meta WHERE key = 'maps'")
    assert len(converge(lot, *lines)["repaired"]) == 9, "all of them"
    assert lot.sh(sums) == in_part


def test_a_directory_of_an_earlier_version_is_brought_up(lot):
    triggers = sql(lot, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    older = "".join(f"DROP TRIGGER {one['name']};" for one in triggers)
    older += "DROP TABLE revision; DROP TABLE settled; PRAGMA user_version = 0;"
    sql(lot, f"{older} DELETE FROM meta WHERE key = 'settled';")
    before = sql(lot, "SELECT * FROM mailbox ORDER BY uuid")
    assert converge(lot, *ALL, check_mode=True)["changes"] == []
    assert converge(lot, *ALL)["changes"] == []
    assert converge(lot, *ALL)["changed"] is False
    assert sql(lot, "SELECT * FROM mailbox ORDER BY uuid") == before
    assert sql(lot, "SELECT name FROM sqlite_master WHERE type = 'trigger'") == triggers
    sql(lot, f"UPDATE mailbox SET quota = 1 WHERE address = '{MAIRIE}'")
    assert by_address(converge(lot, *ALL)) == {f"mailbox:{MAIRIE}": "update"}


def test_nobody_inherits_mail_by_taking_an_address_over(lot):
    taken = collectivity(
        ALBAS, DOMAINS, {f"mailbox:{MAIRIE}": box(), "mailbox:new@cahors.fr": box()}
    )
    result = converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), taken, OTHERS[1])
    (failure,) = result["failed_changes"]
    assert failure["address"] == f"mailbox:{MAIRIE}"
    assert CAHORS in failure["error"]
    assert by_address(result)["mailbox:new@cahors.fr"] == "create"
    assert row(lot, MAIRIE)["siren"] == CAHORS


def test_address_claimed_twice_is_reported_and_kept(lot):
    double = collectivity(
        ALBAS, DOMAINS, {f"mailbox:{MAIRIE}": box(), "mailbox:albas@info46.com": box()}
    )
    result = converge(lot, cahors(), double, OTHERS[1])
    assert result["changed"] is False
    assert [one["address"] for one in result["failed_changes"]] == [f"mailbox:{MAIRIE}"]
    assert row(lot, MAIRIE)["state"] == "active"


def test_scope_and_stale_plan(lot):
    changed = (
        cahors({f"mailbox:{MAIRIE}": box(quota=1)}),
        collectivity(ALBAS, ["info46.com"], {"mailbox:albas@info46.com": box(quota=2)}),
        OTHERS[1],
    )
    plan = converge(lot, *changed, check_mode=True, scope=[ALBAS])
    assert by_address(plan) == {"mailbox:albas@info46.com": "update"}
    sql(lot, "UPDATE mailbox SET quota = 3 WHERE address = 'albas@info46.com'")
    result = converge(lot, *changed, scope=[ALBAS], expect=plan["digest"])
    assert (result["stale"], result["changed"]) == (True, False)
    assert row(lot, "albas@info46.com")["quota"] == 3
    converge(lot, *changed, scope=[ALBAS])
    assert row(lot, "albas@info46.com")["quota"] == 2
    assert row(lot, MAIRIE)["quota"] == 5_000_000_000


@pytest.mark.parametrize("room", ["300k", "0"])
def test_full_disk_leaves_the_old_state_and_says_which(lot, room):
    held = f"cd {DIRECTORY}; sha256sum maps/*; sqlite3 directory.db .dump | sha256sum; ls -A . maps"
    before = lot.sh(held)
    many = {f"mailbox:m{n}@cahors.fr": box() for n in range(20000)}
    lot.sh(
        f"""
    fallocate -l {room} /var/lib/bastide/room
    dd if=/dev/zero of=/var/lib/bastide/fill bs=4k 2>/dev/null || true
    rm -f /var/lib/bastide/room
    """.replace("fallocate -l 0 ", ": ")
    )
    result = converge(lot, cahors(many), *OTHERS)
    lot.sh("rm /var/lib/bastide/fill")
    assert result["failed"] is True
    assert "file system /var/lib/bastide: " in result["msg"]
    assert lot.sh(held) == before
    assert converge(lot, *ALL)["changed"] is False
    assert converge(lot, cahors(many), *OTHERS)["failed"] is False
    assert lookup(lot, "mailboxes", "m19999@cahors.fr") == "OK"


def test_full_disk_makes_no_domain_without_its_key(lot):
    new = collectivity("214600999", ["new.fr"], {"maildomain:new.fr": {"selector": "b2026"}})
    # Dovecot holds the directory open, so that it can be read without room for anything.
    lot.sh(
        f"""
    nohup python3 -c 'import sqlite3, time
    db = sqlite3.connect("{DIRECTORY}/directory.db"); db.execute("SELECT * FROM meta").fetchall()
    open("/run/reader", "w").write("x"); time.sleep(600)' > /dev/null 2>&1 & echo $! > /run/pid
    until test -e /run/reader; do sleep 0.1; done; rm /run/reader
    dd if=/dev/zero of=/var/lib/bastide/fill bs=4k 2>/dev/null || true
    """.replace("\n    db", "\ndb").replace("\n    open", "\nopen")
    )
    result = converge(lot, *ALL, new)
    lot.sh("rm /var/lib/bastide/fill; kill $(cat /run/pid)")
    (failure,) = result["failed_changes"]
    assert failure["address"] == "maildomain:new.fr"
    assert "0 bytes free" in failure["error"]
    assert "new.fr" not in lot.sh(f"ls -A {DIRECTORY}/dkim; cat {DIRECTORY}/maps/*.map")
    assert by_address(converge(lot, *ALL, new)) == {"maildomain:new.fr": "create"}


def test_dovecot_down_is_a_warning_and_is_told_later(lot):
    lot.sh("systemctl stop dovecot")
    result = converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS)
    assert result["failed"] is False
    assert "Dovecot" in json.dumps(result["warnings"])
    assert row(lot, MAIRIE)["state"] == "suspended"
    assert sql(lot, "SELECT * FROM meta WHERE key = 'logins'") != []
    lot.sh("systemctl start dovecot")
    result = converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS)
    assert result["changed"] is False
    assert sql(lot, "SELECT * FROM meta WHERE key = 'logins'") == []


@pytest.mark.parametrize(
    "address",
    [
        "mailbox:a b@cahors.fr",
        "mailbox:a@cahors.fr\nb@cahors.fr OK",
        "mailbox:'; DROP TABLE mailbox; --@cahors.fr",
        "mailbox:*@cahors.fr",
        "alias:cahors.fr",
        "maildomain:../../x",
        "page:cahors.fr",
    ],
)
def test_share_with_a_hostile_name_is_refused_whole(lot, address):
    result = converge(lot, cahors({address: box()}), *OTHERS)
    assert result["failed"] is True
    assert "refused" in result["msg"]


def test_bad_body_stops_its_address_only_and_what_stands_there_stays(lot):
    hostile = {
        f"mailbox:{MAIRIE}": box(quota="1"),
        f"alias:{CONTACT}": {"targets": ["b@c.fr, d@e.fr"]},
        "alias:tous@cahors.fr": {"targets": ["-oQ/tmp@x.fr"]},
        "maildomain:cahors.fr": {"selector": "../../etc/cron.d/x"},
        f"mailbox:{MAIRE}": box(quota=7),
    }
    result = converge(lot, cahors(hostile), *OTHERS)
    assert by_address(result) == {f"mailbox:{MAIRE}": "update"}
    failed = {one["address"] for one in result["failed_changes"]}
    assert failed == hostile.keys() - {f"mailbox:{MAIRE}"}
    assert row(lot, MAIRIE)["state"] == "active"
    assert lookup(lot, "aliases", CONTACT) == MAIRIE


HASH = "{BLF-CRYPT}$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe"


def password(mail, address, secret=HASH, **how):
    args = {"address": address, "password_hash": secret}
    return mail.module("bastide_mail_password", args, **how)


def test_password_is_set_once_and_never_printed(lot):
    assert password(lot, MAIRIE, check_mode=True)["changed"] is True
    assert row(lot, MAIRIE)["password"] is None
    result = password(lot, MAIRIE)
    assert result["changed"] is True
    assert HASH not in json.dumps(result)
    assert row(lot, MAIRIE)["password"] == HASH
    assert password(lot, MAIRIE)["changed"] is False
    assert converge(lot, *ALL)["changed"] is False
    assert row(lot, MAIRIE)["password"] == HASH


def test_password_needs_a_declared_mailbox_and_a_hash(lot):
    assert "does not exist" in password(lot, "nobody@cahors.fr")["msg"]
    assert "no address" in password(lot, "x' OR 1=1")["msg"]
    assert "not a hash" in password(lot, MAIRIE, "secret")["msg"]
    assert "not a hash" in password(lot, MAIRIE, "{PLAIN}secretsecret")["msg"]
    converge(lot, cahors(less=[f"mailbox:{MAIRIE}"]), *OTHERS)
    assert "left its charter" in password(lot, MAIRIE)["msg"]
