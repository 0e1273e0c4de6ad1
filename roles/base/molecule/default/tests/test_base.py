# SPDX-License-Identifier: GPL-3.0-or-later
"""Any machine: keys only, a bounded journal, the locale, and the folders of Bastide."""


def test_ssh_lets_in_by_key_only(host):
    settings = host.check_output("sshd -T")
    assert "passwordauthentication no" in settings
    assert "kbdinteractiveauthentication no" in settings


def test_the_journal_is_bounded(host):
    assert "SystemMaxUse=200M" in host.check_output(
        "systemd-analyze cat-config systemd/journald.conf"
    )


def test_shares_are_for_root_alone(host):
    folder = host.file("/var/lib/bastide/desired")
    assert (folder.is_directory, folder.user, folder.mode & 0o007) == (True, "root", 0)
