# SPDX-License-Identifier: GPL-3.0-or-later
"""up, down, destroy: from whatever is there to a running lab, and back.

Every step looks at what is before it acts, so that a run that was cut short, anywhere, is taken up
by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bastide.diagnostics import Diagnostic, RunFailed
from bastide.lab.access import enrol, ensure_key, is_known
from bastide.lab.applied import Applied
from bastide.lab.certificates import ensure_certificates, keep_roots
from bastide.lab.digest import applied_digest, image_digest
from bastide.lab.image import (
    BUILD_LABEL,
    Report,
    base_digest,
    build_host,
    ensure_base,
    host_image,
)
from bastide.lab.layout import Host, Lab, read_layout
from bastide.lab.machine import check_machine
from bastide.lab.network import ensure_closed, reach_closed, remove_networks, way_out
from bastide.lab.playbook import run_platform
from bastide.lab.podman import DIGEST, LABEL, Podman
from bastide.lab.readiness import power_off, silent_ports, wait_booted, wait_ports

_Item = TypeVar("_Item")

# One for all labs of the machine: they share images.
_LOCK = Path("/run/lock/bastide-lab.lock")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A host and the configuration it must have; its image is that of `source`."""

    host: Host
    source: Host
    container: str
    image: str
    digest: str


def up(root: Path, report: Report) -> None:
    """Bring the lab of `root` up: every host runs, is configured, and answers on its ports.

    `report` is told one line per step. Quick when all is up; mail and zones of a stopped lab are
    still there.

    Raises:
        RunFailed: the machine lacks something, or a host did not come up; the others did (L6xx).
    """
    check_machine()
    lab = read_layout(root)
    with _alone(report), contextlib.ExitStack() as stack:
        podman = Podman(lab)
        ensure_key(lab)
        ensure_certificates(lab)
        ensure_closed(podman, lab)
        run = _Run(podman, lab, podman.containers(lab), Applied(lab), report)
        run.applied.keep_only({one["Id"] for one in run.containers.values()})
        wanted = [_wanted(lab, host) for host in lab.hosts]
        missing = [one for one in wanted if one.container not in run.containers]
        if any(podman.image_label(one.image, DIGEST) is None for one in missing):
            ensure_base(podman, report)
            stack.enter_context(way_out(podman, lab))
        _each(run.bring, wanted)
        authority = next(host for host in lab.hosts if host.group == "closed")
        # It counts as started when its root is there.
        show = "systemctl start pebble && cat /var/lib/pebble/roots.pem"
        roots = podman.run("exec", lab.container(authority), "sh", "-ec", show)
        keep_roots(lab, roots)
        report(f"the lab is up: {', '.join(f'{h.name} {h.address}' for h in lab.hosts)}")


def down(root: Path, report: Report) -> None:
    """Shut the lab down; its data stays, and `up` brings it back."""
    check_machine()
    lab = read_layout(root)
    with _alone(report):
        podman = Podman(lab)
        running = [n for n, one in podman.containers(lab).items() if one["State"] == "running"]

        def stop(container: str) -> None:
            power_off(podman, container)
            report(f"{container}: stopped")

        _each(stop, running)


def destroy(root: Path, report: Report) -> None:
    """Remove the lab's containers with all their data, and its networks; images are kept."""
    down(root, report)
    lab = read_layout(root)
    with _alone(report):
        podman = Podman(lab)
        built = [one["Id"] for one in podman.labelled(BUILD_LABEL, lab)]
        for container in [*podman.containers(lab), *built]:
            podman.run("rm", "--force", "--volumes", "--time", "0", container)
        remove_networks(podman, lab)
        Applied(lab).keep_only(set())
        report("the lab is gone; its images are kept")


