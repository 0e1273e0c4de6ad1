# SPDX-License-Identifier: GPL-3.0-or-later
"""unbound answers this machine, and only those it is told to."""


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("unbound").is_running
    assert host.service("unbound").is_enabled


def test_its_configuration_is_valid(host):
    host.check_output("unbound-checkconf")


def test_it_listens(host):
    assert (
        host.socket("udp://127.0.0.1:53").is_listening
        or host.socket("udp://0.0.0.0:53").is_listening
    )
