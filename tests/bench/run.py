# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures rows P1 to P14 beside their peers and writes docs/benchmarks.md: ``make bench``.

The lab of the measure is its own, beside that of the demonstration; it is removed in the end.
BASTIDE_BENCH_RUNS says how often each thing is done (5).
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import astuple
from importlib.metadata import version
from pathlib import Path

import cloudflare_rows
import controller
import desk_rows
import guide_rows
import lab_rows
import mail_rows
import octodns_peer
import rpnt_rows
from measure import ROOT, WORK, Figure

_HEAD = """\
# Benchmarks

Measured by `make bench` on {date}: {machine}.
{versions}.

France is synthetic: one charter of 65 lines for each commune, two domains, ten mailboxes and twenty
record sets each. The Lot is `collectivities/46`. What stands in italics is measured beside Bastide,
in the same run, on the same work.

| row | work | median | spread | runs | aim |
|---|---|---|---|---|---|
"""


def machine() -> str:
    """What was measured on."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB"


def versions() -> str:
    """What it was measured with."""
    named = [f"{name} {version(name)}" for name in ("ansible-core", "Cerberus", "PyYAML")]
    python = platform.python_version()
    return ", ".join([f"Python {python}", *named, f"octodns {octodns_peer.VERSION}"])


def ratios(figures: list[Figure]) -> list[str]:
    """How many times faster than its peers, where both did the same work."""
    by_what = {figure.what: figure.median for figure in figures}
    size = f"{controller.PEERS_AT:,} charters"
    pairs = [
        (f"validate, cold cache, {size}",
         f"SafeLoader and a Cerberus validator for each file, {size}"),
        (f"validate, cold cache, {size}", f"octodns-validate, the zones of {size}"),
        (f"one charter changed, up to the shares, {controller.PLAN_AT:,} charters",
         controller.PLAN_ONE),
        (f"{controller.ZONES}, {size}", controller.PLAN_ALL),
        (lab_rows.APPLY_UNCHANGED, lab_rows.LOOPED_LOT),
        (mail_rows.UNCHANGED, mail_rows.LOOPED),
    ]  # fmt: skip
    return [
        f"- {ours}: {by_what[peer] / by_what[ours]:.0f} times faster than *{peer}*"
        for ours, peer in pairs
        if ours in by_what and peer in by_what
    ]


PARTS = ("controller", "cloudflare", "desk", "guide", "lab", "mail", "rpnt")


def measured(part: str) -> dict[str, list]:
    """Figures of one part, as rows, and lines about memory."""
    rows = {
        "controller": controller,
        "cloudflare": cloudflare_rows,
        "desk": desk_rows,
        "guide": guide_rows,
        "lab": lab_rows,
        "mail": mail_rows,
        "rpnt": rpnt_rows,
    }[part]
    figures = [astuple(figure) for figure in rows.figures()]
    return {"figures": figures, "memory": rows.memory() if rows in (controller, desk_rows) else []}


def page(known: dict[str, dict[str, list]]) -> str:
    """docs/benchmarks.md from what is known of each part."""
    figures = [Figure(*row) for part in PARTS for row in known[part]["figures"]]
    head = _HEAD.format(date=time.strftime("%Y-%m-%d"), machine=machine(), versions=versions())
    parts = [head, *(f"{one.line}\n" for one in sorted(figures, key=lambda one: int(one.row[1:])))]
    parts += ["\n## Beside the others\n\n", *(f"{line}\n" for line in ratios(figures))]
    parts += ["\n## Memory\n\nLargest process of each:\n\n"]
    return "".join(parts + [f"{line}\n" for part in PARTS for line in known[part]["memory"]])


def main() -> None:
    """Measure the parts that are named (all, unless some are), and write the page."""
    WORK.mkdir(parents=True, exist_ok=True)
    kept = WORK / "figures.json"
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for part in sys.argv[1:] or PARTS:
        known[part] = measured(part)
        kept.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if set(known) >= set(PARTS):
        (ROOT / "docs" / "benchmarks.md").write_text(page(known), encoding="utf-8")
        print(page(known))


if __name__ == "__main__":
    main()
