# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks after all certificates of a host once: what an apply and the host's timer both do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils import bastide_certserved as served
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_certorders import Authority, Report, Run, limits_of
from ansible.module_utils.bastide_certproofs import ByHttp, Proofs
from ansible.module_utils.bastide_files import HostError, explain, service_lock

Opener = Callable[[dict[str, Any], store.State], Authority]


def by_acme(settings: dict[str, Any], state: store.State) -> Authority:
    """The authority of the settings; python3-acme is loaded when there is something to order."""
    try:
        from ansible.module_utils.bastide_certacme import Acme
    except ImportError as missing:
        raise HostError(f"python3-acme is not installed on this host: {missing}") from None
    proofs = way(settings, state)
    proofs.sweep()
    return Acme(settings, state, proofs)


def way(settings: dict[str, Any], state: store.State) -> Proofs:
    """How this host proves names: by DNS where the role acme was given a zone for it."""
    if not settings.get("dns"):
        return ByHttp()
    try:
        from ansible.module_utils.bastide_certdns import ByDns
    except ImportError as missing:
        raise HostError(f"python3-dnspython is not installed on this host: {missing}") from None
    try:
        return ByDns(settings["dns"], state)
    except (LookupError, TypeError):
        raise HostError(f"{store.SETTINGS} is not whole: run playbooks/platform.yml") from None


def keep(
    state: store.State,
    scope: Iterable[str] | None = None,
    now: datetime | None = None,
    opener: Opener = by_acme,
) -> Report:
    """Order what is missing or due, and have it served.  The caller holds the lock.

    Args:
        state: As it was loaded, with what is wanted now; saved here.
        scope: Certificates that may be ordered; None for all, and the host's own.
        now: The time that counts; the clock's unless given.
        opener: Gives the authority; asked only when there is something to order.

    Raises:
        HostError: The settings cannot be used.
    """
    settings = store.read_settings()
    own = settings.get("own") or {}
    if own.get("names"):
        state.wanted[store.OWN] = store.Wanted("", sorted(own["names"]))
    else:
        state.wanted.pop(store.OWN, None)
    state.save()  # what is wanted outlives a run that is killed
    run = Run(state, limits_of(settings), now or datetime.now(UTC), lambda: opener(settings, state))
    report = run.work(scope)
    if state.proofs:  # of a run that was killed, or that could not remove them
        way(settings, state).sweep()
    if own.get("names"):
        served.install_own(own)
    if objection := served.publish(state):
        for stem in report.obtained:
            report.failed[stem] = f"it is there, but nginx does not take it: {objection}"
    state.save()
    return report


def main() -> int:
    """What the timer runs: once over everything; what went wrong goes to the journal."""
    try:
        with service_lock(store.LOCK, 600):
            report = keep(store.load_state())
    except (HostError, OSError) as error:
        said = explain(error) if isinstance(error, OSError) else str(error)
        sys.stdout.write(f"<3>{said}\n")
        return 1
    for stem in report.obtained:
        sys.stdout.write(f"<6>{stem}: new certificate\n")
    if report.waiting:
        first, why = min(report.waiting.items())
        sys.stdout.write(f"<6>{len(report.waiting)} certificates wait, {first}: {why}\n")
    for stem, why in report.failed.items():
        sys.stdout.write(f"<4>{stem}: {why}\n")
    return 0
