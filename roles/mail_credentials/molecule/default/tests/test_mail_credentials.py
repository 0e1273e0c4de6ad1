# SPDX-License-Identifier: GPL-3.0-or-later
"""The page where people choose a password answers, and gives nothing away."""

# The status of a path, asked for on the machine itself; with a form when one is given.
ASK = """
import http.client, ssl, sys
path, form = sys.argv[1], sys.argv[2] or None
page = http.client.HTTPSConnection("127.0.0.1", context=ssl._create_unverified_context())
kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
page.request("POST" if form else "GET", path, form, {"Host": "machine.example", **kind})
print(page.getresponse().status)
"""


def status(host, path, form=""):
    return int(host.check_output("python3 -c %s %s %s", ASK, path, form))


def test_it_listens_and_comes_back_after_a_boot(host):
    for name in ("nginx", "bastide-credentials.socket"):
        assert host.service(name).is_enabled, name


def test_it_serves_nothing_but_links(host):
    assert status(host, "/") == 404


def test_a_link_that_nobody_made_opens_nothing(host):
    form = "password=un-mot-de-passe-neuf&again=un-mot-de-passe-neuf"
    assert 400 <= status(host, f"/acces/{'a' * 43}", form) < 500


def test_the_user_of_the_page_cannot_read_the_directory(host):
    said = host.run("runuser -u bastide-credentials -- cat /var/lib/bastide/mail/directory.db")
    assert said.rc != 0
