# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception tree of Bastide, raised only at the edge.

BastideError            carries diagnostics and the exit code of the command
├── InvalidInput        exit 1: the files or the arguments cannot be used
├── RunFailed           exit 1: a host, a service or a tool did not do its part
└── RefusedBySafety     exit 4: a limit of platform.yml stands in the way
"""

from __future__ import annotations

from bastide.diagnostics.diagnostic import Diagnostic


class BastideError(Exception):
    """Stops a command; `diagnostics` say why, `exit_code` is what the shell sees."""

    exit_code = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message() for d in diagnostics))
        self.diagnostics = list(diagnostics)


class InvalidInput(BastideError):
    """The files or the arguments cannot be used as they are."""


class RunFailed(BastideError):
    """A host, a service or a tool did not do its part."""


class RefusedBySafety(BastideError):
    """A safety limit of platform.yml stands in the way."""

    exit_code = 4
