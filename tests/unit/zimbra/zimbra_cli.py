# SPDX-License-Identifier: GPL-3.0-or-later
"""The bastide command, with hosts that are as they should be: no machine is asked.

When HOSTS_NOTE names a file, the mail hosts have one change, and the moment when they are
converged is written into that file.
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
    found = [change("create", "relay:maire@cahors.fr", "214600421", None, {"to": "z"})]
    answers = []
    for host, service in placed:
        changes = found if note and service == "mail" else []
        result = {"changed": bool(changes), "changes": changes, "digest": digest(changes)}
        answers.append(HostAnswer(host, service, "ok", result=result))
    if note and not run.check:
        Path(note).write_text("converged", encoding="utf-8")
    return answers


# By its name: what the package bastide.apply calls `apply` is a function.
for module in ("bastide.plan.compute", "bastide.apply.apply"):
    importlib.import_module(module).run_tenants = hosts_at_rest
main()
