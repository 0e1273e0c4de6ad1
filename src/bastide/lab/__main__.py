# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m bastide.lab up|down|status|destroy|sink [ADDRESS], for the current directory."""

from __future__ import annotations

import sys
from pathlib import Path

from bastide.diagnostics import BastideError
from bastide.lab import destroy, down, read_sink, status, up


def main(words: list[str]) -> int:
    """Run one command; the exit code is that of `bastide`."""
    root = Path.cwd()
    changes = {"up": up, "down": down, "destroy": destroy}
    try:
        match words:
            case [word] if word in changes:
                changes[word](root, _say)
            case ["status"]:
                for one in status(root):
                    silent = f", silent: {one.silent_ports}" if not one.ready else ""
                    _say(f"{one.name:8} {one.address:12} {one.state}{silent}")
            case ["sink", *address]:
                for caught in read_sink(root, *address[:1]):
                    _say(f"To: {caught.recipient}\n{caught.message}\n")
            case _:
                _say(str(__doc__))
                return 2
    except BastideError as failure:
        for finding in failure.diagnostics:
            sys.stderr.write(f"{finding.code}: {finding.message()}\n  {finding.hint()}\n")
        return failure.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the same command takes up what is left\n")
        return 130
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
