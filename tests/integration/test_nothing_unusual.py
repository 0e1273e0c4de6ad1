# SPDX-License-Identifier: GPL-3.0-or-later
"""After all other tests: the journals of the hosts hold nothing that nobody expects."""

from __future__ import annotations

import pytest

from bastide.targets.journals import journalctl, read_entries, unusual
from integration.expected_lines import EXPECTED


@pytest.mark.parametrize("part", ["mail", "platform"])
def test_no_host_wrote_a_line_that_nobody_expects(part, lab, machine, session_start):
    """For the lab of each part of the tests; both parts share one without pytest-xdist."""
    found = []
    for host in lab.hosts:
        command = " ".join(journalctl(session_start))
        text = machine(host.name).check_output(command)
        found += unusual(read_entries(host.name, text.splitlines()), EXPECTED)
    assert not found, "\n".join(["", *map(str, found)])
