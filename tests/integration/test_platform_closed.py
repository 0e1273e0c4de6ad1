# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab is closed: nothing that runs in it reaches the world, connected machine or not.

192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 are addresses for documentation (RFC 5737): nobody
is disturbed should this test ever fail.
"""

import errno
import json
import smtplib

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from bastide.lab import read_sink

HOSTS = ["ns", "ns1", "mail", "web", "desk", "sink"]

CONNECT = """
import errno, json, socket, sys, time
found = []
for family, address in json.loads(sys.argv[1]):
    began = time.monotonic()
    with socket.socket(getattr(socket, family), socket.SOCK_STREAM) as s:
        s.settimeout(10)
        try:
            s.connect((address, 80))
            code = 0
        except TimeoutError:
            code = errno.ETIMEDOUT
        except OSError as error:
            code = error.errno
    found.append(code)
print(json.dumps(found))
"""


@pytest.mark.parametrize("name", HOSTS)
def test_no_route_leads_out(machine, name):
    routes = machine(name).check_output("ip -4 route show; ip -6 route show").splitlines()
    assert not [line for line in routes if line.startswith("default") or " via " in line]


@pytest.mark.parametrize("name", HOSTS)
def test_a_connection_to_the_world_fails_at_once_as_unreachable(machine, name):
    world = [("AF_INET", "192.0.2.1"), ("AF_INET", "198.51.100.1"), ("AF_INET6", "2001:db8::1")]
    tried = machine(name).run("python3 -c %s %s", CONNECT, json.dumps(world))
    assert json.loads(tried.stdout) == [errno.ENETUNREACH] * len(world), tried.stderr


@pytest.mark.parametrize("name", HOSTS)
def test_a_name_of_the_world_has_no_answer(machine, name):
    found = machine(name).run(
        "python3 -c %s", "import socket; print(socket.getaddrinfo('example.com', 80))"
    )
    assert found.rc != 0
    assert "gaierror" in found.stderr


@pytest.mark.parametrize("name", HOSTS)
def test_the_only_resolver_is_the_labs_own(machine, address, name):
    lines = machine(name).file("/etc/resolv.conf").content_string.splitlines()
    assert [line for line in lines if line.startswith("nameserver")] == [
        f"nameserver {address('sink')}"
    ]


@pytest.mark.parametrize("name", [".", "com.", "example.com.", "deb.debian.org."])
def test_the_resolver_answers_nothing_but_the_fleet(address, name):
    answer = dns.query.udp(dns.message.make_query(name, "NS"), address("sink"), timeout=10)
    assert answer.rcode() != dns.rcode.NOERROR or not (answer.answer or answer.authority)


def test_mail_for_the_world_ends_in_the_sink(lab, machine, eventually):
    token = machine("mail").check_output("cat /proc/sys/kernel/random/uuid").strip()
    sent = machine("mail").run(
        "printf 'From: root@mail.invalid\\nSubject: %s\\n\\nout\\n' | sendmail someone@example.com",
        token,
    )
    assert sent.rc == 0, sent.stderr

    def arrived():
        caught = read_sink(lab.root, "someone@example.com")
        return [one for one in caught if one.message["Subject"] == token]

    eventually(arrived, "the message")


def test_the_sink_passes_nothing_on(machine, address):
    assert "default_transport = error" in machine("sink").check_output("postconf default_transport")
    with smtplib.SMTP(address("sink"), 25, timeout=10) as smtp:
        smtp.ehlo("test.invalid")
        assert smtp.mail("a@example.com")[0] == 250
        assert smtp.rcpt("anyone@any.domain.example")[0] == 250
