# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback plugin: streams what happens to the engine as JSON lines."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bastide_events
type: notification
short_description: Structured events for the Bastide engine
description:
  - Writes one JSON object a line to the file descriptor named by the environment variable
    E(BASTIDE_EVENTS_FD) - a pipe that the engine reads while the playbook runs.
  - Without that variable it does nothing, so that the playbooks also run by hand.
  - Of module results only those of the bulk modules are sent whole; the others are named.
requirements: [enabled by ANSIBLE_CALLBACKS_ENABLED]
"""

_BULK = "bastide_"


def _message(data: dict[str, Any]) -> str:
    """What a task said; of a loop, what the first item that went wrong said."""
    for item in data.get("results") or ():
        if isinstance(item, dict) and (item.get("failed") or item.get("unreachable")):
            return str(item.get("msg", ""))
    return str(data.get("msg", ""))


class CallbackModule(CallbackBase):
    """Sends start, result, failed, unreachable and end events."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "bastide_events"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        descriptor = os.environ.get("BASTIDE_EVENTS_FD", "")
        self._pipe = None
        if descriptor.isdigit():
            # The pipe belongs to the engine: workers and modules must not hold it open.
            os.set_inheritable(int(descriptor), False)
            self._pipe = os.fdopen(int(descriptor), "w", encoding="utf-8", closefd=False)
        else:
            self.disabled = True

    def _send(self, event: str, **facts: Any) -> None:
        if self._pipe is None:
            return
        try:
            self._pipe.write(json.dumps({"event": event, **facts}, default=str) + "\n")
            self._pipe.flush()
        except BrokenPipeError:
            # The engine is gone (killed): the playbook ends what it has begun.
            self._pipe = None

    def _result(self, event: str, result: Any) -> None:
        data = result._result  # noqa: SLF001 - the callback interface gives it this way
        task = result._task  # noqa: SLF001
        facts: dict[str, Any] = {
            "host": result._host.get_name(),  # noqa: SLF001
            "task": task.name or task.get_name(),  # without the name of its role
            "module": task.action,
            "service": (task.vars or {}).get("bastide_service"),
        }
        if task.action.rpartition(".")[2].startswith(_BULK) and not task.no_log:
            facts["result"] = {k: v for k, v in data.items() if k not in {"invocation", "diff"}}
        facts["message"] = _message(data) if not task.no_log else ""
        self._send(event, **facts)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """A task begins."""
        if task.action.rpartition(".")[2] == "meta":
            return  # a host that leaves a part to others
        self._send("start", task=task.name or task.get_name(), module=task.action)

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task did its part on one host."""
        self._result("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on one host."""
        self._result("failed", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host does not answer."""
        self._result("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The playbook came to its end."""
        self._send("end")
