# SPDX-License-Identifier: GPL-3.0-or-later
"""The bastide command, with hosts that are as they should be: no machine is asked.

The mail hosts know the DKIM key of each domain once they were converged, and tell it then; when
HOSTS_NOTE names a file, they have that one change to make, and the moment is written into it.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from bastide.cli.main import main
from bastide.targets.ansible import HostAnswer
from bastide.targets.reconcile import change, digest


def hosts_at_rest(_repository, placed, run, _on_event=None):
    note = os.environ.get("HOSTS_NOTE")
    made = bool(note) and Path(note).exists()
    new = [change("create", "maildomain:cahors.fr", "214600421", None, {"selector": "b2026"})]
    if note and not run.check:
        Path(note).write_text("converged", encoding="utf-8")
        made = True
    answers = []
    for host, service in placed:
        found = new if note and service == "mail" and run.check and not made else []
        values = {}
        if service == "mail" and (made or not note):
            values = {f"dkim:{name}": "v=DKIM1; k=rsa; p=" + "A" * 300 for name in TOWNS}
        result = {"changed": bool(found), "changes": found, "digest": digest(found)}
        answers.append(HostAnswer(host, service, "ok", result=result | {"values": values}))
    return answers


TOWNS = [
    f"{selector}{name}"
    for name in ("cahors.fr", "figeac.fr", "info46.com")
    for selector in ("", "b2026--mail2.")
]

# By its name: what the package bastide.apply calls `apply` is a function.
for module in ("bastide.plan.compute", "bastide.apply.apply"):
    importlib.import_module(module).run_tenants = hosts_at_rest
main()
