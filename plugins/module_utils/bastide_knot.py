# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to Knot DNS on this host: what it serves, its list of our zones, its checks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible.module_utils.bastide_files import (
    HostError,
    explain,
    read_or_none,
    run,
    words,
    write_atomic,
)
from ansible.module_utils.bastide_share import is_domain
from ansible.module_utils.bastide_zonedata import LEAVING, SIGNED, UNSIGNED, split_zones

ZONES_DIRECTORY = Path("/var/lib/knot/bastide/zones")
CONFIG = Path("/etc/knot/bastide-zones.conf")
GROUP = "knot"
MODE = 0o640

# Zones named on one command line: 253 characters each stay far below the system's 2 MiB.
BATCH = 500
# knotc reads one zone or all of them; beyond so many, all at once is cheaper.
READ_ONE_BY_ONE = 8
# Most of a check is starting it; the name server keeps its other core.
CHECKS_AT_ONCE = 2
# Seconds for the server to load what was written: a floor, and a part per zone.
LOAD_FLOOR, LOAD_PER_ZONE = 20.0, 0.05
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5

_ENTRY = re.compile(r'  - domain: "([^"]+)\."\Z')
# Templates of the role knot; without one a zone has that of all zones, which signs nothing.
TEMPLATES = {SIGNED: "bastide-signed", LEAVING: "bastide-leaving"}
_TEMPLATE = {f"    template: {name}": signing for signing, name in TEMPLATES.items()}


def read_served(zones: Iterable[str] = ()) -> dict[str, str]:
    """The records that Knot serves right now, as text per zone (``knotc zone-read``).

    Args:
        zones: Only these; all when empty.

    Raises:
        HostError: When the server does not answer.
    """
    names = list(zones)
    if not names or len(names) > READ_ONE_BY_ONE:
        return split_zones(_knotc("zone-read", "--"))
    return {z: text for name in names for z, text in split_zones(_read_one(name)).items()}


def _read_one(zone: str) -> str:
    # A zone that is not configured (any more) is an error to knotc and an empty zone to us.
    done = run(["knotc", "zone-read", zone])
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _knotc(*argv: str) -> str:
    done = run(["knotc", *argv])
    if done.returncode != 0:
        raise HostError(f"knotc {argv[0]}: {words(done)}")
    return done.stdout.decode(errors="replace")


def zone_file(zone: str) -> Path:
    """Where the zone's file lies; `zone` is a checked name."""
    return ZONES_DIRECTORY / f"{zone}.zone"


def check_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Knot's objections to zone files (kzonecheck(1)), by zone; those it would load have none."""
    with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
        objections = pool.map(_check, texts.items())
        return {zone: said for zone, said in zip(texts, objections, strict=True) if said}


def _check(zone_and_text: tuple[str, str]) -> str | None:
    zone, text = zone_and_text
    done = run(["kzonecheck", "-o", zone, "/dev/stdin"], text)
    return None if done.returncode == 0 else words(done)


def listed_zones() -> tuple[dict[str, str], str]:
    """The zones in our part of Knot's configuration with how each is signed, and its text."""
    text = (read_or_none(CONFIG) or b"").decode(errors="replace")
    zones: dict[str, str] = {}
    zone = ""
    for line in text.splitlines():
        if match := _ENTRY.match(line):
            zone = match[1] if is_domain(match[1]) else ""
            if zone:
                zones[zone] = UNSIGNED
        elif zone and line in _TEMPLATE:
            zones[zone] = _TEMPLATE[line]
    return zones, text


def config_text(zones: Mapping[str, str]) -> str:
    """Our whole part of Knot's configuration: one zone list, sorted.

    Args:
        zones: How each zone is signed, by its name.
    """
    lines = ["# Written by Bastide, replaced at each change of the set of zones."]
    names = sorted(zones)
    lines += ["zone:"] if names else []
    for zone in names:
        lines.append(f'  - domain: "{zone}."')
        if template := TEMPLATES.get(zones[zone]):
            lines.append(f"    template: {template}")
        lines.append(f'    file: "{zone_file(zone)}"')
        lines += ["    zonefile-sync: -1"]  # the file is ours: Knot never writes it back
    return "\n".join([*lines, ""])


def replace_config(text: str) -> str | None:
    """Put `text` in place and load it; the old one comes back when Knot refuses.

    Returns:
        Knot's objection, None when the new list of zones is loaded.
    """
    before = read_or_none(CONFIG)
    write_atomic(CONFIG, text, MODE, GROUP)
    done = run(["knotc", "conf-check"])
    if done.returncode == 0:
        done = run(["knotc", "reload"])
        if done.returncode == 0:
            return None
    write_atomic(CONFIG, before or b"", MODE, GROUP)
    return words(done)


def write_zone(zone: str, text: str) -> str | None:
    """Replace a zone file; the system's objection, None when it is written."""
    try:
        write_atomic(zone_file(zone), text, MODE, GROUP)
    except OSError as error:
        return explain(error)
    return None


def forget_journal(zones: Iterable[str]) -> None:
    """Drop what the journal has of these zones, from an earlier time when they were signed.

    Knot would try to go on from there and fail (``zone event 're-sign' failed``).
    """
    for zone in sorted(zones):
        run(["knotc", "--force", "zone-purge", zone, "+journal"])


def reload_zones(zones: Iterable[str]) -> None:
    """Have Knot read the files of these zones again; what comes of it is seen by reading."""
    names = sorted(zones)
    for start in range(0, len(names), BATCH):
        run(["knotc", "zone-reload", *names[start : start + BATCH]])


def wait_served(
    zones: Iterable[str], as_desired: Callable[[str, str | None], bool]
) -> tuple[dict[str, str], set[str]]:
    """Wait until each zone is served as it should be, for a bounded time.

    Args:
        zones: Those to look at.
        as_desired: Given a zone and its served text (None: not served), says whether that
            is what was wanted.

    Returns:
        The served texts, and the zones that are not as desired.
    """
    waiting, texts = set(zones), {}
    deadline = time.monotonic() + LOAD_FLOOR + LOAD_PER_ZONE * len(waiting)
    pause = _FIRST_PAUSE
    while waiting:
        served = read_served(waiting)
        for zone in sorted(waiting):
            if as_desired(zone, served.get(zone)):
                waiting.discard(zone)
                texts[zone] = served.get(zone, "")
        if not waiting or time.monotonic() >= deadline:
            break
        time.sleep(pause)  # Knot loads in the background and tells nobody when it is done
        pause = min(pause * 2, _LONGEST_PAUSE)
    return texts, waiting
