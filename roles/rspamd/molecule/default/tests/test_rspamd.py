# SPDX-License-Identifier: GPL-3.0-or-later
"""Rspamd judges: a virus is refused, spam is refused, a letter passes."""

import json

import pytest

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("rspamd").is_running
    assert host.service("rspamd").is_enabled


def test_its_configuration_is_valid(host):
    host.check_output("rspamadm configtest")


@pytest.mark.parametrize(
    ("text", "action"), [(EICAR, "reject"), (GTUBE, "reject"), ("Bonjour", None)]
)
def test_it_judges(host, text, action):
    letter = f"From: a@example.com\r\nTo: b@example.org\r\nSubject: x\r\n\r\n{text}\r\n"
    said = host.check_output("printf %s %s | rspamc --json symbols", "%s", letter)
    found = json.loads(said[said.index("{") :])["action"]
    assert found == action if action else found != "reject"
