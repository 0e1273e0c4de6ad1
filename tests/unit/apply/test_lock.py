# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a run: kept as long as anything of the run lives, and named to whoever waits."""

import fcntl
import subprocess
import sys
import threading

import pytest

from bastide.apply.lock import run_lock
from bastide.diagnostics import RunFailed

HOLDER = """
import subprocess, sys
from pathlib import Path
from bastide.apply.lock import run_lock
with run_lock(Path(sys.argv[1]), 0) as lock:
    # What the engine does with Ansible; then the engine is killed.
    child = subprocess.Popen(["sleep", "60"], pass_fds=(lock,), stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_a_killed_engine_leaves_the_lock_to_what_it_had_begun(tmp_path):
    lock = tmp_path / "apply.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as engine:
        child = engine.stdout.readline().strip()
        engine.kill()
    with pytest.raises(RunFailed, match=f"process {engine.pid}"), run_lock(lock, 0):
        pass
    subprocess.run(["kill", "-9", child], check=True)
    with run_lock(lock, 10):
        pass


def test_a_holder_that_took_it_this_instant_is_named_all_the_same(tmp_path):
    lock = tmp_path / "apply.lock"
    with lock.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)

        def write():
            holder.write('{"who": "anne", "pid": 7, "since": "now"}')
            holder.flush()

        later = threading.Timer(0.4, write)
        later.start()
        told = []
        with pytest.raises(RunFailed, match="anne"), run_lock(lock, 3, told.append):
            pass
        later.join()
    assert told == ["anne, process 7, since now"]


@pytest.mark.parametrize("content", ["", "12", "[]", "{}", '{"who": 1', "null"])
def test_a_holder_that_wrote_nothing_readable_is_unknown(tmp_path, content):
    lock = tmp_path / "apply.lock"
    with lock.open("w") as holder:
        holder.write(content)
        holder.flush()
        fcntl.flock(holder, fcntl.LOCK_EX)
        told = []
        with pytest.raises(RunFailed, match="unknown"), run_lock(lock, 0.3, told.append):
            pass
    assert told == ["unknown"]
