# SPDX-License-Identifier: GPL-3.0-or-later
"""What every host has, and that platform.yml leaves a configured host alone."""

import re
import subprocess

import pytest

HOSTS = ["ns", "ns1", "mail", "web", "desk", "sink"]


@pytest.mark.parametrize("name", HOSTS)
def test_systemd_started_everything(machine, name):
    state = machine(name).run("systemctl is-system-running --wait")
    assert state.stdout.strip() == "running", machine(name).run("systemctl --failed").stdout


@pytest.mark.parametrize("name", HOSTS)
def test_ssh_lets_in_by_key_only(machine, name):
    settings = machine(name).check_output("sshd -T").splitlines()
    assert "passwordauthentication no" in settings
    assert "kbdinteractiveauthentication no" in settings
    assert "permitrootlogin without-password" in settings


def test_ssh_refuses_a_host_whose_key_is_not_the_collected_one(lab, address, tmp_path):
    known = (lab.files / "ssh" / "known_hosts").read_text().splitlines()
    of_mail = next(line for line in known if line.startswith(address("mail") + " "))
    forged = tmp_path / "known_hosts"
    forged.write_text(of_mail.replace(address("mail"), address("web")) + "\n")

    def connect(known_hosts):
        return subprocess.run(
            [
                *("ssh", "-F", "none", "-o", f"UserKnownHostsFile={known_hosts}"),
                *("-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"),
                *("-i", lab.files / "ssh" / "key", f"root@{address('web')}", "true"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )

    assert connect(lab.files / "ssh" / "known_hosts").returncode == 0
    refused = connect(forged)
    assert refused.returncode != 0
    assert "Host key verification failed" in refused.stderr


def test_host_keys_are_of_each_container_alone(machine):
    keys = {
        machine(name).file("/etc/ssh/ssh_host_ed25519_key.pub").content_string for name in HOSTS
    }
    assert len(keys) == len(HOSTS)


@pytest.mark.parametrize("name", HOSTS)
def test_directories_of_bastide_are_closed_to_others(machine, name):
    assert machine(name).file("/var/lib/bastide").mode == 0o751
    assert machine(name).file("/var/lib/bastide/desired").mode == 0o750


@pytest.mark.parametrize("name", HOSTS)
def test_a_second_run_of_the_platform_changes_nothing(second_run, name):
    recap = second_run(name)
    assert re.search(rf"^{name} .*changed=0 .*failed=0 ", recap, re.MULTILINE), recap
