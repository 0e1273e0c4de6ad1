# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk answers through nginx, keeps its secrets, and its timers and its guide are there."""

import json


def test_one_release_runs_and_comes_back_after_a_boot(host):
    release = host.check_output("basename $(readlink /opt/guichet/current)")
    assert host.service(f"guichet@{release}").is_running
    assert host.service(f"guichet@{release}").is_enabled
    assert host.file("/opt/guichet/current.sock").linked_to == f"/run/guichet/{release}.sock"


def test_nginx_asks_it_and_a_host_of_nobody_is_none(host):
    ask = "import http.client as h, ssl; c = h.HTTPSConnection('127.0.0.1', "
    ask += "context=ssl._create_unverified_context()); c.request('GET', '/'); "
    ask += "print(c.getresponse().status)"
    assert host.check_output(f'python3 -c "{ask}"') == "404"


def test_keys_are_for_the_desk_alone(host):
    file = host.file("/etc/guichet/guichet.json")
    assert (file.user, file.group, file.mode) == ("root", "guichet", 0o640)
    facts = json.loads(file.content_string)
    assert min(len(facts["secret_key"]), len(facts["link_key"])) >= 32
    assert not set(json.loads(host.file("/etc/guichet/settings.json").content_string)) & {
        "secret_key",
        "link_key",
    }


def test_the_database_listens_to_this_host_alone_and_knows_who_asks_by_the_account(host):
    assert not host.socket("tcp://0.0.0.0:5432").is_listening
    assert not host.socket("tcp://127.0.0.1:5432").is_listening
    for account, role, let_in in (
        ("guichet", "guichet_app", True),
        ("guichet-owner", "guichet_owner", True),
        ("guichet", "guichet_owner", False),
        ("comarquage", "guichet_app", False),
        ("nobody", "guichet_app", False),
    ):
        asked = host.run(f"runuser -u {account} -- psql -U {role} -d guichet -Atc 'SELECT 1'")
        assert asked.succeeded is let_in, (account, role)


def test_timers_wait(host):
    for name in (
        "guichet-mail",
        "guichet-retention",
        "guichet-backup",
        "comarquage-refresh",
        "comarquage-status",
        "comarquage-links",
    ):
        assert host.service(f"{name}.timer").is_running
        assert host.service(f"{name}.timer").is_enabled


def test_the_guide_is_there_and_fresh(host):
    host.check_output("systemctl start comarquage@status.service")
    assert host.file("/var/lib/comarquage/current").is_symlink
    assert host.file("/var/lib/comarquage").user == "comarquage"
    assert host.file("/var/lib/comarquage").mode == 0o750


def test_a_backup_is_made_and_is_for_root_alone(host):
    host.check_output("systemctl start guichet-backup.service")
    [name] = host.check_output("ls /var/lib/bastide/backups").split()
    archive = host.file(f"/var/lib/bastide/backups/{name}")
    assert (archive.user, archive.mode) == ("root", 0o600)
