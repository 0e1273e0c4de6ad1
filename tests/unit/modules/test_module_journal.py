# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host gives of its journal: what is unusual, the most frequent first, and no more."""

from __future__ import annotations

import json
from types import SimpleNamespace

import bastide_host_journal as module
import pytest
from ansible.module_utils.bastide_files import HostError


@pytest.fixture
def journal(monkeypatch):
    """journal(lines, code) has journalctl say so."""

    def say(messages, code=0):
        lines = [{"SYSLOG_IDENTIFIER": "x", "PRIORITY": p, "MESSAGE": m} for p, m in messages]
        text = "\n".join(map(json.dumps, lines)).encode()
        done = SimpleNamespace(returncode=code, stdout=text, stderr=b"no journal")
        monkeypatch.setattr(module, "run", lambda _argv: done)

    return say


def test_unusual_lines_are_given_and_those_that_are_left_are_counted(journal):
    words = ["alpha", "beta", "gamma"]
    journal([("4", "disk one slow"), *[("3", f"bad {w}") for w in words], ("4", "disk one slow")])
    found = module.look(24, 2)
    assert [(one["message"], one["count"]) for one in found["unusual"]] == [
        ("disk one slow", 2),
        ("bad alpha", 1),
    ]
    assert found["more"] == 2
    journal([("6", "all is well")])
    assert module.look(24, 2) == {"unusual": [], "more": 0}


def test_a_host_without_a_journal_is_told(journal):
    journal([], code=1)
    with pytest.raises(HostError, match="no journal"):
        module.look(24, 2)
