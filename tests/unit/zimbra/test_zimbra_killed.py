# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 anywhere, run again, end at the same state."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from zimbra_fake import PASSWORD, WRITES, FakeZimbra
from zimbra_server import Dropped, serving
from zimbra_town import CAHORS, account, client_of, shape, town

from bastide.targets.zimbra import Driver

RUN = Path(__file__).with_name("zimbra_run.py")
# Keeps its members while one of their names goes from an alias to a list, and back.
EVERYONE = (CAHORS, {"members": ["conseil@cahors.fr", "contact@cahors.fr"]})
BEFORE = town() | {f"account:u{n}@cahors.fr": (CAHORS, account()) for n in range(4)}
BEFORE["list:tous@cahors.fr"] = EVERYONE
AFTER = {
    **{a: one for a, one in BEFORE.items() if not a.startswith(("alias:", "list:"))},
    "list:tous@cahors.fr": EVERYONE,
    "account:u0@cahors.fr": (CAHORS, account(quota=1)),
    "alias:conseil@cahors.fr": (CAHORS, {"account": "maire@cahors.fr"}),
    "list:contact@cahors.fr": (CAHORS, {"members": ["accueil@cahors.fr", "x@example.org"]}),
    "account:neuf@cahors.fr": (CAHORS, account()),
    "alias:n@cahors.fr": (CAHORS, {"account": "neuf@cahors.fr"}),
}
del AFTER["account:u3@cahors.fr"]


def prepared():
    zimbra = FakeZimbra()
    assert Driver(client_of(zimbra)).run(BEFORE).failed == []
    zimbra.seen.clear()
    return zimbra


def undisturbed():
    """Shape of the end, and how many requests write on the way."""
    zimbra = prepared()
    assert Driver(client_of(zimbra)).run(AFTER).failed == []
    return shape(zimbra), sum(one.startswith(WRITES) for one in zimbra.seen)


END, STEPS = undisturbed()


def started(url, certificate, folder):
    desired = folder / "desired.json"
    desired.write_text(json.dumps(AFTER))
    return subprocess.Popen(
        [sys.executable, str(RUN), url, str(certificate), str(desired)],
        env=os.environ | {"ZIMBRA_TEST": PASSWORD},
    )


@pytest.mark.parametrize("goes_on", [True, False], ids=["batch goes on", "batch is cut"])
@pytest.mark.parametrize("step", [0, 2, STEPS // 2, STEPS - 1])
def test_a_client_killed_within_a_batch_ends_where_it_would_have(
    step, goes_on, certificate, tmp_path
):
    zimbra = prepared()
    writes = itertools.count()
    running = []

    def kill(name):
        if name.startswith(WRITES) and next(writes) == step:
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()
        if not goes_on and running[0].poll() is not None:
            raise Dropped

    zimbra.on_step = kill
    with serving(zimbra.answer, certificate) as url:
        running.append(started(url, certificate, tmp_path))
        assert running[0].wait(timeout=30) == -signal.SIGKILL
    # The server has carried out what it was sent, or only a part of it.
    zimbra.on_step = lambda _: None
    outcome = Driver(client_of(zimbra)).run(AFTER)
    assert outcome.failed == []
    assert shape(zimbra) == END
    assert Driver(client_of(zimbra)).run(AFTER).changes == []


def test_the_same_run_without_a_kill_is_done(certificate, tmp_path):
    zimbra = prepared()
    with serving(zimbra.answer, certificate) as url:
        assert started(url, certificate, tmp_path).wait(timeout=30) == 0
    assert shape(zimbra) == END


@pytest.mark.parametrize("step", range(STEPS))
def test_a_server_that_breaks_off_at_any_step_leaves_nothing_behind(step):
    zimbra = prepared()
    writes = itertools.count()

    def break_off(name):
        if name.startswith(WRITES) and next(writes) >= step:
            raise SystemExit

    zimbra.on_step = break_off
    with pytest.raises(SystemExit):
        Driver(client_of(zimbra)).run(AFTER)
    zimbra.on_step = lambda _: None
    assert Driver(client_of(zimbra)).run(AFTER).failed == []
    assert shape(zimbra) == END
