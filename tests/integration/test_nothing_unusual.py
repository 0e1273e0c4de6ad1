# SPDX-License-Identifier: GPL-3.0-or-later
"""After all other tests: the journals of the hosts hold nothing that nobody expects."""

from __future__ import annotations

import pytest

from bastide.targets.journals import journalctl, read_entries, unusual
from integration.expected_lines import EXPECTED


def of_another_release(entry, current):
    """Whether a release of the desk wrote it that test_desk_host.py made, one of them to fail."""
    unit = f"guichet@{current.rpartition('/')[2]}.service"
    return entry.unit.startswith("guichet@") and entry.unit != unit


@pytest.mark.parametrize("part", ["mail", "platform"])
def test_no_host_wrote_a_line_that_nobody_expects(part, lab, machine, session_start):
    """For the lab of each part of the tests; both parts share one without pytest-xdist."""
    found = []
    for host in lab.hosts:
        command = " ".join(journalctl(session_start))
        text = machine(host.name).check_output(command)
        entries = read_entries(host.name, text.splitlines())
        if host.name == "desk":
            current = machine("desk").check_output("readlink /opt/guichet/current")
            entries = [one for one in entries if not of_another_release(one, current)]
        found += unusual(entries, EXPECTED)
    assert not found, "\n".join(["", *map(str, found)])
