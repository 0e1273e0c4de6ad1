#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the mail directory of this host: domains, mailboxes, aliases, in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bastide_mail_directory
short_description: Converge the mailboxes and aliases of all collectivities on a mail host
version_added: "0.1.0"
description:
  - Reads the host's share of the desired state and the mail directory, a SQLite file, and
    brings the directory to the share in one transaction.
  - Compiles the lookup tables of Postfix from it and replaces each by rename, when their
    content changes or a table is not as it was left.
  - Makes the DKIM key of each mail domain that has one of its own once. Such a key is never remade
    and never removed. The platform's keys are begun here and go on with C(bastide_mail_signing).
  - Gives by which key this host is recognised on port 25 (DANE), and keeps the key of its next
    certificate.
  - Has the groupware's table of users follow, where the host has a groupware.
  - Mail is never removed. A mailbox that leaves the share is suspended and keeps its mail; one
    that comes back is restored with it. When its collectivity or domain is retired, mail to it
    bounces.
options:
  share:
    description: Path of the share on the host (C(mail.jsonl)).
    type: path
    required: true
  scope:
    description: SIREN of the collectivities that may be touched. Empty means every one.
    type: list
    elements: str
    default: []
  held:
    description: >-
      Where there are several mail hosts, SIREN of the collectivities whose mail lies on each of the
      others. Nothing of their mailboxes is made here.
    type: dict
    default: {}
  values:
    description: Values of other hosts; the mail directory needs none.
    type: dict
    default: {}
  expect:
    description: Digest of the changes that the plan showed. Others found means nothing is done.
    type: str
  lock_timeout:
    description: Seconds to wait for another run on this host.
    type: int
    default: 60
requirements: [postfix-cdb, openssl, dovecot]
attributes:
  check_mode: {support: full}
  diff_mode: {support: full}
author: Bastide contributors
"""

EXAMPLES = r"""
- name: Converge the mail directory
  bastide_mail_directory:
    share: /var/lib/bastide/shares/mail.jsonl
  register: mail
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
digest:
  description: Digest over the changes found.
  returned: always
  type: str
left_alone:
  description: What the directory holds and is neither declared nor retired.
  returned: always
  type: list
  elements: dict
totals:
  description: Mail domains, declared mailboxes and aliases before the run, by SIREN.
  returned: always
  type: dict
signs:
  description: The platform's keys are asked for; C(bastide_mail_signing) goes on with them.
  returned: when they are
  type: bool
values:
  description: >-
    The DKIM record of each domain that has a key of its own, as C(dkim:<domain>), those of the
    platform's keys, as C(dkim:<selector>.<zone>), and the TLSA records of this host, as
    C(tlsa:<name>).
  returned: always
  type: dict
repaired:
  description: Tables or keys that were not as the module left them.
  returned: always
  type: list
  elements: str
stale:
  description: Whether the changes found are other than O(expect), so that nothing was done.
  returned: always
  type: bool
