# SPDX-License-Identifier: GPL-3.0-or-later
"""Row P10: zones at Cloudflare, beside octodns-cloudflare, against one imitation for both.

Each runs in a process of its own, as the imitation does.  What counts is the number of requests,
since Cloudflare takes 1,200 in five minutes; it is the same in every run.  A first load has two
more for each zone, whoever makes it: the zone itself, and its DNSSEC.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import RUNS, WORK, Figure, script, timed

ZONES = int(os.environ.get("BASTIDE_BENCH_ZONES", "1000"))
LATENCY = 0.005
_SIDE, _PEER, _SERVED = "cloudflare_side.py", "cloudflare_peer.py", "cloudflare_served.py"


class _Account:
    """A fresh account, served to everybody with the same latency."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._line()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def requests(self) -> str:
        """How many there were since this was asked last, and how many of them for records."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        total, of_records = map(int, self._line().split())
        return f"{total:,} requests, {of_records:,} of them for records"


@contextmanager
def _account() -> Iterator[_Account]:
    command = [sys.executable, str(Path(__file__).with_name(_SERVED)), str(LATENCY)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _Account(process)
        finally:
            process.kill()


def figures() -> list[Figure]:
    """Every figure of P10."""
    WORK.mkdir(parents=True, exist_ok=True)
    ours = [_run(_SIDE) for _ in range(RUNS)]
    theirs = _run(_PEER)  # one run: it takes minutes
    size = f"{ZONES:,} zones of 20 records at Cloudflare"
    found = []
    for place, (work, aim) in enumerate(
        [
            ("first load", "≥ 15 records in a request"),
            ("nightly look, nothing changed", "1 request for each zone"),
        ]
    ):
        mine = [run[place][0] for run in ours]
        found += [
            Figure("P10", f"{work}, {size}: {ours[0][place][1]}", mine, aim),
            Figure(
                "P10",
                f"octodns-cloudflare, {work}, {size}: {theirs[place][1]}",
                [theirs[place][0]],
                peer=True,
            ),
        ]
    return found


def _run(program: str) -> list[tuple[float, str]]:
    """Seconds and requests of the first load, and of a look at what is there then."""
    found = []
    with _account() as account:
        for work in ("load", "look"):
            [seconds] = timed(
                lambda work=work: script(program, WORK, account.url, work, str(ZONES)), 1
            )
            found.append((seconds, account.requests()))
    return found
