# SPDX-License-Identifier: GPL-3.0-or-later
"""One stack, run by Automation API with the inline program; inside a worker process.

Nothing here decides what shall be: `stages` does.  A preview of a stack that is not there yet runs
in a back end of its own, for a plan writes nothing.
"""

from __future__ import annotations

import os
import re
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from bastide.targets.pulumi.events import Outcome, compare, outcome_of
from bastide.targets.pulumi.graph import PROJECT, Graph
from bastide.targets.pulumi.place import Place
from bastide.targets.pulumi.program import program_of
from bastide.targets.pulumi.stages import Run
from bastide.targets.pulumi.state import State, state_of

_HOLDER = re.compile(r"created by (?P<who>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<at>\S+)")
# Each run uses few connections: the budget counts calls, not how many are under way.
_PARALLEL = 4


class Locked(Exception):
    """Somebody else's run holds the stack; `holder` says who, as the back end tells it."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class StackDoor:
    """The stack of one collectivity, through the `pulumi` command."""

    def __init__(self, place: Place, stack: str, log: Callable[[str], None]) -> None:
        self._place, self._stack, self._log = place, stack, log
        self._command = auto.PulumiCommand(root=place.command or None)

    def export(self) -> tuple[State, Mapping[str, Any] | None]:
        """What it held after its last run, and the deployment itself; None when it is new."""
        try:
            stack = self._open(self._place, Graph(self._stack), create=False)
        except auto.StackNotFoundError:
            return State(), None
        deployment = stack.export_stack().deployment or {}
        return state_of(deployment), deployment

    def preview(self, run: Run, *, exists: bool) -> Outcome:
        """What running all stages would change.

        Only a first stage can be asked for at the engine.  Where there are more, what they change
        together is the difference between what is there and the last graph; the engine says
        whether the first, an import or a removal, would pass.
        """
        graph = run.stages[0][1]
        with tempfile.TemporaryDirectory(prefix="bastide-pulumi-") as scratch:
            place = self._place
            if not exists:
                place = replace(place, backend=f"file://{scratch}", work=f"{scratch}/work")
            stack = self._open(place, graph, create=not exists)
            outcome = self._attempt(stack.preview)
        if len(run.stages) > 1:
            outcome.changes = compare(run.before, run.graph.nodes, self._stack)
            outcome.requests += len(outcome.changes)
        return outcome

    def up(self, run: Run) -> Outcome:
        """Run every stage; the first that fails is the last."""
        whole = Outcome()
        for _, graph in run.stages:
            stack = self._open(self._place, graph, create=True)
            outcome = self._make(stack)
            whole.changes += outcome.changes
            whole.imported += outcome.imported
            whole.failed += outcome.failed
            whole.errors += outcome.errors
            whole.requests += outcome.requests
            if outcome.failed or outcome.errors:
                break
        return whole

    def _open(self, place: Place, graph: Graph, *, create: bool) -> auto.Stack:
        work = Path(place.work) / self._stack
        work.mkdir(parents=True, exist_ok=True)
        if place.backend.startswith("file://"):
            Path(place.backend.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
        workspace = auto.LocalWorkspace(
            work_dir=str(work),
            pulumi_home=place.home,
            program=program_of(graph),
            env_vars={
                "PULUMI_BACKEND_URL": place.backend,
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                # The plugin is pinned and put there by `bastide pulumi install`.
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            },
            secrets_provider="passphrase",
            project_settings=auto.ProjectSettings(name=PROJECT, runtime="python"),
            pulumi_command=self._command,
        )
        open_stack = auto.Stack.create_or_select if create else auto.Stack.select
        return open_stack(self._stack, workspace)

    def _make(self, stack: auto.Stack) -> Outcome:
        """Converge `stack`; a lock that a killed run of ours left is taken away, no other.

        The mark stands while a run of ours is under way, so it is there at the start only when
        that run was killed.  The same name and number of a process in another container prove
        nothing without it.
        """
        mark = Path(self._place.work) / self._stack / "running"
        killed = mark.exists()
        mark.touch()
        try:
            return self._attempt(stack.up, continue_on_error=True, show_secrets=False)
        except auto.ConcurrentUpdateError as error:
            holders = list(_HOLDER.finditer(str(error)))
            if not killed or not holders or not all(_is_dead(one) for one in holders):
                raise Locked(holders[0].group(0) if holders else "another run") from error
            self._log(f"{self._stack}: the lock of a run that was killed goes")
            stack.cancel()
            return self._attempt(stack.up, continue_on_error=True, show_secrets=False)
        finally:
            mark.unlink(missing_ok=True)

    def _attempt(self, operation: Callable[..., Any], **options: Any) -> Outcome:
        events: list[dict[str, Any]] = []
        problem = ""
        try:
            operation(
                parallel=_PARALLEL,
                color="never",
                on_output=self._log,
                on_error=self._log,
                on_event=lambda event: events.append(as_event(event)),
                **options,
            )
        except (auto.ConcurrentUpdateError, auto.StackNotFoundError):
            raise
        except (auto.CommandError, RuntimeError) as error:
            # A run with failed records ends like this, too: the events tell which.
            problem = _last_words(str(error))
        outcome = outcome_of(events, self._stack)
        if problem and not outcome.failed and not outcome.errors:
            outcome.errors.append(problem)
        return outcome


def as_event(event: auto.EngineEvent) -> dict[str, Any]:
    """What Bastide reads of an event of Automation API, in the engine's own JSON form."""
    if event.resource_pre_event:
        step = event.resource_pre_event.metadata
        metadata: dict[str, Any] = {"op": step.op.value, "urn": step.urn, "type": step.type}
        for side in ("old", "new"):
            if found := getattr(step, side):
                metadata[side] = {"inputs": dict(found.inputs or {}), "id": found.id}
        return {"resourcePreEvent": {"metadata": metadata}}
    if event.diagnostic_event:
        found = event.diagnostic_event
        words = {"message": found.message, "severity": found.severity, "urn": found.urn}
        return {"diagnosticEvent": words}
    return {}


def _is_dead(holder: re.Match[str]) -> bool:
    """Whether who took a lock is known to be gone: a process of this machine, and none now."""
    if holder["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(holder["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _last_words(text: str) -> str:
    """What a command says at its end, in one line: its errors, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("error:", "stderr: error:"))]
    return " ".join((errors or lines[-1:] or ["no output"])[-1].split())
