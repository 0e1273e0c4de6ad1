# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders are rewritten on the way out, and back on the way in."""

import re


def ask(host, port, address):
    return host.check_output(f"printf 'get {address}\\n' | timeout 5 nc -q 1 127.0.0.1 {port}")


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("postsrsd").is_running
    assert host.service("postsrsd").is_enabled


def test_a_rewritten_sender_leads_back(host):
    host.run("apt-get -qq install netcat-openbsd")
    said = ask(host, 10001, "maire@example.org")
    rewritten = re.fullmatch(r"200 (SRS0=\S+@srs\.example)", said.strip())
    assert rewritten, said
    assert ask(host, 10002, rewritten[1]).strip() == "200 maire@example.org"
