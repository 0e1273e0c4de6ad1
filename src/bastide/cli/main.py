# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: where errors become messages and exit codes, and nothing becomes a traceback.

Exit codes: 0 done, 1 invalid input or failed run, 2 wrong usage, 3 changes pending
(``plan --detailed-exitcode``), 4 refused by a safety limit.
"""

from __future__ import annotations

import errno
import gc
import os
import sys

import typer

from bastide.cli import (
    apply,
    audit,
    dnssec,
    drift,
    explain,
    fmt,
    lab,
    mail,
    new,
    plan,
    pulumi,
    registrar,
    renewals,
    report,
    rpnt,
    schema,
    streams,
    validate,
    verify,
    version,
)
from bastide.diagnostics.failure import BastideError

app = typer.Typer(
    name="bastide",
    help="One YAML file per local government in, a running digital town hall out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    new,
    fmt,
    validate,
    schema,
    plan,
    apply,
    verify,
    rpnt,
    drift,
    explain,
    audit,
    renewals,
    dnssec,
    version,
):
    app.command(name=command.__name__.rpartition(".")[2], help=command.__doc__)(command.run)
app.add_typer(lab.app, name="lab", help=lab.__doc__)
app.add_typer(mail.app, name="mail", help=mail.__doc__)
app.add_typer(pulumi.app, name="pulumi", help=pulumi.__doc__)
app.add_typer(registrar.app, name="registrar", help=registrar.__doc__)
app.add_typer(report.app, name="report", help=report.__doc__)

# A fleet is hundreds of thousands of small objects that all live to the end.
_GC_THRESHOLD = 500_000
_INTERRUPTED = 130


def main() -> None:
    """Entry point of the `bastide` command."""
    gc.set_threshold(_GC_THRESHOLD)
    streams.prepare()
    try:
        app()
    except BastideError as error:
        from bastide.cli.show import show_failure

        show_failure(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("bastide: interrupted; run the same command again to go on\n")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"bastide: {_os_error(error)}\n")
        sys.exit(1)


def _os_error(error: OSError) -> str:
    name = errno.errorcode.get(error.errno or 0, "")
    text = f"{error.filename or ''}: {error.strerror or error} ({name})".lstrip(": ")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        text += "\n  free some space (.bastide is what grows) and run the same command again"
    return text