"""

import contextlib
import re
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_remote as remote
from ansible.module_utils import bastide_revision, bastide_settled
from ansible.module_utils import bastide_signing as signing
from ansible.module_utils import bastide_tlsa as tlsa
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_directory_changes import write_changes
from ansible.module_utils.bastide_doveadm import forget_logins, note_logins
from ansible.module_utils.bastide_reconcile import Body, Change, reconcile
from ansible.module_utils.bastide_share import is_address, is_domain, is_target
from ansible.module_utils.bastide_succession import HOLDER, OPTIONAL, RENAMED, handed_over
from ansible.module_utils.bastide_succession import successions as successions_of
from ansible.module_utils.bastide_tablechanges import entries_of

Row = tuple[Any, ...]

LOCK = Path("/var/lib/bastide/mail/lock")
MOST_BYTES = 2**53
STATES = ("active", "suspended")
DELIVERIES = ("keep", "bounce")
FIELDS = ("quota", "state", "delivery")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


# More changed rows than these, and tables are made whole: it is not slower then.
MOST_IN_PART = 20_000

# What decides whether somebody is settled.
JUDGES = (
    __name__,
    *(f"ansible.module_utils.bastide_{name}" for name in ("bulk", "directory", "reconcile")),
    *(f"ansible.module_utils.bastide_{name}" for name in ("remote", "settled", "share")),
    "ansible.module_utils.bastide_succession",
)


@dataclass(slots=True)
class Work:
    """What `survey` found out and `converge` needs.

    - `rows`: those of the directory that it looked at
    - `selectors`: DKIM selector of every domain
    - `look`: what it had to look at
    - `revision`: the state of the directory, None when it has none to trust
    - `maps_stale`: the tables are not those of this state
    """

    rows: directory.Rows
    selectors: dict[str, str]
    look: bastide_settled.Look
    revision: bastide_revision.Revision | None
    maps_stale: bool


def check_domain(_name: str, body: Body) -> str | None:
    """Why a mail domain of the share is not acceptable, None when it is."""
    # Without one the domain has no key of its own: the platform's sign for it (bastide_signing).
    selector = body.get("selector", "x")
    good = (
        isinstance(selector, str) and dkim.SELECTOR.match(selector) and body.keys() <= {"selector"}
    )
    return None if good else "its selector is none"


def check_mailbox(_name: str, body: Body) -> str | None:
    """Why a mailbox of the share is not acceptable, None when it is."""
    try:
        quota, state, delivery = body["quota"], body["state"], body["delivery"]
    except KeyError as error:
        return f"needs {error}"
    if type(quota) is not int or not 0 <= quota <= MOST_BYTES:
        return "its quota is no number of bytes"
    if state not in STATES or delivery not in DELIVERIES:
        return "its state or its delivery is none that a mailbox has"
    if not is_address(body.get(RENAMED, "a@x.fr")) or not DAY.match(body.get(HOLDER, "2026-01-01")):
        return "its former address or the day of its new holder is none"
    if type(body.get(directory.COLLABORATIVE, False)) is not bool:
        return "is neither collaborative nor classic"
    known = {*FIELDS, directory.COLLABORATIVE, *OPTIONAL}
    return None if body.keys() <= known else f"has other fields than {', '.join(sorted(known))}"


def check_relay(_name: str, body: Body) -> str | None:
    """Why a mailbox elsewhere is not acceptable, None when it is."""
    if body.keys() != {"to", "state", "delivery"}:
        return "needs to, state and delivery"
    if not is_domain(body["to"]):
        return "the host that it is on is none"
    if body["state"] not in STATES or body["delivery"] not in DELIVERIES:
        return "its state or its delivery is none that a mailbox has"
    return None


def check_alias(_name: str, body: Body) -> str | None:
    """Why an alias of the share is not acceptable, None when it is."""
    targets = body.get("targets")
    if not isinstance(targets, list) or not targets or not all(map(is_target, targets)):
        return "its targets are no list of addresses"
    return None if targets == sorted(targets) else "its targets are not sorted"


def survey(found: Survey) -> None:
    """Compare the share with the directory, and the tables with the directory."""
    with directory.opened(read_only=True) as connection:
        connection.execute("BEGIN")
        revision = bastide_revision.read(connection)
        note = bastide_settled.read_note(connection, revision, _judge())
        look = bastide_settled.look(connection, note, found.source, KINDS)
        found.share = look.share
        rows = directory.read_rows(connection, look.sirens)
        rows.made = directory.made_on(connection, handed_over(found.share.resources))
        noted = directory.read_meta(connection, "maps")
        selectors = directory.read_selectors(connection)
        domains = list(selectors)
        totals = bastide_settled.count(connection, look)
    found.totals = {siren: one for siren, one in totals.items() if found.in_scope(siren)}
    maps = noted if isinstance(noted, dict) else {}
    files = postmaps.files_digest()
    stale = bool(totals or rows.sirens or maps) and maps != postmaps.compiled_from(revision, files)
    found.work = Work(rows, selectors, look, revision, stale)
    if stale:
        differing = set(maps.get("files", {}).items()) ^ set(files.items())
        found.repaired += sorted({str(postmaps.MAPS / name) for name, _ in differing}) or [
            str(postmaps.MAPS)
        ]
    found.report_unusable()
    found.changes = changes_of(found, rows)
    selectors = {domain: selector for domain, selector in selectors.items() if selector}
    found.gives = dkim.published(selectors, write=False)
    found.repaired += [
        str(dkim.key_file(domain, selector))
        for domain, selector in selectors.items()
        if dkim.value_name(domain, selector) not in found.gives
    ]
    signing.survey(found, domains)
    tlsa.survey(found)
    differing, warnings = groupware.differing()
    found.repaired += differing
    found.warnings += warnings


def _judge() -> str:
    return bastide_settled.program(*JUDGES)


def changes_of(found: Survey, rows: directory.Rows) -> list[Change]:
    """What differs.  Equal rows are set aside as sets, so that a host at rest is cheap."""
    resources = found.share.resources
    scope = found.scope
    desired = {a: one for a, one in resources.items() if one[0] in scope} if scope else resources
    today = datetime.now(UTC).date().isoformat()
    changes, settled = successions_of(found, desired, rows, today)
    want = {directory.row_of(a, siren, body) for a, (siren, body) in desired.items()}
    have = rows.as_set()
    astray = remote.misplaced(desired, rows.mailboxes, rows.remotes, found.held)
    for siren, why in astray.items():
        found.fail(f"placement:{found.share.collectivities[siren].slug}", siren, why)
    _note_restless(found, want - have, have - want)
    if astray:
        found.restless.update(astray)
        settled |= {r[0] for r in want | have if r[1] in astray and r[0].startswith(directory.KEPT)}
    if settled:
        want = {row for row in want if row[0] not in settled}
        have = {row for row in have if row[0] not in settled}
    wanted = {row[0]: desired[row[0]] for row in want - have}
    standing = {row[0]: directory.resource_of(row) for row in have - want}
    actual = {address: standing[address] for address in standing.keys() & desired.keys()}
    followed = remote.renamed(desired)
    actual.update({address: standing[address] for address in standing.keys() & followed})
    for address in standing.keys() - resources.keys() - found.share.unusable.keys() - followed:
        if _may_go(found, address, standing[address]):
            found.restless.add(standing[address][0])
            actual[address] = standing[address]
    for one in reconcile(wanted, actual):
        owner = actual.get(one["address"], (one["siren"], {}))[0]
        objection = _objection(found, one, owner)
        if objection:
            found.fail(one["address"], one["siren"], objection)
        else:
            changes.append(one if one["address"] in followed else _as_mail(found, one))
    return changes


def _note_restless(found: Survey, missing: set[Row], surplus: set[Row]) -> None:
    """Who is to be looked at again: whoever has, or names, what is not as it is to be.

    A mailbox that has left its charter and rests is surplus, and nothing that was left to do.
    """
    share = found.share
    found.restless |= share.contested | {row[1] for row in missing}
    for row in surplus:
        claimant = share.resources.get(row[0]) or share.unusable.get(row[0])
        if claimant:
            found.restless |= {claimant[0], row[1]}
    # What becomes of these depends on the day.
    special = (
        siren for siren, body in share.resources.values() if not body.keys().isdisjoint(OPTIONAL)
    )
    found.restless.update(special)


def _may_go(found: Survey, address: str, standing: tuple[str, Body]) -> bool:
    """Whether something that the share does not list is to be changed; notes what is left."""
    siren, body = standing
    if not found.in_scope(siren):
        return False
    fate = found.share.fate(siren, address)
    kind = address[: address.index(":")]
    if f"{kind}:" in directory.KEPT and not body.get("declared", True):
        # Suspended already; changed only when somebody opened it, or its owner retired.
        want = {**body, "state": "suspended"}
        if fate == "retired":
            want["delivery"] = "bounce"
        return want != body and fate in ("present", "retired")
    if fate == "retired":
        return kind != "maildomain"  # it goes on answering that its mailboxes are suspended
    if fate == "present" and kind != "maildomain":
        return True
    found.leave(address, siren, "undeclared" if fate == "present" else fate)
    found.restless.add(siren)
    return False


def _objection(found: Survey, one: Change, owner: str) -> str | None:
    if owner == one["siren"]:
        return None
    if one["address"].startswith(directory.KEPT):
        return f"its mail belongs to {owner}; nobody inherits mail by taking an address over"
    return None if found.in_scope(owner) else f"belongs to {owner}, outside of the scope"


def _as_mail(found: Survey, one: Change) -> Change:
    """A change of `reconcile` in the words of mailboxes, which are never deleted."""
    address, before = one["address"], one["before"]
    if not address.startswith(directory.KEPT) or before is None:
        return one
    if one["action"] == "delete":
        retired = found.share.fate(one["siren"], address) == "retired"
        kept = before["delivery"] if "declared" in before else "keep"
        delivery = "bounce" if retired else kept
        after = {**before, "state": "suspended", "delivery": delivery, "declared": False}
        return {**one, "action": "suspend", "after": after}
    return {**one, "action": "restore"} if "declared" in before else one


def converge(found: Survey) -> None:
    """Keys first, then rows and tables together, then tell Dovecot."""
    work: Work = found.work
    _make_keys(found, work.selectors)
    changes = [
        one
        for one in found.changes
        if one["address"] not in found.undone and not one["address"].startswith(signing.KIND)
    ]
    with directory.opened(read_only=False) as connection:
        if changes or work.maps_stale:
            objection = _write(connection, found, changes)
            if objection:
                found.warnings.append(f"Postfix did not take up its domains: {objection}")
        else:
            _note_settled(connection, found)
        found.warnings += forget_logins(connection)
        if changes:
            work.selectors = directory.read_selectors(connection)
    own = {domain: selector for domain, selector in work.selectors.items() if selector}
    found.gives = dkim.published(own, write=True)
    signing.converge(found)
    tlsa.converge(found)
    for why in groupware.follow():
        found.fail(groupware.ADDRESS, "", why)


def _make_keys(found: Survey, selectors: dict[str, str]) -> None:
    wanted, owners = dict(selectors), {}
    for one in found.changes:
        kind, _, name = one["address"].partition(":")
        if kind == "maildomain":
            wanted[name], owners[name] = one["after"].get("selector", ""), one["siren"]
    for domain, why in dkim.make_keys(pair for pair in wanted.items() if pair[1]).items():
        found.fail(f"maildomain:{domain}", owners.get(domain, ""), why)


def _write(connection: sqlite3.Connection, found: Survey, changes: list[Change]) -> str:
    """Commit the changes and put the tables in place; Postfix's objection, empty for none."""
    work: Work = found.work
    connection.execute("BEGIN IMMEDIATE")
    try:
        before = bastide_revision.read(connection)
        # Somebody may have written since the survey, which then says nothing of the others.
        same = before is not None and before == work.revision
        write_changes(connection, changes)
        note_logins(connection, changes)
        look = work.look if same else replace(work.look, sirens=None)
        rows = directory.read_rows(connection, look.sirens)
        now = bastide_revision.read(connection)
        if now is not None and look.sirens == work.look.sirens:
            _settle(connection, found, look, now, rows)
        maps: Any = directory.read_meta(connection, "maps")
        files = postmaps.files_digest()
        if maps == postmaps.compiled_from(now, files):
            connection.execute("COMMIT")
            return ""
        # What is noted is what will lie there: killed before the renames, the next run
        # finds other files than noted and makes them again.
        touched = {row[0] for row in work.rows.as_set() ^ rows.as_set()} if same else set()
        if same and maps == postmaps.compiled_from(before, files) and len(touched) <= MOST_IN_PART:
            selectors = directory.read_selectors(connection)
            entries = entries_of(connection, touched)
            files = postmaps.prepare_changed(entries, selectors, files)
        else:
            files = postmaps.prepare(directory.read_rows(connection))
        directory.write_meta(connection, "maps", postmaps.compiled_from(now, files))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        postmaps.discard()
        raise
    return postmaps.put_in_place()


