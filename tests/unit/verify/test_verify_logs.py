# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says of its journal becomes checks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from bastide.verify import logs

LINE = {"program": "dovecot", "priority": 3, "message": "Error: x", "count": 2}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((True, {"unusual": [], "more": 0}), [(True, "nothing unusual")]),
        (
            (True, {"unusual": [LINE], "more": 5}),
            [(False, "mail dovecot [err] x2: Error: x"), (False, "5 more")],
        ),
        ((False, {"msg": "unreachable"}), [(False, "unreachable")]),
    ],
)
def test_each_unusual_line_is_a_check_that_failed(monkeypatch, answer, found):
    monkeypatch.setattr(logs, "run_errand", lambda *_: answer)
    hosts = SimpleNamespace(
        group_of={"mail": "mail", "web": "mail"}, of=lambda _: ["mail"], secondaries=[]
    )
    monkeypatch.setattr(logs, "Hosts", SimpleNamespace(read=lambda *_: hosts))
    repository = SimpleNamespace(inventory=Path("inventory"), relative=str)
    checks = logs.check_logs(SimpleNamespace(repository=repository, platform=None))
    assert [(check.passed, check.found) for check in checks] == found
