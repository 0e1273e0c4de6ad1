# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 around an order, run again: one order for one term, at every registrar."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal

import pytest
from fake_gandi import FakeGandi
from fake_ovh import FakeOvh
from registrar_kinds import KINDS
from registrar_server import Dropped, serving
from registrar_town import bastide, make_town, start

pytestmark = pytest.mark.slow

NOW = dt.datetime.now(dt.UTC)


def orders(imitation):
    if isinstance(imitation, FakeGandi):
        return imitation.orders
    return list(imitation.orders.values()) if isinstance(imitation, FakeOvh) else imitation.tasks


def events(folder):
    lines = (folder / ".bastide" / "lab" / "journal.jsonl").read_text().splitlines()
    return [(e["event"], e.get("outcome")) for e in map(json.loads, lines)]


@pytest.fixture(params=KINDS)
def due(request, tmp_path):
    """``(imitation, folder)``: a name whose term is in twelve days, and automatic renewal off."""
    make, _ = KINDS[request.param]
    imitation = make()
    term = NOW + dt.timedelta(days=12)
    imitation.now = NOW
    imitation.hold("albas-46.fr", term.date() if request.param == "ovh" else term)
    with serving(imitation) as url:
        yield imitation, make_town(tmp_path, request.param, url)


def kill_at(imitation, moment, processes):
    def kill(name):
        if name == moment:
            os.kill(processes[0].pid, signal.SIGKILL)
            processes[0].wait()

    imitation.on_step = kill


@pytest.mark.parametrize("moment", ["order", "ordered"])
def test_a_run_killed_around_its_order_is_not_followed_by_a_second_order(due, moment):
    imitation, folder = due
    processes = []
    kill_at(imitation, moment, processes)
    processes.append(start(folder, "registrar", "run"))
    processes[0].communicate()
    assert processes[0].returncode == -signal.SIGKILL
    # The request was on its way: the registrar carries it out, whoever is dead meanwhile.
    imitation.on_step = lambda _: None
    assert events(folder)[-1] == ("order-intended", None)
    bastide(folder, "registrar", "run")
    assert len(orders(imitation)) == 1
    imitation.settle()
    again = bastide(folder, "registrar", "run")
    assert again.returncode == 0, again.stderr
    assert len(orders(imitation)) == 1
    assert bastide(folder, "audit", "--check").returncode == 0


def test_the_same_run_without_a_kill_orders_once_and_sees_it_done(due):
    imitation, folder = due
    first = bastide(folder, "registrar", "run")
    assert first.returncode == 0, first.stderr
    assert "renew  albas-46.fr" in first.stdout
    bastide(folder, "registrar", "run")
    assert len(orders(imitation)) == 1
    imitation.settle()
    assert bastide(folder, "registrar", "run").returncode == 0
    assert len(orders(imitation)) == 1
    assert ("order-concluded", "verified") in events(folder)
    # The safety net is on now, so that next year nothing hangs on this command alone.
    renewals = bastide(folder, "renewals", "--format", "json")
    (name,) = [r for r in json.loads(renewals.stdout)["renewals"] if r["domain"] == "albas-46.fr"]
    assert (name["auto_renew"], name["state"]) == (True, "active")


@pytest.mark.parametrize("due", ["gandi"], indirect=True)
def test_two_runs_at_once_order_once(due):
    imitation, folder = due
    for process in [start(folder, "registrar", "run") for _ in range(2)]:
        process.communicate()
    assert len(orders(imitation)) == 1


@pytest.mark.parametrize("due", ["scaleway"], indirect=True)
def test_an_order_whose_answer_is_lost_is_asked_about_and_not_placed_again(due):
    imitation, folder = due

    def break_off(name):
        if name == "ordered":
            raise Dropped

    imitation.on_step = break_off
    first = bastide(folder, "registrar", "run")
    assert (first.returncode, "did not answer" in first.stderr) == (1, True)
    imitation.on_step = lambda _: None
    bastide(folder, "registrar", "run")
    assert len(orders(imitation)) == 1
