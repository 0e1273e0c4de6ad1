# SPDX-License-Identifier: GPL-3.0-or-later
"""What every command shares: the reader's language, diagnostics, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bastide.diagnostics.failure import BastideError
from bastide.diagnostics.kinds import Language
from bastide.diagnostics.render import as_text, summary

if TYPE_CHECKING:
    # Only for types: importing the fleet costs a tenth of a second that --help need not pay.
    from bastide.diagnostics import Diagnostic
    from bastide.fleet import Fleet, Repository

_COLOURS = {"+": "32", "~": "33", ">": "36", "^": "36", "%": "35", "!": "35", "-": "31"}


def language() -> Language:
    """French when the locale says so, else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"


def say(english: str, french: str) -> None:
    """One line to the person, in their language; output of the command stays on stdout."""
    print(french if language() == "fr" else english, file=sys.stderr)  # noqa: T201


def tell(line: str) -> None:
    """One line of progress, already in words."""
    sys.stderr.write(line + "\n")


def out(text: str) -> None:
    """The command's result, on stdout."""
    sys.stdout.write(text)
    sys.stdout.flush()


def out_for_machines(text: str) -> None:
    """Like :func:`out`, in UTF-8 whatever the locale: JSON knows no other (RFC 8259, 8.1)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def out_pieces_for_machines(pieces: Iterable[str]) -> None:
    """Like :func:`out_for_machines`, piece by piece as they are made."""
    sys.stdout.flush()
    for piece in pieces:
        sys.stdout.buffer.write(piece.encode())
    sys.stdout.buffer.flush()


def out_plan(text: str) -> None:
    """A plan in colours on a terminal, plain elsewhere (and where NO_COLOR is set)."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        out(text)
        return
    for line in text.splitlines(keepends=True):
        colour = _COLOURS.get(line[2:3]) if line.startswith("  ") and line[3:4] == " " else None
        out(f"\x1b[{colour}m{line.rstrip()}\x1b[0m\n" if colour else line)


def show_failure(error: BastideError) -> None:
    """Diagnostics of a failed command, on stderr."""
    text = as_text(sorted(error.diagnostics), 0, language())
    sys.stderr.write(text.rpartition(summary(error.diagnostics, 0, language()))[0])


def show_warnings(diagnostics: list[Diagnostic], files: int) -> None:
    """The count of warnings, so that a plan is not drowned in them."""
    if diagnostics:
        sys.stderr.write(summary(diagnostics, files, language()) + " (bastide validate)\n")


def repository(environment: str) -> Repository:
    """The repository that the current folder lies in."""
    from bastide.fleet import Repository

    return Repository.find(Path.cwd(), environment)


def sound_fleet(environment: str) -> Fleet:
    """The fleet; its errors end the command."""
    from bastide.diagnostics import InvalidInput
    from bastide.fleet import Fleet

    fleet = Fleet(repository(environment))
    if not fleet.sound:
        raise InvalidInput(*(d for d in fleet.diagnostics if d.severity.value == "error"))
    show_warnings(fleet.diagnostics, len(fleet))
    return fleet


class Progress:
    """Tells on stderr what Ansible does, one line a task, with the time it took."""

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event of the callback plugin or of the lock."""
        kind = event["event"]
        if kind == "waiting":
            say(f"waiting for {event['holder']}", f"j'attends {event['holder']}")
        elif kind == "note":
            note = event["note"]
            say(
                f"  {event['host']}: {note.message('en')}: {note.hint('en')}",
                f"  {event['host']} : {note.message('fr')} : {note.hint('fr')}",
            )
        elif kind == "ok" and "changes" in (event.get("result") or {}):
            result = event["result"]
            done = len(result["changes"] or ())
            failed = len(result.get("failed_changes") or ())
            tail_en = f", {failed} failed" if failed else ""
            tail_fr = f", {failed} en échec" if failed else ""
            say(
                f"  {event['host']}: {event['task']}: {done} changes{tail_en}",
                f"  {event['host']} : {event['task']} : {done} changements{tail_fr}",
            )
        elif kind in {"failed", "unreachable"}:
            lines = str(event.get("message") or kind).strip().splitlines()
            say(
                f"  {event['host']}: {kind}: {lines[0]}", f"  {event['host']} : {kind} : {lines[0]}"
            )
