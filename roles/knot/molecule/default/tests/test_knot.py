# SPDX-License-Identifier: GPL-3.0-or-later
"""Knot answers, and refuses what it does not serve."""


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("knot").is_running
    assert host.service("knot").is_enabled


def test_it_listens_and_its_configuration_is_valid(host):
    assert host.socket("udp://0.0.0.0:53").is_listening
    assert host.socket("tcp://0.0.0.0:53").is_listening
    host.check_output("knotc conf-check")
