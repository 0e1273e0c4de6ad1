# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab for tests: a second one beside the demonstration, which tests may disturb.

It is up for the session, and left as it was found: up if it was up, else stopped (its data and
images stay, so that the next session starts in seconds).  BASTIDE_TEST_LAB, "name subnet", puts
it elsewhere, for two sessions at once on one machine.

A test with servers waits more than it works: with `-n 3` (pytest-xdist) tests of mail are one
process's and the others with a lab the second's, each with a lab of its own. The first's has no
desk, which each of its plans would ask for nothing; the second's has one mail host, as most
platforms do, and has names proved by DNS. The third has the tests that need no lab but containers
of their own: modules and the application of the desk; `make test` runs those beside, with `-n 2`
for the two labs.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import re
import ssl
import time
from pathlib import Path

import pytest
import testinfra
from xdist.scheduler.loadscope import LoadScopeScheduling

from bastide.diagnostics import RunFailed
from bastide.lab import destroy, down, status, twin, up
from bastide.lab.kinds import CLOSED_UPDATE_FAILED
from bastide.lab.layout import read_layout
from bastide.lab.playbook import run_platform
from integration.town import Town

ROOT = Path(__file__).resolve().parents[2]
# By the parts of the tests that need a lab; without pytest-xdist, the first for all.
LABS = {"mail": "bastide-test 10.47.0.0/24", "platform": "bastide-test-two 10.49.0.0/24"}
# Those of the tests that this process has begun: under pytest-xdist, of one part all.
begun: list[str] = []


def part_of(nodeid):
    """The part that a test belongs to."""
    file = nodeid.partition("::")[0]
    if "/modules/" in file or "/desk/" in file:
        return "apart"
    if nodeid.endswith("[mail]"):
        return "mail"
    # As many minutes on the one side as on the other.
    return "mail" if "/mail/" in file or file.endswith("/test_secondaries.py") else "platform"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Note the part before the lab is asked for."""
    begun.append(part_of(item.nodeid))


def pytest_collection_modifyitems(items):
    """Whatever stands in this folder starts the lab."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.lab)
    # It looks at what all others left behind.
    items.sort(key=lambda item: item.path.name == "test_nothing_unusual.py")


class Parts(LoadScopeScheduling):
    """Gives each part of the tests to one process of pytest-xdist."""

    def _split_scope(self, nodeid):
        return part_of(nodeid)


def pytest_xdist_make_scheduler(config, log):
    """Each part has its own lab, or none, and in it an order of its own."""
    return Parts(config, log)


@pytest.fixture(scope="session")
def session_start():
    """When this session began, before the lab was brought up for it."""
    return dt.datetime.now(dt.UTC)


# What the inventory of each part's lab says otherwise: file, pattern, text.
OTHERWISE = {
    # No desk.
    "mail": (
        ("platform.yml", r"\nguichet: .*", ""),
        ("hosts.yml", r"\n    # The e-administration desks\.\n    desk:(\n {6,}.*)+", ""),
    ),
    # No second mail host; names proved by DNS.
    "platform": (
        (
            "platform.yml",
            r"(acme: \{directory: [^,}]*)",
            r"\1, challenge: dns, zone: acme.info46.com",
        ),
        ("platform.yml", r", mail2\.info46\.com: [^,}]*", ""),
        ("platform.yml", r"\n  placement: .*", ""),
        ("hosts.yml", r"\n *# Holds whom .*\n        mail2:(\n {10}.*)+", ""),
    ),
}


def say_otherwise(inventory, part):
    """Make the inventory of a twin that of a part's lab."""
    for name, pattern, instead in OTHERWISE[part]:
        file = inventory / name
        text, count = re.subn(pattern, instead, file.read_text("utf-8"))
        assert count, (name, pattern)
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def lab(session_start):
    """The running second lab (bastide.lab.layout.Lab); `lab.root` is the root it belongs to."""
    apart = "PYTEST_XDIST_WORKER" in os.environ
    part = begun[-1] if apart else "mail"
    name, subnet = os.environ.get("BASTIDE_TEST_LAB", LABS[part]).split()
    root = twin(ROOT, ROOT / ".bastide" / f"root-of-{name}", name, subnet)
    if apart:
        say_otherwise(root / "inventory" / "lab", part)
    was_up = all(host.ready for host in status(root))
    try:
        up(root, print)
    except RunFailed as failure:
        if {one.code for one in failure.diagnostics} != {CLOSED_UPDATE_FAILED.code}:
            raise
        # A lab of an earlier day, whose closed network cannot bring what a role now asks for;
        # nobody misses what it holds.
        destroy(root, print)
        up(root, print)
    yield read_layout(root)
    if not was_up:
        down(root, print)


@pytest.fixture(scope="session")
def machine(lab):
    """machine("mail") is the testinfra host of that name."""
    conf = lab.files / "containers.conf"
    if conf.exists():
        os.environ["CONTAINERS_CONF"] = str(conf)
    names = {host.name: lab.container(host) for host in lab.hosts}
    return lambda name: testinfra.get_host(f"podman://{names[name]}")


@pytest.fixture(scope="session")
def second_run(lab):
    """second_run("mail") runs the platform on a host again, once in a session; its last lines."""

    @functools.cache
    def run(name):
        run_platform(lab, next(host for host in lab.hosts if host.name == name), online=False)
        return (lab.files / "logs" / f"{name}.log").read_text()[-3000:]

    return run


@pytest.fixture(scope="session")
def address(lab):
    """address("mail") is the address of that host."""
    return {host.name: host.address for host in lab.hosts}.__getitem__


@pytest.fixture(scope="session")
def trust(lab):
    """A TLS context that trusts the lab's own authority and nothing else."""
    return ssl.create_default_context(cafile=lab.files / "tls" / "ca.pem")


@pytest.fixture(scope="session")
def eventually():
    """eventually(look) returns the first true result of look(), within 20 seconds."""

    def wait(look, what="it"):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)  # between two looks
        raise AssertionError(f"{what} did not come")

    return wait


@pytest.fixture
def town(lab, tmp_path):
    """An operator's repository of its own over the lab (integration.town.Town)."""
    return founded(lab, tmp_path)


@pytest.fixture(scope="module")
def standing_town(lab, tmp_path_factory):
    """The same once for a module, for tests that leave it as they found it."""
    return founded(lab, tmp_path_factory.mktemp("standing"))


def founded(lab, folder):
    root = folder / "town"
    root.mkdir()
    return Town(root.resolve(), lab)
