# SPDX-License-Identifier: GPL-3.0-or-later
"""The webmail shows its login page, bears the operator's name, and hides the rest."""

ASK = (
    "import ssl, http.client, sys; c = ssl._create_unverified_context();"
    "h = http.client.HTTPSConnection('127.0.0.1', context=c);"
    "h.request('GET', sys.argv[1], headers={'Host': 'webmail.example'}); a = h.getresponse();"
    "print(a.status); print(a.read().decode())"
)


def ask(host, path):
    status, _, text = host.check_output("python3 -c %s %s", ASK, path).partition("\n")
    return int(status), text


def test_its_services_run_and_come_back_after_a_boot(host):
    for name in ("nginx", "php8.2-fpm"):
        assert host.service(name).is_running
        assert host.service(name).is_enabled


def test_the_login_page_bears_the_operators_name(host):
    status, text = ask(host, "/")
    assert status == 200
    assert "L'essai" in text or "L&#039;essai" in text
    assert "Mot de passe" in text


def test_settings_are_closed(host):
    assert ask(host, "/config/config.inc.php")[0] == 404
    key = host.file("/etc/roundcube/des.key")
    assert (key.user, key.group, key.mode) == ("root", "www-data", 0o640)
