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

from pathlib import Path

from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_groupware as groupware
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils import bastide_revision, bastide_settled
from ansible.module_utils import bastide_signing as signing
from ansible.module_utils import bastide_tlsa as tlsa
from ansible.module_utils.bastide_bulk import Service, Survey, main
from ansible.module_utils.bastide_doveadm import forget_logins
from ansible.module_utils.bastide_mailcompare import changes_of
from ansible.module_utils.bastide_mailkinds import KINDS
from ansible.module_utils.bastide_mailwrite import Work, note_settled, write
from ansible.module_utils.bastide_succession import handed_over

LOCK = Path("/var/lib/bastide/mail/lock")

# What decides whether somebody is settled.
JUDGES = (
    __name__,
    *(f"ansible.module_utils.bastide_{name}" for name in ("bulk", "directory", "reconcile")),
    *(f"ansible.module_utils.bastide_{name}" for name in ("remote", "settled", "share")),
    *(f"ansible.module_utils.bastide_mail{name}" for name in ("compare", "kinds", "write")),
    "ansible.module_utils.bastide_succession",
)


def survey(found: Survey) -> None:
    """Compare the share with the directory, and the tables with the directory."""
    with directory.opened(read_only=True) as connection:
        connection.execute("BEGIN")
        revision = bastide_revision.read(connection)
        judge = bastide_settled.program(*JUDGES)
        note = bastide_settled.read_note(connection, revision, judge)
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
    found.work = Work(rows, selectors, look, revision, stale, judge)
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
            objection = write(connection, found, changes)
            if objection:
                found.warnings.append(f"Postfix did not take up its domains: {objection}")
        else:
            note_settled(connection, found)
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


if __name__ == "__main__":
    main(Service("mail", LOCK, KINDS, survey, converge, reads_share=True))
