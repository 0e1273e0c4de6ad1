# SPDX-License-Identifier: GPL-3.0-or-later
"""nginx answers for every name, with what its maps know."""


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("nginx").is_running
    assert host.service("nginx").is_enabled


def test_an_unknown_name_gets_the_neutral_page(host):
    answer = host.check_output("curl -ski https://127.0.0.1/ -H 'Host: inconnu.example'")
    assert " 404" in answer.splitlines()[0]
    assert "Page introuvable" in answer
