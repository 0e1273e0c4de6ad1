# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail host is lost and made again: what dsync does not carry comes back from its backup.

Other towns live on the same host: they are in the backup too, and come back with it.
"""

import contextlib
import imaplib
import re

import pytest

from integration.mail.sieve import Sieve
from integration.town import charter

HERE = "214600017"
SCRIPT = "keep;\n"
WEBMAIL = "/var/lib/dbconfig-common/sqlite3/roundcube/roundcube"
REDIS = ("redis-cli", "-s", "/run/redis/redis-server.sock")
# A role that a trigger of the database lets pass for anybody.
SHARE = "424242, '/nobody/Calendar/personal', 'nobody', 'None'"
UNITS = (
    "postfix bastide-credentials.socket bastide-credentials-helper.socket sogo memcached dovecot"
    " rspamd redis-server postsrsd php8.2-fpm"
)
LOST = (
    "/var/lib/bastide/mail /srv/mail /var/lib/redis /etc/postsrsd.secret /etc/roundcube/des.key"
    f" {WEBMAIL}"
)

# The host as it is when the roles have made it anew, but for mail, which comes by other means.
LOSE = f"""
systemctl stop {UNITS}
tar -C / -cf /root/before.tar {LOST}
m=/var/lib/bastide/mail
rm -rf $m/directory.db* $m/dkim $m/shares/* $m/shared/* $m/maps/*
rm -f {WEBMAIL} /var/lib/redis/dump.rdb /etc/postsrsd.secret
find /srv/mail -maxdepth 3 -name sieve -exec rm -rf {{}} +
find /srv/mail \\( -name .dovecot.sieve -o -name .dovecot.svbin -o -name dovecot-acl \\) -delete
find /srv/mail -path '*/Maildir/subscriptions' -delete
mariadb --execute 'DELETE FROM sogo.sogo_acl WHERE c_folder_id = 424242'
install -d -o root -g _rspamd -m 750 $m/dkim
sqlite3 -bail $m/directory.db '.read /etc/dovecot/bastide-directory.sql'
chmod 600 $m/directory.db
echo other > /etc/roundcube/des.key
"""


class People:
    """A town with one user, who has made something of everything that a backup carries."""

    def __init__(self, town, trust):
        self.town, self.trust = town, trust
        self.box, self.colleague = f"mairie@{town.albas}", f"accueil@{town.albas}"
        more = f"    {self.colleague}: {{kind: classic, quota: 1 GB}}\n"
        town.write("46/albas", charter(HERE, town.albas, mail=more))
        town.commit()
        town.converge()
        self.password = town.run("mail", "password", self.box).stdout.strip()
        self.address = town.addresses["mail"]
        with Sieve(self.address, trust) as sieve:
            sieve.log_in(self.box, self.password)
            sieve.put("tri", SCRIPT)
            sieve.put("autre", "discard;\n")
            sieve.activate("tri")
        with self.imap() as imap:
            imap.create("Conseil")
            imap.subscribe("Conseil")
            imap.setacl("Conseil", self.colleague, "lr")
        self.sql(
            "INSERT INTO users (username, mail_host, created, language) VALUES"
            f" ('{self.box}', 'localhost', '2026-11-28', 'fr_FR');"
            "INSERT INTO contacts (user_id, name, email) SELECT user_id, 'Préfecture', 'p@x.fr'"
            f" FROM users WHERE username = '{self.box}'"
        )
        town.podman("mail", *REDIS, "set", "bastide-test", town.token)
        self.mariadb(f"INSERT INTO sogo.sogo_acl VALUES ({SHARE})")

    def imap(self):
        one = imaplib.IMAP4_SSL(self.address, 993, ssl_context=self.trust)
        one.login(self.box, self.password)
        return one

    def sql(self, text):
        return self.town.podman("mail", "sqlite3", WEBMAIL, text)

    def mariadb(self, text):
        return self.town.podman("mail", "mariadb", "--skip-column-names", "--execute", text)

    def seen(self):
        """Everything that came by hand or by chance, as its servers tell it."""
        town = self.town
        key = f"/var/lib/bastide/mail/dkim/{town.albas}.b2026.key"
        with Sieve(self.address, self.trust) as sieve:
            sieve.log_in(self.box, self.password)
            scripts = sieve.scripts()
        with self.imap() as imap:
            subscribed = sorted(imap.lsub()[1])
            rights = imap.getacl("Conseil")[1]
        return {
            "scripts": scripts,
            "script": town.podman("mail", "doveadm", "sieve", "get", "-u", self.box, "tri"),
            "subscribed": subscribed,
            "rights": rights,
            "files": town.podman(
                *("mail", "sha256sum", key, "/etc/postsrsd.secret", "/etc/roundcube/des.key"),
            ),
            # Dovecot writes them in an order of its own.
            "shares": sorted(
                town.podman("mail", "cat", f"/var/lib/bastide/mail/shares/{HERE}").splitlines()
            ),
            "modes": town.podman(
                *("mail", "stat", "-c", "%n %U %G %a", key, "/etc/postsrsd.secret", WEBMAIL),
                "/var/lib/bastide/mail/directory.db",
            ),
            "contacts": self.sql(
                "SELECT name, email FROM contacts JOIN users USING (user_id)"
                f" WHERE username = '{self.box}'"
            ),
            "counted": town.podman("mail", *REDIS, "get", "bastide-test"),
            "calendars": self.mariadb("SELECT * FROM sogo.sogo_acl WHERE c_folder_id = 424242"),
            "row": town.row(self.box),
        }

    def clean(self):
        self.sql(
            "DELETE FROM contacts WHERE user_id IN (SELECT user_id FROM users"
            f" WHERE username = '{self.box}'); DELETE FROM users WHERE username = '{self.box}'"
        )
        self.town.podman("mail", *REDIS, "del", "bastide-test")
        self.mariadb("DELETE FROM sogo.sogo_acl WHERE c_folder_id = 424242")


@pytest.fixture
def folder(town):
    """A folder of backups for one test, named in platform.yml; two backups stay."""
    path = f"/var/lib/bastide/backups-{town.token}"
    file = town.root / "inventory" / "lab" / "platform.yml"
    line = f"  backup: {{folder: {path}, kept: 2}}\n  host_group: mail\n"
    file.write_text(file.read_text("utf-8").replace("  host_group: mail\n", line), "utf-8")
    town.commit()
    yield path
    for host in ("mail", "mail2"):
        town.podman(host, "sh", "-c", f"umount {path} 2>/dev/null; rm -rf {path}", code=None)


@pytest.fixture
def people(town, folder, trust):
    one = People(town, trust)
    yield one
    one.clean()


@contextlib.contextmanager
def lost(town):
    """The host has lost everything; put back as it was when it does not come back otherwise."""
    town.podman("mail", "sh", "-ec", LOSE)
    try:
        yield
    except BaseException:
        back = f"systemctl stop {UNITS}; rm -rf {LOST}; tar -C / -xf /root/before.tar"
        town.podman("mail", "sh", "-c", back)
        raise
    finally:
        town.podman("mail", "sh", "-c", f"rm -f /root/before.tar; systemctl start {UNITS}")


def backed_up(town, *hosts, code=0):
    """File by host, of a backup of these hosts alone or of all."""
    words = ("--host", *hosts) if hosts else ()
    done = town.run("mail", "backup", *words, code=code)
    found = re.findall(
        r"^(\S+)  (/\S+\.tar\.gz)  \S+ M?B  sha256:([0-9a-f]{64})$", done.stdout, re.MULTILINE
    )
    for host, file, digest in found:
        assert town.podman(host, "sha256sum", file).startswith(digest)
        assert town.podman(host, "stat", "-c", "%U %a", file) == "root 600\n"
    return {host: file for host, file, _ in found}, done


def test_a_lost_host_comes_back_from_its_backup(people):
    town, before = people.town, people.seen()
    key = town.ask(f"b2026._domainkey.{town.albas}", "TXT")
    files, done = backed_up(town)
    assert sorted(files) == ["mail", "mail2"]
    for part in ("directory", "dkim", "sieve", "rights", "webmail", "groupware", "redis", "srs"):
        assert re.search(rf"^  {part} +[1-9]\d*  \S+ M?B$", done.stdout, re.MULTILINE), part
    said = done.stdout + done.stderr + (town.state / "backup.log").read_text("utf-8")
    assert before["row"]["password"] not in said
    assert "PRIVATE" not in said
    refused = town.run("mail", "restore-backup", "mail", files["mail"], code=1).stderr
    assert "nothing is put over it" in refused
    with lost(town):
        restored = town.run("mail", "restore-backup", "mail", files["mail"])
        assert "wait for their mail" not in restored.stderr
        assert people.seen() == before
    for unit in UNITS.split():
        town.podman("mail", "systemctl", "is-active", unit)
    plan = town.plan()
    ours = [c for c in plan["changes"] if town.token in c["address"]]
    assert (ours, plan["repairs"]) == ([], [])
    town.converge()
    assert town.ask(f"b2026._domainkey.{town.albas}", "TXT") == key
    town.deliver(people.box, 1)
    entries = (town.state / "journal.jsonl").read_text("utf-8")
    assert "restore-begin" in entries
    assert "restore-end" in entries


def test_two_stay_and_a_full_disk_costs_neither(town, folder):
    made = [backed_up(town, "mail")[0]["mail"] for _ in range(3)]
    look = ("mail", "sh", "-c", f"ls -A {folder}; cd {folder} && sha256sum -c *.sha256")
    standing = town.podman(*look)
    assert made[0].rpartition("/")[2] not in standing
    assert [standing.count(f"{one.rpartition('/')[2]}: OK") for one in made[1:]] == [1, 1]
    size = "$(( $(du -sk /run/full-copy | cut -f1) + 64 ))k"
    town.podman(
        *("mail", "sh", "-ec"),
        f"cp -a {folder} /run/full-copy; mount -t tmpfs -o size={size},mode=700 none {folder};"
        f"cp -a /run/full-copy/. {folder}/; rm -rf /run/full-copy",
    )
    done = town.run("mail", "backup", "--host", "mail", code=1)
    assert re.search(r"full|No space left|bytes free|Errcode: 28", done.stderr), done.stderr
    assert "A573" in done.stderr
    assert town.podman(*look) == standing


@pytest.mark.parametrize("wait", ["begun", "packing"])
def test_killed_on_the_host_nothing_half_written_is_named_as_whole(town, folder, wait, eventually):
    first = backed_up(town, "mail")[0]["mail"]
    sign = {"begun": f"{folder}/.staging", "packing": f"{folder}/.*.new"}[wait]
    who = f'import json; print(json.load(open("{folder}/.lock"))["pid"])'
    pid = f"ls -d {sign} >/dev/null && python3 -c '{who}'"
    with town.start("mail", "backup", "--host", "mail") as process:
        found = eventually(lambda: town.podman("mail", "sh", "-c", pid, code=None).split()[-1:])
        town.podman("mail", "kill", "-9", found[0])
        assert "A573" in process.stdout.read()
    assert process.returncode == 1
    names = town.podman("mail", "sh", "-c", f"cd {folder}; ls *.tar.gz; sha256sum -c *.sha256")
    assert names.count("OK") == 1
    assert first.rpartition("/")[2] in names
    backed_up(town, "mail")
    left = town.podman("mail", "ls", "-A", folder).split()
    assert sorted(re.sub(r"mail-\w+", "", name) for name in left) == [
        ".lock",
        *[".tar.gz"] * 2,
        *[".tar.gz.sha256"] * 2,
    ]


def test_a_host_that_is_none_is_told(town):
    assert "A575" in town.run("mail", "backup", "--host", "web", code=1).stderr
    done = town.run("mail", "restore-backup", "web", "/x.tar.gz", code=1)
    assert "A575" in done.stderr
