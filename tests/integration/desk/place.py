# SPDX-License-Identifier: GPL-3.0-or-later
"""The host behind the desk: PostgreSQL and clamd of Debian 12, in a container of their own.

The image is built once, from Debian's packages, on the base of the tests of modules, and kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time

from bastide.lab.image import base_image
from integration.debian import base, installing

# Two checkouts test beside each other when each has a number of its own.
NUMBER = int(os.environ.get("BASTIDE_DESK", "50"))
NAME, NETWORK = f"bastide-desk-db-{NUMBER}", f"bastide-desk-{NUMBER}"
SUBNET, ADDRESS = f"10.{NUMBER}.0.0/24", f"10.{NUMBER}.0.10"
PACKAGES = ("postgresql", "clamav-daemon", "openssl")
OWNER, APP, PASSWORD = "guichet_owner", "guichet_app", "desk-of-tests"
EICAR = "44d88612fea8a8f36de82e1278abb02f:68:Bastide.Test.EICAR"
# Found anywhere in a file, for a virus that a picture carries.
MARK = f"Bastide.Test.Mark:0:*:{b'VIRUS-OF-THE-TESTS'.hex()}"

SETUP = f"""
cat > /etc/clamav/clamd.conf <<'X'
TCPSocket 3310
TCPAddr 0.0.0.0
User clamav
Foreground true
LogSyslog true
DatabaseDirectory /var/lib/clamav
StreamMaxLength 12M
X
systemctl disable --now clamav-freshclam || true
echo '{EICAR}' > /var/lib/clamav/bastide.hdb
echo '{MARK}' > /var/lib/clamav/bastide.ndb
mkdir -p /etc/systemd/system/clamav-daemon.service.d
cat > /etc/systemd/system/clamav-daemon.service.d/bastide.conf <<'X'
[Unit]
ConditionPathExistsGlob=
ConditionPathExistsGlob=/var/lib/clamav/*.hdb
X
systemctl disable clamav-daemon.socket || true
systemctl enable clamav-daemon postgresql
echo "listen_addresses = '*'" > /etc/postgresql/15/main/conf.d/desk.conf
echo "fsync = off" >> /etc/postgresql/15/main/conf.d/desk.conf
echo "host all all 10.0.0.0/8 scram-sha-256" >> /etc/postgresql/15/main/pg_hba.conf
"""
# As the role makes them: an owner that migrates, an application that owns nothing.
ROLES = f"""
CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS;
CREATE ROLE {APP} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS;
CREATE DATABASE guichet OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
"""


def podman(*argv, text=None, check=True):
    """Run podman; with runc where there is one, since crun refuses hybrid cgroups."""
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    done = subprocess.run(
        ["podman", *runtime, *argv], input=text, capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        raise AssertionError(f"podman {argv}: {done.stderr}{done.stdout}")
    return done


def _exists(kind, name):
    return podman(kind, "exists", name, check=False).returncode == 0


def image():
    """Its tag is what it is made of: another recipe is another image."""
    made_of = "\n".join([base_image(), *PACKAGES, SETUP])
    return f"localhost/bastide-desk-db:{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


def _boot(of, *options):
    if not _exists("network", NETWORK):
        podman("network", "create", NETWORK, "--subnet", SUBNET)
    for _ in range(2):  # the first only finds out that it was killed together with its monitor
        podman("rm", "-f", "-t", "0", NAME, check=False)
    limits = ["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768"]
    where = ["--network", NETWORK, "--ip", ADDRESS]
    podman(
        "run", "-d", "--name", NAME, "--systemd=always", *limits, *where, *options, of, "/sbin/init"
    )
    wait(lambda: _state() in ("running", "degraded"), f"{NAME} to boot")


def _state():
    return podman("exec", NAME, "systemctl", "is-system-running", check=False).stdout.strip()


def wait(look, what, seconds=120):
    """The first true result of look()."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)  # between two looks
    raise AssertionError(f"waited in vain for {what}")


def build():
    """Make the image when it is not there."""
    if _exists("image", image()):
        return
    _boot(base())
    podman("exec", "-i", NAME, "sh", text=installing(PACKAGES) + SETUP)
    podman("exec", NAME, "systemctl", "poweroff", check=False)
    podman("wait", NAME)
    podman("commit", NAME, image())
    podman("rm", "-f", NAME)


def start(*options):
    """A freshly booted host with an empty database; `options` are podman's."""
    build()
    _boot(image(), *options)
    wait(lambda: sql("SELECT 1", check=False).returncode == 0, "PostgreSQL")
    for line in ROLES.strip().splitlines():
        sql(line)
    wait(
        lambda: (
            podman("exec", NAME, "bash", "-c", "</dev/tcp/127.0.0.1/3310", check=False).returncode
            == 0
        ),
        "clamd",
    )


def stop():
    """Remove the container and its network."""
    podman("rm", "-f", "-t", "0", NAME, check=False)
    podman("network", "rm", NETWORK, check=False)


def sql(statement, *, check=True, database="postgres"):
    """A statement as the superuser of the container, whom nothing of the desk ever is."""
    argv = ["exec", "-i", "-u", "postgres", NAME, "psql", "-qAtX", "-v", "ON_ERROR_STOP=1"]
    return podman(*argv, database, text=statement, check=check)


def settings(folder, **other):
    """Write the configuration of a desk over this host; its path."""
    file = folder / "guichet.json"
    facts = {
        "secret_key": "x" * 50,
        "link_key": "k" * 50,
        "database": {"name": "guichet", "host": ADDRESS, "user": APP, "password": PASSWORD},
        "owner": {"user": OWNER, "password": PASSWORD},
        "clamd": f"tcp:{ADDRESS}:3310",
        "mail": {"host": "127.0.0.1", "port": 1},
        "trusted_proxies": ["127.0.0.1"],
        **other,
    }
    file.write_text(json.dumps(facts), encoding="utf-8")
    return file
