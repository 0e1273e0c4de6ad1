# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: a base made of Debian's packages, and on it one image per host.

No registry is asked: the base is built by mmdebstrap from its built-in Debian default.  A host's
image is the base on which playbooks/platform.yml ran, over SSH, on a network with a way out; it is
then committed under the digest of all that it was made from, and every later start is offline.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from bastide.diagnostics import RunFailed, diagnose
from bastide.lab.access import enrol
from bastide.lab.digest import applied_digest
from bastide.lab.kinds import COMMAND_FAILED
from bastide.lab.layout import Host, Lab
from bastide.lab.network import reach_closed
from bastide.lab.playbook import run_platform
from bastide.lab.podman import DIGEST, Podman
from bastide.lab.readiness import power_off, wait_booted

Report = Callable[[str], None]

BUILD_LABEL = "bastide.lab.build"
"""On containers that exist only while an image is built."""

# Of the base alone: the lab's own lock is held until all its hosts are up.
_LOCK = Path("/run/lock/bastide-base.lock")
_SUITE = "bookworm"
_PACKAGES = (
    "ca-certificates,dbus,iproute2,openssh-server,openssl,python3,python3-apt,sqlite3,"
    "systemd,systemd-sysv"
)

# Each container makes its own host key when SSH first starts; ed25519 alone, which takes no time.
_HOST_KEY_UNIT = """[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c "test -s /etc/ssh/ssh_host_ed25519_key.pub \
|| ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key"
ExecStartPre=/usr/sbin/sshd -t
"""

# Timers of apt would look for mirrors that a closed network cannot reach, and hold its lock. With
# the first version of cgroups, systemd in a container is not told that a service's last process is
# gone and waits for its time to run out: hence the short time.
_CUSTOMIZE = f"""set -e
cd "$1"
rm -f etc/ssh/ssh_host_*
mkdir -p etc/systemd/system/ssh.service.d
cat > etc/systemd/system/ssh.service.d/host-key.conf <<'END'
{_HOST_KEY_UNIT}END
for timer in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim; do
    ln -sf /dev/null etc/systemd/system/$timer.timer
done
printf '127.0.0.1 localhost\\n::1 localhost\\n' > etc/hosts
mkdir -p etc/systemd/system.conf.d
printf '[Manager]\\nDefaultTimeoutStopSec=5s\\n' > etc/systemd/system.conf.d/lab.conf
: > etc/machine-id
"""

# The lists of packages stay: a host built today need not fetch them again. force-unsafe-io because
# an image that is cut short is built anew.
_MMDEBSTRAP = (
    "mmdebstrap",
    "--quiet",
    "--variant=minbase",
    "--skip=cleanup/apt/lists",
    f"--include={_PACKAGES}",
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    f"--customize-hook={_CUSTOMIZE}",
    _SUITE,
    "-",
)

# What must not be shared by all that start from the image, and what is only weight.
_FORGET = """
apt-get clean
rm -rf /etc/ssh/ssh_host_* /root/.ssh /root/.ansible /var/log/journal/* /var/lib/apt/lists/* \
    /var/cache/apt/*.bin
: > /etc/machine-id
"""


def base_digest() -> str:
    """Digest of the recipe of the base image."""
    return hashlib.sha256("\0".join(_MMDEBSTRAP).encode()).hexdigest()[:16]


def base_image() -> str:
    """Name of the base image."""
    return f"localhost/bastide-base:{base_digest()}"


def host_image(host: Host, digest: str) -> str:
    """Name of the image of `host` for an image digest; the same for every lab of this machine."""
    return f"localhost/bastide-{host.name}:{digest}"


def ensure_base(podman: Podman, report: Report) -> None:
    """Build the base image unless it is there; who comes while it is built waits for it."""
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if podman.attempt("image", "exists", base_image()).returncode != 0:
            report("base image: building from Debian packages")
            _build_base(podman)


def _build_base(podman: Podman) -> None:
    with subprocess.Popen(
        _MMDEBSTRAP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as debian:
        imported = subprocess.run(
            [
                "podman",
                "import",
                "--change",
                'CMD ["/sbin/init"]',
                "-",
                "localhost/bastide-base:new",
            ],
            env=podman.environment,
            stdin=debian.stdout,
            capture_output=True,
            check=False,
        )
        said = debian.stderr.read() if debian.stderr else b""
    for command, code, text in (
        ("mmdebstrap", debian.returncode, said),
        ("podman import", imported.returncode, imported.stderr),
    ):
        if code != 0:
            lines = text.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
            raise RunFailed(diagnose(COMMAND_FAILED, "", command=command, error=lines[-1]))
    # Named only now: an import cut short leaves no base image that looks whole.
    podman.run("tag", "localhost/bastide-base:new", base_image())
    podman.run("untag", "localhost/bastide-base:new", "localhost/bastide-base:new")
    _forget_older(podman, base_image())


def build_host(podman: Podman, lab: Lab, host: Host, image: str, report: Report) -> None:
    """Build `image` of `host`: base, platform.yml, commit.

    The building container has the host's own address on the lab's network, so that the inventory is
    true for it, and the network with a way out beside.
    """
    container = f"{lab.name}-build-{host.name}"
    with _build_container(podman, lab, host, container):
        reach_closed(podman, lab)
        wait_booted(podman, host, container)
        enrol(podman, lab, host, container)
        report(f"{host.name}: installing")
        run_platform(lab, host, online=True)
        podman.run("exec", container, "sh", "-ec", _FORGET)
        power_off(podman, container)
        report(f"{host.name}: keeping the image")
        applied = applied_digest(lab, host, image.rsplit(":", 1)[1])
        change = f"LABEL {DIGEST}={applied}"
        podman.run("commit", "--quiet", "--change", change, container, image)
    _forget_older(podman, image)


@contextlib.contextmanager
def _build_container(podman: Podman, lab: Lab, host: Host, container: str) -> Iterator[None]:
    podman.labelled(BUILD_LABEL, lab)  # one that was killed cannot be replaced before it is seen
    podman.run(
        *("run", "--detach", "--replace", "--name", container, "--hostname", host.name),
        *("--systemd", "always", "--no-hosts", "--label", f"{BUILD_LABEL}={lab.name}"),
        *("--network", f"{lab.network}:ip={host.address},mac={host.mac}"),
        *("--network", lab.build_network),
        *(base_image(), "/sbin/init"),
    )
    try:
        yield
    finally:
        podman.attempt("rm", "--force", "--time", "0", container)


def _forget_older(podman: Podman, image: str) -> None:
    """Remove images of the same name under other digests, unless a container still uses them."""
    name = image.rsplit(":", 1)[0]
    for other in podman.run("images", "--format", "{{.Repository}}:{{.Tag}}", name).split():
        if other != image:
            podman.attempt("rmi", other)
