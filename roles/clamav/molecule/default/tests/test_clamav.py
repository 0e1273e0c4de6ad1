# SPDX-License-Identifier: GPL-3.0-or-later
"""clamd finds what it was given a signature of, and nothing else."""

# Put together here, so that no scanner takes this file for a virus.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


# clamd's own protocol, as Rspamd speaks it: INSTREAM of clamd(8).
ASK = """
import socket, struct, sys
text = sys.argv[1].encode()
with socket.socket(socket.AF_UNIX) as clamd:
    clamd.connect("/run/clamav/clamd.ctl")
    clamd.sendall(b"zINSTREAM\\0" + struct.pack(">I", len(text)) + text + struct.pack(">I", 0))
    print(clamd.recv(4096).decode().strip("\\0"))
"""


def scan(host, text):
    return host.check_output("python3 -c %s %s", ASK, text)


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("clamav-daemon").is_running
    assert host.service("clamav-daemon").is_enabled


def test_it_finds_the_test_virus(host):
    said = scan(host, EICAR)
    assert "Eicar" in said
    assert said.endswith("FOUND")


def test_it_lets_a_letter_pass(host):
    assert scan(host, "Bonjour") == "stream: OK"
