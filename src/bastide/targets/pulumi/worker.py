# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker process: runs stacks one after the other, each as a line on its standard input asks.

``python -m bastide.targets.pulumi.worker PLACE LOG``.  A line in is a job, a line out its answer,
both JSON on one line.  Automation API blocks and keeps its settings for the whole process, and
`pulumi stack select` writes into PULUMI_HOME: so each worker is a process with a home of its own.
Whoever started it may be killed: what is under way comes to its end, then the worker ends too.

Job: ``{"do": "preview" | "up", "desired": graph, "retired": […] | null, "found": what is there,
"settled": file, "exported": file,
"graph": file, "mark": text}``.
Answer: ``{"stack", "changes", "failed", "errors", "left_alone", "imported", "requests", "new",
"locked"}``.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from bastide.targets.pulumi.events import Outcome
from bastide.targets.pulumi.found import Found
from bastide.targets.pulumi.graph import Graph
from bastide.targets.pulumi.place import Place
from bastide.targets.pulumi.settled import keep, settle
from bastide.targets.pulumi.stack import Locked, StackDoor
from bastide.targets.pulumi.stages import stages_of, waiting_changes

Job = dict[str, Any]
Answer = dict[str, Any]


def work(place: Place, job: Job, log: TextIO) -> Answer:
    """Do one job; what goes wrong is in the answer, for one stack never stops the others."""
    try:
        return _work(place, job, log)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is this stack's
        words = " ".join(str(error).split()) or type(error).__name__
        return _answer(Graph.from_data(job["desired"]), Outcome(errors=[words]))


def _work(place: Place, job: Job, log: TextIO) -> Answer:

    def note(line: str) -> None:
        log.write(line + "\n")
        log.flush()

    desired = Graph.from_data(job["desired"])
    found = Found.from_data(job["found"])
    door = StackDoor(place, desired.stack, note)
    try:
        state, deployment = door.export()
        run = stages_of(desired, state, found, job["retired"])
        keep(Path(job["graph"]), run.graph.data)
        if job["do"] == "preview":
            outcome = door.preview(run, exists=deployment is not None)
            outcome.changes += waiting_changes(run, desired.stack)
            done = not outcome.changes and not outcome.imported
            done = done and (deployment is not None or not desired.nodes)
        else:
            outcome = door.up(run)
            deployment = door.export()[1]
            done = True
    except Locked as error:
        return _answer(desired, Outcome()) | {"locked": error.holder}
    if deployment is not None:
        keep(Path(job["exported"]), deployment)
    if done and not (outcome.failed or outcome.errors or run.blocked or run.waiting):
        settle(Path(job["settled"]), job["mark"])
    outcome.failed += [
        {"address": address, "siren": desired.stack, "error": f"{other} stands in its way"}
        for address, other in run.blocked
    ]
    return _answer(desired, outcome) | {
        "left_alone": list(run.left_alone),
        "new": deployment is None,
    }


def _answer(desired: Graph, outcome: Outcome) -> Answer:
    empty = {"left_alone": [], "new": False, "locked": ""}
    return {"stack": desired.stack, **empty, **asdict(outcome)}


def main() -> None:
    """Read jobs until there are no more."""
    place = Place(**json.loads(sys.argv[1]))
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with Path(sys.argv[2]).open("a", encoding="utf-8") as log, answers:
        for line in sys.stdin:
            job = json.loads(line)
            answer = work(place, job, log)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
