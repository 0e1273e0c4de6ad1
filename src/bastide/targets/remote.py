# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that the engine asks itself, by its API: it answers as a service of a host does.

No machine of the inventory stands for it.  The fleet's compiled lines are its share, and what went
wrong on the way is an answer, as with hosts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from bastide.desired import Service, share_header
from bastide.diagnostics import BastideError
from bastide.documents import write_atomically
from bastide.fleet import Fleet
from bastide.targets.ansible import HostAnswer, OnEvent
from bastide.targets.shares import Share

Result = dict[str, Any]


class Remote(ABC):
    """One such service of a platform and its share; `host` is its name in plans and journals."""

    service: ClassVar[Service]
    task: ClassVar[str]
    """What it does, for whoever follows a run."""
    before_hosts: ClassVar[bool]
    """Whether it is converged before the hosts, or after them, with the values that they give."""
    unreachable: ClassVar[str]
    stale: ClassVar[str]
    """Codes of the diagnostics that say so."""

    def __init__(self, fleet: Fleet, host: str) -> None:
        self.host = host
        self.share = _write_share(fleet, self.service, host)
        self.on_event: OnEvent | None = None

    def observe(
        self, sirens: list[str], values: Mapping[str, str], on_event: OnEvent | None = None
    ) -> HostAnswer:
        """What would change for `sirens` (empty: for all); nothing is written.

        `values` are those that hosts gave for pending ones.  The result is that of a module in
        check mode: `changes` are also those that are known to fail, which `failed_changes` tells
        apart.
        """
        return self._answer(lambda: self._look(sirens, values), on_event)

    def converge(
        self,
        sirens: list[str],
        values: Mapping[str, str],
        expect: str | None,
        on_event: OnEvent | None = None,
    ) -> HostAnswer:
        """Make the changes, if they are still those of the digest `expect`."""
        return self._answer(lambda: self._make(sirens, values, expect), on_event)

    @abstractmethod
    def _look(self, sirens: list[str], values: Mapping[str, str]) -> Result:
        """The result of :meth:`observe`; a ``BastideError`` when the service cannot be asked."""

    @abstractmethod
    def _make(self, sirens: list[str], values: Mapping[str, str], expect: str | None) -> Result:
        """The result of :meth:`converge`; a ``BastideError`` when nothing could be done."""

    def _answer(self, work: Callable[[], Result], on_event: OnEvent | None) -> HostAnswer:
        answer = HostAnswer(self.host, self.service, "ok")
        self.on_event = on_event
        try:
            answer.result = work()
        except BastideError as error:
            codes = {found.code for found in error.diagnostics}
            answer.status = "unreachable" if self.unreachable in codes else "failed"
            answer.message = str(error)
            answer.result = {"stale": self.stale in codes}
        if on_event:
            event = {"event": answer.status, "host": self.host, "task": self.task}
            on_event({**event, "message": answer.message, "result": answer.result})
        return answer


def _write_share(fleet: Fleet, service: Service, host: str) -> Share:
    """As the shares of hosts, beside which it lies; the inventory knows nothing of it."""
    path = fleet.repository.state / "shares" / host / f"{service}.jsonl"
    header = share_header(service, host, fleet.repository.environment)
    content: Iterable[bytes] = [header, *fleet.share_lines(service)]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    return Share(host, service, path, "", fleet.share_revision(service))
