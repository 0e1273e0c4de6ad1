# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx answers for every name, with what its maps know."""

ASK = (
    "import ssl, http.client; c = ssl._create_unverified_context();"
    "h = http.client.HTTPSConnection('127.0.0.1', context=c);"
    "h.request('GET', '/', headers={'Host': 'inconnu.example'}); a = h.getresponse();"
    "print(a.status); print(a.read().decode())"
)


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("nginx").is_running
    assert host.service("nginx").is_enabled


def test_an_unknown_name_gets_the_neutral_page(host):
    status, _, text = host.check_output("python3 -c %s", ASK).partition("\n")
    assert status == "404"
    assert "Page introuvable" in text
