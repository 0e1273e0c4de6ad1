# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail host as a whole: its services run, its configuration is valid, nobody relays."""

import pytest


@pytest.mark.parametrize("name", ["postfix", "dovecot", "rspamd", "redis-server", "clamav-daemon"])
def test_it_runs_and_comes_back_after_a_boot(host, name):
    assert host.service(name).is_running
    assert host.service(name).is_enabled


@pytest.mark.parametrize("command", ["postfix check", "doveconf -n", "rspamadm configtest"])
def test_the_configuration_is_valid(host, command):
    host.check_output(command)


@pytest.mark.parametrize("port", [25, 465, 587, 993, 4190])
def test_its_ports_are_open(host, port):
    assert host.socket(f"tcp://0.0.0.0:{port}").is_listening


def test_nobody_relays_through_it(host):
    talk = r"ehlo x.example\r\nmail from:<a@example.com>\r\nrcpt to:<b@example.org>\r\nquit\r\n"
    said = host.check_output(f"printf '{talk}' | openssl s_client -quiet -connect 127.0.0.1:465")
    assert "554 5.7.1" in said or "Access denied" in said or "not logged in" in said
