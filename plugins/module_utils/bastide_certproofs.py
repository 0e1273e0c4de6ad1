# SPDX-License-Identifier: GPL-3.0-or-later
"""How a name is proved to an authority: what every way has, and the one over HTTP (HTTP-01).

RFC 8555 §8.3: the authority asks the name itself, on port 80, for a file that nginx serves out of
one folder.  By DNS names are proved in bastide_certdns.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Protocol

from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_files import write_atomic


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no name can be proved now; `kind` is that of an Answer."""

    kind: str
    why: str


class Proofs(Protocol):
    """A way to prove names.

    Attributes:
        challenge: What ACME calls it.
        at_once: The world sees a proof as soon as it is placed.
    """

    challenge: str
    at_once: bool

    def sweep(self) -> None:
        """Remove what a killed run left; the caller holds the lock."""

    def place(self, name: str, token: str, text: str) -> None:
        """Take the proof of a name: token of its challenge, and the text that the authority wants.

        Raises:
            OSError: It cannot be put where it belongs.
        """

    def show(self) -> Trouble | None:
        """Have the world see all that was placed; the trouble when it does not."""

    def clear(self) -> None:
        """Remove all that was placed, as far as that can be done now."""


@dataclass(slots=True)
class ByHttp:
    """Files below ``/.well-known/acme-challenge/``."""

    challenge: str = "http-01"
    at_once: bool = True
    _tokens: list[str] = field(default_factory=list)

    def sweep(self) -> None:
        """Remove every file of a former run."""
        with contextlib.suppress(OSError):
            for left in store.CHALLENGES.iterdir():
                left.unlink(missing_ok=True)

    def place(self, name: str, token: str, text: str) -> None:
        """Write the file of this token."""
        write_atomic(store.CHALLENGES / token, text, 0o644)
        self._tokens.append(token)

    def show(self) -> Trouble | None:
        """Nothing is left to do."""
        return None

    def clear(self) -> None:
        """Remove the files of this run."""
        for token in self._tokens:
            with contextlib.suppress(OSError):  # the next sweep takes it
                (store.CHALLENGES / token).unlink(missing_ok=True)
        self._tokens.clear()