def _settle(
    connection: sqlite3.Connection,
    found: Survey,
    look: bastide_settled.Look,
    revision: bastide_revision.Revision,
    rows: directory.Rows,
) -> None:
    """Note who is settled after what was written, by looking at it once more."""
    again = Survey(share=found.share, scope=found.scope, held=found.held)
    rows.made = directory.made_on(connection, handed_over(found.share.resources))
    changes_of(again, rows)
    resting = bastide_settled.at_rest(again)
    bastide_settled.note(connection, _judge(), revision, look, resting, rows.sirens)


def _note_settled(connection: sqlite3.Connection, found: Survey) -> None:
    """Note who is settled, after a survey that found nothing to change."""
    work: Work = found.work
    resting, present = bastide_settled.at_rest(found), work.rows.sirens
    if work.revision is None or not bastide_settled.is_news(work.look, resting, present):
        return
    # It saves the next run some work: no room for it is no failure.
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if bastide_revision.read(connection) == work.revision:
                bastide_settled.note(
                    connection, _judge(), work.revision, work.look, resting, present
                )
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise


KINDS = {
    "maildomain": check_domain,
    "mailbox": check_mailbox,
    "alias": check_alias,
    "relay": check_relay,
    remote.KIND: remote.check_remote,
}

if __name__ == "__main__":
    main(Service("mail", LOCK, KINDS, survey, converge, reads_share=True))
