# SPDX-License-Identifier: GPL-3.0-or-later
"""The MTA-STS policy is served over HTTPS to the names that have a certificate, and to no other."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from bastide.lab.certificates import ensure_certificates
from bastide.lab.layout import Host, Lab

NAMED, UNNAMED = "mta-sts.essai-sts.example", "mta-sts.sans-certificat.example"
CERTIFICATES = "/etc/bastide/tls/mta-sts"
KEPT = "/etc/nginx/nginx.conf /srv/clients/mta-sts.txt"


def configure(lab):
    """The web host's role with the policy turned on, as platform.yml would."""
    playbook = Path(sys.executable).with_name("ansible-playbook")
    command = [playbook, "playbooks/platform.yml", "--inventory", lab.inventory, "--limit", "web"]
    done = subprocess.run(
        [*command, "--extra-vars", json.dumps({"nginx_mta_sts": "testing"})],
        cwd=lab.root,
        env=os.environ | {"ANSIBLE_INVENTORY_ENABLED": "yaml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture
def policy(lab, machine, tmp_path):
    """The web host with a policy and one certificate; put back at the end."""
    web = machine("web")
    web.check_output(f"mkdir -p /root/kept && cp -a {KEPT} /root/kept/")
    one = Lab(tmp_path, "sts", lab.subnet, (Host("sts", "web", "127.0.0.1", (), (NAMED,)),))
    tls = one.files / "tls"
    tls.mkdir(parents=True)
    for ending in ("pem", "key"):
        shutil.copy(lab.files / "tls" / f"ca.{ending}", tls)
    ensure_certificates(one)
    web.check_output("install -d -o root -g www-data -m 0750 %s", CERTIFICATES)
    for ending in ("pem", "key"):
        text = (tls / f"sts.{ending}").read_text()
        path = f"{CERTIFICATES}/{NAMED}.{ending}"
        web.check_output("printf %s %s > %s", "%s", text, path)
    web.check_output(f"chgrp www-data {CERTIFICATES}/* && chmod 0640 {CERTIFICATES}/*")
    configure(lab)
    yield
    web.check_output("cp -a /root/kept/nginx.conf /etc/nginx/")
    web.check_output("cp -a /root/kept/mta-sts.txt /srv/clients/ && systemctl reload nginx")
    web.check_output("rm -r /root/kept %s", CERTIFICATES)


def fetch(address, trust, name):
    connection = http.client.HTTPSConnection(name, timeout=10)
    with (
        socket.create_connection((address("web"), 443), timeout=10) as raw,
        trust.wrap_socket(raw, server_hostname=name) as connection.sock,
    ):
        connection.request("GET", "/.well-known/mta-sts.txt")
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


def test_the_policy_needs_a_certificate_of_the_name(policy, address, trust, eventually):
    def look():
        try:
            return fetch(address, trust, NAMED)
        except ssl.SSLError:
            return None  # the former workers, for a moment after the reload

    status, kind, text = eventually(look, "the policy")
    assert (status, kind) == (200, "text/plain")
    exchangers = "mx: mail.info46.com\nmx: mail2.info46.com\n"
    assert text == f"version: STSv1\nmode: testing\n{exchangers}max_age: 604800\n"
    with pytest.raises(ssl.SSLError):
        fetch(address, trust, UNNAMED)
