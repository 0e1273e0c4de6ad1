# SPDX-License-Identifier: GPL-3.0-or-later
"""clamd finds what it was given a signature of, and nothing else."""

SOCKET = "/run/clamav/clamd.ctl"
# Put together here, so that no scanner takes this file for a virus.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def scan(host, text):
    said = host.run("printf %s %s | clamdscan --stream --no-summary -", "%s", text)
    return said.rc, said.stdout


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("clamav-daemon").is_running
    assert host.service("clamav-daemon").is_enabled


def test_it_finds_the_test_virus(host):
    code, said = scan(host, EICAR)
    assert (code, "Eicar" in said) == (1, True)


def test_it_lets_a_letter_pass(host):
    assert scan(host, "Bonjour")[0] == 0
