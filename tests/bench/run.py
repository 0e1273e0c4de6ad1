# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures rows P1 to P6 beside their peers and writes docs/benchmarks.md.

``make bench`` runs it.  Rows that need the lab (P4, P5) are measured when it is up and the
whole Lot applied; P6 is read from the last ``make demo``.  Medians of `RUNS` runs.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from france import write_france

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".bastide" / "bench"
BASTIDE = str(Path(sys.executable).parent / "bastide")
RUNS = int(os.environ.get("BASTIDE_BENCH_RUNS", "5"))
SIZES = (1_000, 10_000, 35_000)


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds of some runs of one thing."""

    row: str
    what: str
    seconds: list[float]
    aim: str = ""

    @property
    def line(self) -> str:
        """As a row of a Markdown table."""
        middle = statistics.median(self.seconds)
        spread = f"{min(self.seconds):.2f} to {max(self.seconds):.2f}"
        return f"| {self.row} | {self.what} | {middle:.2f} s | {spread} | {self.aim} |"


def timed(work: Callable[[], object], runs: int = RUNS) -> list[float]:
    """Seconds of each of `runs` runs."""
    result = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        result.append(time.perf_counter() - started)
    return result


def command(root: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    """Run `bastide` in `root`; another exit code than `codes` ends the measure."""
    done = subprocess.run(
        [BASTIDE, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode not in codes:
        raise SystemExit(f"bastide {' '.join(arguments)}: {done.returncode}\n{done.stderr}")


def forget(root: Path) -> None:
    """Remove the cache: what a first run finds."""
    shutil.rmtree(root / ".bastide", ignore_errors=True)


def peak_memory(root: Path, *arguments: str) -> float:
    """Largest resident size in MB of a `bastide` run and its workers, as time(1) tells it."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, BASTIDE, *arguments],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(done.stdout.strip().splitlines()[-1]) / 1024


_MEASURE = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def fleet_of(count: int) -> Path:
    """A synthetic repository of `count` charters, made once."""
    root = WORK / f"france-{count}"
    if not (root / ".git").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        write_france(root, ROOT, count)
    return root


def cold(root: Path) -> None:
    """P1: validate with nothing known."""
    forget(root)
    command(root, "validate", "--format", "json")


def peer_cerberus(root: Path, share: int) -> None:
    """What one would write first: SafeLoader and a new validator for each file."""
    script = Path(__file__).with_name("peer_cerberus.py")
    subprocess.run([sys.executable, str(script), str(root), str(share)], check=True)


def floor_compose(root: Path, share: int) -> None:
    """The floor: libyaml's compose and nothing else."""
    script = Path(__file__).with_name("floor_compose.py")
    subprocess.run([sys.executable, str(script), str(root), str(share)], check=True)


def one_changed(root: Path) -> float:
    """P3: touch one charter, then validate, compile and write the shares."""
    path = root / "collectivities" / "46" / "cahors.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("192.0.2.1}", "192.0.2.200}"), encoding="utf-8")
    started = time.perf_counter()
    compile_shares(root)
    taken = time.perf_counter() - started
    path.write_text(text, encoding="utf-8")
    compile_shares(root)
    return taken


def compile_shares(root: Path) -> None:
    """Validate, compile and write the shares: all that a plan does before it asks a host."""
    script = Path(__file__).with_name("controller_side.py")
    subprocess.run([sys.executable, str(script)], cwd=root, check=True)


def git_status(root: Path) -> None:
    """What git needs to say that nothing changed."""
    status = ["git", "-C", str(root), "status", "--porcelain"]
    subprocess.run(status, capture_output=True, check=True)


def controller_figures() -> list[Figure]:
    """P1 to P3 at three sizes."""
    figures = []
    for count in SIZES:
        root = fleet_of(count)
        size = f"{count:,} charters"
        aims = ("≤ 6 s", "≤ 0.3 s", "≤ 1 s") if count == SIZES[-1] else ("", "", "")
        runs = RUNS if count < SIZES[-1] else min(RUNS, 5)
        figures.append(
            Figure("P1", f"validate, cold, {size}", timed(lambda r=root: cold(r), runs), aims[0])
        )
        compile_shares(root)
        figures.append(Figure("P2", f"validate and compile, nothing changed, {size}",
                              timed(lambda r=root: compile_shares(r)), aims[1]))  # fmt: skip
        figures.append(Figure("", f"git status, {size}",
                              timed(lambda r=root: git_status(r))))  # fmt: skip
        if (root / "collectivities" / "46" / "cahors.yml").exists():
            figures.append(Figure("P3", f"one charter changed, to the shares, {size}",
                                  [one_changed(root) for _ in range(RUNS)], aims[2]))  # fmt: skip
    root = fleet_of(SIZES[0])
    figures.append(Figure("", "SafeLoader and a Cerberus validator a file, 1,000 charters",
                          timed(lambda: peer_cerberus(root, SIZES[0]), 3)))  # fmt: skip
    figures.append(Figure("", "libyaml compose alone, 1,000 charters",
                          timed(lambda: floor_compose(root, SIZES[0]), 3)))  # fmt: skip
    return figures


def lab_figures() -> list[Figure]:
    """P4 on the running lab; nothing when it is not up or has changes pending."""
    done = subprocess.run(
        [BASTIDE, "plan", "--detailed-exitcode"], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        print("P4 left out: the lab is not up, or changes are pending (make demo)")
        return []
    return [
        Figure("P4", "plan of the Lot, no change", timed(lambda: command(ROOT, "plan")), "≤ 6 s"),
        Figure("P4", "apply of the Lot, no change", timed(lambda: command(ROOT, "apply")), "≤ 8 s"),
    ]


def machine() -> str:
    """What was measured on."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else "unknown"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}"


def main() -> None:
    """Measure and write the page."""
    WORK.mkdir(parents=True, exist_ok=True)
    figures = controller_figures() + lab_figures()
    memory = peak_memory(fleet_of(SIZES[-1]), "validate", "--format", "json")
    (WORK / "figures.json").write_text(
        json.dumps([[f.row, f.what, f.seconds] for f in figures], indent=1), encoding="utf-8"
    )
    lines = [
        "# Benchmarks",
        "",
        f"Measured by `make bench` on {time.strftime('%Y-%m-%d')}: {machine()}.",
        "Medians; peers in the same run.",
        "France is synthetic: a charter of 65 lines for each commune, two domains, ten mailboxes.",
        "",
        "| row | work | median | spread | aim |",
        "|---|---|---|---|---|",
        *(figure.line for figure in figures),
        "",
        f"Largest memory of one process while validating France: {memory:.0f} MB.",
        "",
    ]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
