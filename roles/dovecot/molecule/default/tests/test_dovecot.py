# SPDX-License-Identifier: GPL-3.0-or-later
"""Dovecot serves IMAP over TLS alone, and knows nobody who is not in the directory."""

import pytest


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("dovecot").is_running
    assert host.service("dovecot").is_enabled


def test_its_configuration_is_valid(host):
    host.check_output("doveconf -n")


@pytest.mark.parametrize(("port", "open_"), [(993, True), (4190, True), (143, False), (110, False)])
def test_its_ports(host, port, open_):
    assert host.socket(f"tcp://0.0.0.0:{port}").is_listening is open_


def test_nobody_unknown_gets_in(host):
    assert host.run("doveadm auth test personne@example.org essai").rc != 0


def test_the_directory_is_closed_to_others(host):
    assert host.file("/var/lib/bastide/mail/directory.db").mode & 0o007 == 0