def _wanted(lab: Lab, host: Host) -> _Wanted:
    source = next(one for one in lab.hosts if one.name == (host.image_of or host.name))
    image = image_digest(lab, source, base_digest())
    return _Wanted(
        host=host,
        source=source,
        container=lab.container(host),
        image=host_image(source, image),
        digest=applied_digest(lab, host, image),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of `up`: what it works with, and `containers` as they were when it began."""

    podman: Podman
    lab: Lab
    containers: dict[str, dict[str, Any]]
    applied: Applied
    report: Report
    # Several hosts may start from one image, which the first of them builds.
    _built: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    # Hosts that are ready, or will not be in this run.
    _over: dict[str, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))

    def bring(self, one: _Wanted) -> None:
        """Bring one host up from whatever is there."""
        try:
            if one.container in self.containers:
                self._revive(one, self.containers[one.container])
            else:
                self._create(one)
            wait_ports(one.host, one.container)
        finally:
            self._over[one.host.name].set()
        self.report(f"{one.host.name}: ready at {one.host.address}")

    def _create(self, one: _Wanted) -> None:
        """Start a host that does not exist yet, from its image, built now if need be."""
        with self._built[one.image]:
            label = self.podman.image_label(one.image, DIGEST)
            if label is None:
                build_host(self.podman, self.lab, one.source, one.image, self.report)
                label = applied_digest(self.lab, one.source, one.image.rsplit(":", 1)[1])
        container_id = self.podman.run(
            *("run", "--detach", "--replace", "--name", one.container),
            *("--hostname", one.host.name, "--systemd", "always", "--no-hosts"),
            *("--label", f"{LABEL}={self.lab.name}"),
            *("--network", f"{self.lab.network}:ip={one.host.address},mac={one.host.mac}"),
            *("--dns", self.lab.resolver, "--dns-search", "."),
            # A volume, filled from the image: on an overlay a file that a process holds open does
            # not lose its last link when another is renamed over it, and Postfix, which looks for
            # just that, would go on reading the image's empty maps.
            *("--volume", "/var/lib/bastide"),
            *(one.image, "/sbin/init"),
        ).strip()
        self._meet(one)
        if label == one.digest:
            self.applied.put(container_id, one.digest)
        else:
            self._configure(one, container_id)

    def _revive(self, one: _Wanted, container: dict[str, Any]) -> None:
        """Bring back a host that exists: started, reachable, configured as its roles say now."""
        # A record of this container proves that this root has met it.
        known = self.applied.get(container["Id"])
        running = container["State"] == "running"
        if not running:
            self.report(f"{one.host.name}: starting")
            self.podman.run("start", one.container)
        if not running or known is None or not is_known(self.lab, one.host):
            self._meet(one)
        reach_closed(self.podman, self.lab)
        # Without a record it is still what its image is: a run was killed while it started.
        configured = known or (container.get("Labels") or {}).get(DIGEST)
        if configured != one.digest or (running and silent_ports(one.host)):
            self._configure(one, container["Id"])
        elif known is None:
            self.applied.put(container["Id"], one.digest)

    def _meet(self, one: _Wanted) -> None:
        reach_closed(self.podman, self.lab)
        wait_booted(self.podman, one.host, one.container)
        enrol(self.podman, self.lab, one.host, one.container)

    def _configure(self, one: _Wanted, container_id: str) -> None:
        if one.host.after:
            self._over[one.host.after].wait()
        self.report(f"{one.host.name}: configuring")
        run_platform(self.lab, one.host, online=False)
        self.applied.put(container_id, one.digest)


def _each(work: Callable[[_Item], None], items: Iterable[_Item]) -> None:
    """Do `work` on all items side by side, on every one of them; then raise all that failed."""
    findings: list[Diagnostic] = []
    listed = list(items)
    with ThreadPoolExecutor(max_workers=max(len(listed), 1)) as pool:
        for future in [pool.submit(work, item) for item in listed]:
            try:
                future.result()
            except RunFailed as failure:
                findings += failure.diagnostics
    if findings:
        raise RunFailed(*findings)


@contextlib.contextmanager
def _alone(report: Report) -> Iterator[None]:
    """Hold the machine's lab lock; the kernel lets go of it however this process ends."""
    with _LOCK.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another lab command is at work; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
