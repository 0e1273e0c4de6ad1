# SPDX-License-Identifier: GPL-3.0-or-later
"""The page where people choose a password answers, and gives nothing away."""

PAGE = "curl -sk -o /dev/null -w %{http_code} --resolve machine.example:443:127.0.0.1"


def test_it_listens_and_comes_back_after_a_boot(host):
    for name in ("nginx", "bastide-credentials.socket"):
        assert host.service(name).is_enabled, name


def test_it_serves_nothing_but_links(host):
    assert host.check_output(f"{PAGE} https://machine.example/") == "404"


def test_a_link_that_nobody_made_opens_nothing(host):
    form = "-d password=un-mot-de-passe-neuf -d again=un-mot-de-passe-neuf"
    said = host.check_output(f"{PAGE} {form} https://machine.example/acces/{'a' * 43}")
    assert said[0] == "4", said


def test_the_user_of_the_page_cannot_read_the_directory(host):
    said = host.run("runuser -u bastide-credentials -- cat /var/lib/bastide/mail/directory.db")
    assert said.rc != 0
