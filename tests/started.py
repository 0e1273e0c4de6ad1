# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as processes of their own, forked from one that has imported already what they need.

Python and the vendors' libraries take a second or two to start, and some tests start a command
a hundred times. What runs is the same: another process, which can be killed, with its own
environment, folder and streams.
"""

from __future__ import annotations

import atexit
import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import connection
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
# No program of the tests is among them: each is run anew.
CONTEXT.set_forkserver_preload(
    [
        "bastide.cli.main",
        "bastide.apply.apply",
        "bastide.plan.compute",
        "bastide.targets.registrars.ovh",
        "bastide.targets.registrars.scaleway",
        "bastide.verify",
        "cloudflare.resources.dns",
        "cloudflare.resources.rulesets",
        "cloudflare.resources.zones",
    ]
)


class Started:
    """What `subprocess.Popen` is of it, as far as tests ask: streams are read when it has ended."""

    def __init__(self, program, arguments, *, cwd, env):
        """Begin ``python PROGRAM ARGUMENTS``; `program` is the path of a script, or ``-m name``."""
        self._folder = tempfile.TemporaryDirectory(prefix="started-")
        self._files = [Path(self._folder.name) / name for name in ("stdout", "stderr")]
        what = (program, [*map(str, arguments)], str(cwd), dict(env), [*map(str, self._files)])
        self._process = CONTEXT.Process(target=_become, args=what)
        # A test and the server that it has started may both wait.
        self._lock = threading.Lock()
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self):
        """As Popen has it: None while it runs, the negative signal that ended it."""
        with self._lock:
            return self._process.exitcode

    def poll(self):
        return self.returncode

    def kill(self):
        self._process.kill()

    def wait(self, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.returncode) is None:
            connection.wait([self._process.sentinel], timeout=0.2)
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def communicate(self, timeout=None):
        self.wait(timeout)
        out, errors = (file.read_text("utf-8") if file.exists() else "" for file in self._files)
        self._folder.cleanup()
        return out, errors


def _become(program, arguments, folder, environment, files):
    """Be that command: never returns."""
    code = 1
    try:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        os.chdir(folder)
        _redirect(files)
        script = program[-1]
        sys.argv = [script, *arguments]
        if program[0] == "-m":
            runpy.run_module(script, run_name="__main__", alter_sys=True)
        else:
            sys.path.insert(0, str(Path(script).parent))
            runpy.run_path(script, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter: what nobody caught is printed
        sys.excepthook(*sys.exc_info())
    finally:
        atexit._run_exitfuncs()  # noqa: SLF001 - a forked process does not come to them by itself
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(files):
    for number, name in ((0, os.devnull), (1, files[0]), (2, files[1])):
        opened = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = _text(1)
    sys.stderr = sys.__stderr__ = _text(2)


def _text(number):
    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", line_buffering=number > 1)
