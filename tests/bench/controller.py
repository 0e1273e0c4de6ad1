# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows P1 to P3 and P9: what the controller does alone, for 1,000, 10,000 and 35,000 charters."""

from __future__ import annotations

import shutil
from pathlib import Path

import octodns_peer
from france import write_france
from measure import BIN, ROOT, RUNS, WORK, Figure, bastide, call, peak_memory, script, timed

SIZES = (1_000, 10_000, 35_000)
PEERS_AT = SIZES[0]
PLAN_AT = SIZES[1]  # what octoDNS needs grows with the square of the zones
PLAN_ONE = f"octodns-sync of one zone among {PLAN_AT:,}"
COMPILED = "every zone compiled, in normal form and checked, with all other shares"
ZONES = "the same from nothing, every charter read and validated first"
PLAN_ALL = f"octodns-sync of every zone, the zones of {PEERS_AT:,} charters"


def figures() -> list[Figure]:
    """Every figure of P1 to P3 and P9, and of their peers."""
    found = []
    for count in SIZES:
        found += _of_size(count, aims=count == SIZES[-1])
    return found + _peers_of_validation() + _peers_of_planning()


def memory() -> list[str]:
    """Lines about the largest process of each, at the largest size."""
    root = fleet_of(SIZES[-1])
    shutil.rmtree(root / ".bastide", ignore_errors=True)
    cold = peak_memory([str(BIN / "bastide"), "validate", "--format", "json"], root)
    compiled = peak_memory([str(BIN / "python"), str(_CONTROLLER_SIDE)], root)
    return [
        f"- `bastide validate`, cold, France: {cold:.0f} MB (aim: under 1 GB)",
        f"- validate, compile and write the shares of France: {compiled:.0f} MB",
    ]


def fleet_of(count: int) -> Path:
    """A synthetic repository of `count` charters, made once."""
    root = WORK / f"france-{count}"
    if not (root / ".git").exists():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        write_france(root, ROOT, count)
    return root


_CONTROLLER_SIDE = Path(__file__).with_name("controller_side.py")


def _of_size(count: int, *, aims: bool) -> list[Figure]:
    root = fleet_of(count)
    size = f"{count:,} charters"
    p1, p2, p3 = ("≤ 6 s", "≤ 0.3 s", "≤ 1 s") if aims else ("", "", "")
    cold = timed(lambda: _cold(root))
    zones = timed(lambda: _cold_zones(root))
    return [
        Figure("P1", f"validate, cold cache, {size}", cold, p1),
        Figure("P9", f"{COMPILED}, {size}", [_compiled(root) for _ in range(RUNS)],
               "≤ 20 s" if aims else ""),
        Figure("P9", f"{ZONES}, {size}", zones),
        Figure("P2", f"validate and compile, nothing changed, {size}",
               timed(lambda: _compile(root)), p2),
        Figure("P2", f"git status, {size}", timed(lambda: _git_status(root)), peer=True),
        Figure("P3", f"one charter changed, up to the shares, {size}",
               [_one_changed(root) for _ in range(RUNS)], p3),
    ]  # fmt: skip


def _cold(root: Path) -> None:
    shutil.rmtree(root / ".bastide", ignore_errors=True)
    bastide(root, "validate", "--format", "json")


def _cold_zones(root: Path) -> None:
    shutil.rmtree(root / ".bastide", ignore_errors=True)
    _compile(root)


def _compiled(root: Path) -> float:
    """Seconds for the zones and all other shares, of charters that were validated before."""
    _cold(root)
    [seconds] = timed(lambda: _compile(root), 1)
    return seconds


def _compile(root: Path) -> None:
    """Validate, compile and write the shares: all that a plan does before it asks a host."""
    script(_CONTROLLER_SIDE.name, root)


def _one_changed(root: Path) -> float:
    """Seconds after one charter got another record."""
    path = next(iter(sorted(root.glob("collectivities/*/*.yml"))))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("192.0.2.1}", "192.0.2.200}"), encoding="utf-8")
    [seconds] = timed(lambda: _compile(root), 1)
    path.write_text(text, encoding="utf-8")
    _compile(root)
    return seconds


def _git_status(root: Path) -> None:
    call(["git", "status", "--porcelain"], root)


def _peers_of_validation() -> list[Figure]:
    root, size = fleet_of(PEERS_AT), f"{PEERS_AT:,} charters"
    zones = octodns_peer.zones_of(root)
    return [
        Figure("P1", f"SafeLoader and a Cerberus validator for each file, {size}",
               timed(lambda: script("peer_cerberus.py", root, str(root), str(PEERS_AT))),
               peer=True),
        Figure("P1", f"libyaml compose alone (the floor), {size}",
               timed(lambda: script("floor_compose.py", root, str(root), str(PEERS_AT))),
               peer=True),
        Figure("P1", f"octodns-validate, the zones of {size}",
               timed(lambda: call(octodns_peer.validate(zones), WORK)), peer=True),
    ]  # fmt: skip


def _peers_of_planning() -> list[Figure]:
    zones = octodns_peer.zones_of(fleet_of(PLAN_AT))
    seconds = timed(lambda: call(octodns_peer.plan_one(zones), WORK))
    small = octodns_peer.zones_of(fleet_of(PEERS_AT))
    all_of_them = timed(lambda: call(octodns_peer.plan_all(small), WORK))
    return [
        Figure("P3", PLAN_ONE, seconds, peer=True),
        Figure("P9", PLAN_ALL, all_of_them, peer=True),
    ]
