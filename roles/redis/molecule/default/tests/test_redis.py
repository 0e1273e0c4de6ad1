# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis answers on its socket, and on no port."""

SOCKET = "/run/redis/redis-server.sock"


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("redis-server").is_running
    assert host.service("redis-server").is_enabled


def test_it_answers_on_its_socket(host):
    assert host.check_output(f"redis-cli -s {SOCKET} ping") == "PONG"


def test_it_listens_on_no_port(host):
    assert not host.socket("tcp://127.0.0.1:6379").is_listening
    assert host.check_output(f"redis-cli -s {SOCKET} config get maxmemory").split()[1] != "0"
