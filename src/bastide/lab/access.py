# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH into the lab, as into production: a key pair, and host keys that are known beforehand.

Under .bastide/lab/ssh: `key` and `key.pub`, `known_hosts`.  Host keys are made in each container at
its first start and collected through podman, so that the first connection is already checked.
"""

from __future__ import annotations

import threading
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from bastide.lab.files import write_private
from bastide.lab.layout import Host, Lab
from bastide.lab.podman import Podman

_known_hosts_lock = threading.Lock()

# Reads our public key and lets it in, beside others; tells the public half of the host key, which
# ssh.service made when it first started (see image.py).
_ENROL = """
set -e
umask 077
read -r key
mkdir -p /root/.ssh
grep -qsxF "$key" /root/.ssh/authorized_keys || echo "$key" >> /root/.ssh/authorized_keys
cat /etc/ssh/ssh_host_ed25519_key.pub
"""


def ensure_key(lab: Lab) -> str:
    """Return the public key of the control node, made now if need be."""
    path = lab.files / "ssh" / "key"
    try:
        key = serialization.load_ssh_private_key(path.read_bytes(), None)
    except (OSError, ValueError):
        key = ed25519.Ed25519PrivateKey.generate()
        write_private(
            path,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ),
        )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    line = public.decode() + " bastide-lab\n"
    write_private(path.with_name("key.pub"), line)
    return line


def enrol(podman: Podman, lab: Lab, host: Host, container: str) -> None:
    """Let the control node's key into `container`, and know it as `host` from now on."""
    public = ensure_key(lab)
    host_key = podman.run("exec", "-i", container, "sh", "-c", _ENROL, feed=public)
    with _known_hosts_lock:
        _remember(lab.files / "ssh" / "known_hosts", host.address, host_key)


def is_known(lab: Lab, host: Host) -> bool:
    """Whether the host key of `host` has been collected."""
    path = lab.files / "ssh" / "known_hosts"
    return path.exists() and any(
        line.split()[:1] == [host.address] for line in path.read_text(encoding="ascii").splitlines()
    )


def _remember(path: Path, address: str, host_key: str) -> None:
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    kept = [line for line in lines if line.split()[:1] != [address]]
    kind, key = host_key.split()[:2]
    write_private(path, "\n".join(sorted([*kept, f"{address} {kind} {key}"])) + "\n")
