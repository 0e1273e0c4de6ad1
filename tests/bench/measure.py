# SPDX-License-Identifier: GPL-3.0-or-later
"""What a measure is: seconds of some runs of one thing, and how commands are run for it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".bastide" / "bench"
BIN = Path(sys.executable).parent
RUNS = int(os.environ.get("BASTIDE_BENCH_RUNS", "5"))

_SHORT = 0.05  # seconds; what is shorter is told in milliseconds

# The child's own usage is all that a process of its own sees, so each measure has one.
_MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds of some runs of one thing; `peer` marks what is measured beside Bastide."""

    row: str
    what: str
    seconds: list[float]
    aim: str = ""
    peer: bool = False

    @property
    def median(self) -> float:
        """Middle of the runs, in seconds."""
        return statistics.median(self.seconds)

    @property
    def line(self) -> str:
        """As a row of a Markdown table."""
        unit, times = ("ms", 1000) if self.median < _SHORT else ("s", 1)
        spread = f"{min(self.seconds) * times:.2f} to {max(self.seconds) * times:.2f}"
        what = f"*{self.what}*" if self.peer else self.what
        runs = len(self.seconds)
        median = f"{self.median * times:.2f} {unit}"
        return f"| {self.row} | {what} | {median} | {spread} | {runs} | {self.aim} |"


def timed(work: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Seconds of each of `runs` runs."""
    result = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        result.append(time.perf_counter() - started)
    return result


def call(arguments: list[str], folder: Path, **environment: str) -> str:
    """Run a command in `folder` and return what it prints; a failure ends the measure."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-4000:]
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{said}")
    return done.stdout


def bastide(folder: Path, *arguments: str) -> str:
    """Run `bastide` in `folder`."""
    return call([str(BIN / "bastide"), *arguments], folder)


def script(name: str, folder: Path, *arguments: str) -> str:
    """Run a script that stands beside this file, in `folder`."""
    return call([sys.executable, str(Path(__file__).with_name(name)), *arguments], folder)


def peak_memory(arguments: list[str], folder: Path) -> float:
    """Largest resident size in MB of one process of a command, as getrusage(2) tells it."""
    kilobytes, code = call([sys.executable, "-c", _MEASURE, *arguments], folder).split()
    if code != "0":
        raise SystemExit(f"{' '.join(arguments)}: exit code {code}")
    return int(kilobytes) / 1024
