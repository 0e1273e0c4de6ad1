# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps of moving mailboxes, on one host; bastide.apply.move gives them their order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.errand import log_of, run_errand

NOT_DONE = declare(
    "A547",
    Severity.ERROR,
    en="{host} did not do its part of the move ({do}): {said}",
    fr="{host} n'a pas fait sa part du déménagement ({do}) : {said}",
    hint_en="nothing is lost and mail waits: run it again; the output is in {log}",
    hint_fr="rien n'est perdu et le courrier attend : relancez ; la sortie est dans {log}",
)
PLAYBOOK = "move"
PORT = 10028
Step = Literal["list", "fetch", "close", "compare", "take", "give", "open"]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Mailboxes that one host listed; `hashes` are their passwords', by uuid."""

    boxes: list[dict[str, Any]] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """As the steps take them."""
        return {"boxes": json.dumps(self.boxes), "hashes": self.hashes}


def step(repository: Repository, host: str, do: Step, facts: dict[str, Any]) -> dict[str, Any]:
    """Do one step on `host`; what it answered.  ``RunFailed`` (A547) when it was not done."""
    done, result = run_errand(repository, host, PLAYBOOK, {"bastide_move": {"do": do, **facts}})
    if done:
        return result
    log, said = repository.relative(log_of(repository, PLAYBOOK)), result["msg"]
    raise RunFailed(diagnose(NOT_DONE, "", host=host, do=do, said=said, log=log))


def boxes_on(repository: Repository, host: str, siren: str) -> Boxes:
    """What `siren` has on `host`."""
    result = step(repository, host, "list", {"siren": siren})
    return Boxes(result["boxes"], result["hashes"])
