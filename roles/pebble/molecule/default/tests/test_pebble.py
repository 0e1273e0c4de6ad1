# SPDX-License-Identifier: GPL-3.0-or-later
"""Pebble answers as an ACME authority (RFC 8555 §7.1.1), and its roots are kept."""

import json


def test_it_answers_with_its_directory(host):
    answer = host.check_output("curl -sk https://127.0.0.1:14000/dir")
    assert {"newNonce", "newAccount", "newOrder"} <= json.loads(answer).keys()


def test_the_roots_of_a_former_start_are_kept(host):
    host.check_output("systemctl restart pebble")
    roots = host.file("/var/lib/pebble/roots.pem").content_string
    assert roots.count("BEGIN CERTIFICATE") >= 2
