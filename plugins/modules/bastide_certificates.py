#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the certificates of the names that this web host serves, in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_certificates
short_description: Converge the TLS certificates of all collectivities on a web host
version_added: "0.2.0"
description:
  - Reads the host's share of the desired state (one certificate for each domain, with all its
    names) and what lies on disk, orders by ACME what is missing, of other names, or due, within
    the limits of the authority, and has nginx serve it.
  - What does not fit into the limits waits (C(waiting)); the host's timer takes it up. A name that
    cannot be proved rests and is left out, and the other names of its domain are not.
  - A certificate that leaves the share goes, unless its collectivity or domain has vanished
    without being retired.
options:
  share:
    description: Path of the share on the host (C(tls.jsonl)).
    type: path
    required: true
  scope:
    description: SIREN of the collectivities that may be touched. Empty means every one.
    type: list
    elements: str
    default: []
  values:
    description: Values of other hosts; certificates need none.
    type: dict
    default: {}
  expect:
    description:
      - Digest of the changes that the plan showed. Others found means nothing is done. An apply
        gives none, since the timer orders too, and an order takes nothing from anybody.
    type: str
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
requirements: [nginx, python3-acme]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Converge the certificates
  bastide_certificates:
    share: /var/lib/bastide/desired/tls.jsonl
"""

RETURN = r"""
changes:
  description: What was changed, or would be in check mode.
  returned: always
  type: list
  elements: dict
failed_changes:
  description: What could not be changed, and why.
  returned: always
  type: list
  elements: dict
waiting:
  description: What the limits of the authority do not allow yet.
  returned: always
  type: list
  elements: dict
digest:
  description: Digest over the changes found.
  returned: always
  type: str
left_alone:
  description: Certificates that are there and neither declared nor retired.
  returned: always
  type: list
  elements: dict
totals:
  description: Certificates before the run, by SIREN.
  returned: always
  type: dict
values:
  description: Always empty; certificates give no values.
  returned: always
  type: dict
repaired:
  description: Files of nginx that did not say what certificates there are.
  returned: always
  type: list
  elements: str
stale:
  description: Whether the changes found are other than O(expect), so that nothing was done.
  returned: always
  type: bool
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from ansible.module_utils import bastide_certserved as served
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_certbudget import MOST_NAMES
from ansible.module_utils.bastide_certkeeper import keep
from ansible.module_utils.bastide_certorders import Report, resting_text
from ansible.module_utils.bastide_reconcile import Body, Change, reconcile
from ansible.module_utils.bastide_share import is_domain

KIND = "certificate"


@dataclass(slots=True)
class Work:
    """What `survey` found out: the state as it was, and the moment of the look."""

    state: store.State
    now: datetime


def check_certificate(name: str, body: Body) -> str | None:
    """Why a certificate of the share is not acceptable, None when it is."""
    names = body.get("names")
    if not isinstance(names, list) or not names or not all(map(is_domain, names)):
        return "its names are no list of domain names"
    if len(names) > MOST_NAMES:
        return f"it has more than {MOST_NAMES} names"
    if not all(one == name or one.endswith(f".{name}") for one in names):
        return "a name of it lies outside of its domain"
    return None


def survey(found: Survey) -> None:
    """Compare the certificates of the share with those on disk."""
    work = found.work = Work(store.load_state(), datetime.now(UTC))
    found.report_unusable()
    resources = found.share.resources
    desired = {
        address: (siren, {"names": sorted(body["names"])})
        for address, (siren, body) in resources.items()
        if found.in_scope(siren)
    }
    actual: dict[str, tuple[str, Body]] = {}
    for stem in store.stems():
        address = f"{KIND}:{stem}"
        known = work.state.wanted.get(stem)
        owner = known.siren if known else resources.get(address, ("", {}))[0]
        held = store.read_certificate(stem)
        good = held is not None and held.ends > work.now
        if owner and found.in_scope(owner):
            found.count(owner, KIND)
        if address in desired:
            if good and held:
                actual[address] = (owner or desired[address][0], {"names": list(held.names)})
            if held and held.at(store.ALARM_AFTER) <= work.now:
                _tell_the_end(found, address, desired[address][0], held)
        elif address not in resources and address not in found.share.unusable:
            _leave_or_drop(found, address, owner, held, actual)
    found.changes += reconcile(desired, actual)
    for one in found.changes:
        after = one["after"] or {}
        resting = work.state.resting(after.get("names", ()), work.now)
        if any(failure.count for failure in resting.values()):
            found.fail(one["address"], one["siren"], resting_text(resting))
    if not found.scope:
        found.repaired = [str(path) for path in served.stale_files(work.state)]


def _tell_the_end(found: Survey, address: str, siren: str, held: store.Certificate) -> None:
    """A renewal that should have come long ago is told, though nothing of it is declared anew."""
    resting = found.work.state.resting(held.names, found.work.now)
    why = resting_text(resting) or "the timer bastide-certificates should have renewed it"
    found.fail(address, siren, f"it ends on {held.ends:%Y-%m-%d}: {why}")


def _leave_or_drop(
    found: Survey,
    address: str,
    owner: str,
    held: store.Certificate | None,
    actual: dict[str, tuple[str, Body]],
) -> None:
    """A certificate that the share does not list: it goes, or it is left and told."""
    if not owner:
        if not found.scope:
            found.leave(address, "", "undeclared")
        return
    if not found.in_scope(owner):
        return
    fate = found.share.fate(owner, address)
    if fate in ("present", "retired"):
        actual[address] = (owner, {"names": list(held.names) if held else []})
    else:
        found.leave(address, owner, fate)


def converge(found: Survey) -> None:
    """Note what is wanted, drop what is not, order the rest; then see what has become of it."""
    work: Work = found.work
    for address, (siren, body) in found.share.resources.items():
        if found.in_scope(siren):
            work.state.wanted[_stem(address)] = store.Wanted(siren, sorted(body["names"]))
    for one in found.changes:
        if one["after"] is None:
            work.state.wanted.pop(_stem(one["address"]), None)
            store.remove(_stem(one["address"]))
    mine = {stem for stem, one in work.state.wanted.items() if one.siren in found.scope}
    report = keep(work.state, mine if found.scope else None)
    for address in [*found.failed]:
        held = store.read_certificate(_stem(address))
        good = held is not None and held.at(store.ALARM_AFTER) > work.now
        if good and address not in found.share.unusable:
            found.failed.pop(address)  # renewed by this very run
    for one in found.changes:
        if one["after"] is not None:
            _tell(found, one, report)


def _stem(address: str) -> str:
    return address.removeprefix(f"{KIND}:")


def _tell(found: Survey, one: Change, report: Report) -> None:
    """What became of one change: made, waiting, or failed."""
    address, stem = one["address"], _stem(one["address"])
    found.undone.discard(address)
    found.failed.pop(address, None)
    held = store.read_certificate(stem)
    if why := report.failed.get(stem) or report.resting.get(stem):
        found.fail(address, one["siren"], why)
        if stem in report.kinds:
            found.kinds[address] = report.kinds[stem]
    elif stem in report.waiting:
        found.wait(address, one["siren"], report.waiting[stem])
    elif held is None or list(held.names) != one["after"]["names"]:
        found.fail(address, one["siren"], "it was not ordered")


if __name__ == "__main__":
    main(Service("tls", store.LOCK, {KIND: check_certificate}, survey, converge))
