# SPDX-License-Identifier: GPL-3.0-or-later
"""The groupware answers under its name, and its stores are nobody else's."""

ASK = (
    "import ssl, http.client, sys; c = ssl._create_unverified_context();"
    "h = http.client.HTTPSConnection('127.0.0.1', context=c);"
    "h.request(sys.argv[1], sys.argv[2], headers={'Host': 'agenda.example'}); a = h.getresponse();"
    "print(a.status, a.headers.get('Location')); print(a.read().decode())"
)


def ask(host, path, method="GET"):
    head, _, text = host.check_output("python3 -c %s %s %s", ASK, method, path).partition("\n")
    status, _, location = head.partition(" ")
    return int(status), location, text


def test_its_services_run_and_come_back_after_a_boot(host):
    for name in ("mariadb", "memcached", "nginx", "sogo"):
        assert host.service(name).is_running
        assert host.service(name).is_enabled


def test_the_login_page_bears_the_operators_name(host):
    status, _, text = ask(host, "/SOGo/")
    assert (status, "essai" in text) == (200, True)


def test_programs_find_calendars_and_address_books_and_nothing_without_a_login(host):
    for name in ("caldav", "carddav"):
        found = ask(host, f"/.well-known/{name}")[:2]
        assert found == (301, "https://agenda.example/SOGo/dav/")
    assert ask(host, "/SOGo/dav/", "PROPFIND")[0] == 401


def test_database_and_cache_listen_on_no_port(host):
    listening = host.check_output("ss -Hltn").splitlines()
    assert not [line for line in listening if ":3306" in line or ":11211" in line]
    assert host.file("/run/memcached/memcached.sock").mode == 0o660


def test_sogo_reads_its_users_and_cannot_change_them(host):
    as_sogo = "runuser -u sogo -- mariadb -N -B -e %s"
    table = "bastide_groupware.bastide_users"
    assert host.check_output(as_sogo, f"SELECT count(*) FROM {table}") == "0"
    assert host.run(as_sogo, f"DELETE FROM {table}").rc != 0
    assert host.run(as_sogo, "DROP TRIGGER sogo.within_one_collectivity").rc != 0
