# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is sent to it ends in one Maildir."""


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("postfix").is_running
    assert host.service("postfix").is_enabled


def test_mail_to_anybody_is_kept(host):
    smtp = (
        "import smtplib; s = smtplib.SMTP('127.0.0.1');"
        "s.sendmail('a@example.com', ['b@example.org'], 'Subject: essai-du-puits\\r\\n\\r\\n.')"
    )
    host.check_output("python3 -c %s", smtp)
    host.check_output(
        "timeout 10 sh -c 'until grep -rqs essai-du-puits /srv/sink; do sleep 0.2; done'"
    )
