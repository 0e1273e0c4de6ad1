# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine under the lab lost its power: every process of it is gone, podman knows nothing."""

import json
import os
import signal

from bastide.lab import status, up
from bastide.lab.podman import Podman
from integration.town import charter


def test_a_lab_whose_containers_were_killed_comes_up_with_what_it_held(town, eventually):
    address = f"mairie@{town.albas}"
    town.write("46/albas", charter("214600017", town.albas))
    town.commit()
    town.converge()
    town.deliver(address, 3)
    podman = Podman(town.lab)
    for container in podman.containers(town.lab):
        state = json.loads(podman.run("inspect", container))[0]["State"]
        # The monitor first: it is what would tell podman.
        for pid in (state["ConmonPid"], state["Pid"]):
            os.kill(pid, signal.SIGKILL)
        assert podman.run("inspect", "--format", "{{.State.Running}}", container).strip() == "true"
    eventually(
        lambda: {host.state for host in status(town.lab.root)} == {"stopped"}, "the end of it all"
    )
    up(town.lab.root, print)
    assert all(host.ready for host in status(town.lab.root))
    assert town.messages(address) == 3
    assert town.ask(f"www.{town.albas}", "A") == [town.addresses["web"]]
    assert town.plan()["changes"] == []
