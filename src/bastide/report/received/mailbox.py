# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the mailboxes that reports are sent to: what is new on the host, the rest from before."""

from __future__ import annotations

from collections.abc import Iterator

from bastide.diagnostics import Diagnostic, InvalidInput, diagnose
from bastide.fleet import Fleet
from bastide.model import Index
from bastide.model.names import target_address
from bastide.report.on_zimbra import owner_on_zimbra
from bastide.report.passwords import holders
from bastide.report.received.document import Found, Report, read_document
from bastide.report.received.kinds import NO_MAILBOX, TOO_LARGE
from bastide.report.received.known import Known
from bastide.report.received.unpack import MOST
from bastide.targets.inboxes import Message, new_messages

_STEPS = 100


def read_mailboxes(fleet: Fleet) -> Iterator[Found]:
    """Every report in the mailboxes of reports, and what of the new messages could not be read.

    A fault is told by the run that finds it, and not again.

    Raises:
        InvalidInput: No address of reports leads to a mailbox of the mail hosts (C840).
        RunFailed: A mail host did not give its messages (A555).
    """
    mail = fleet.platform.mail
    written = [one for one in (mail.dmarc_reports, mail.tls_reports) if one]
    behind = {box for one in written for box in mailboxes_behind(fleet.index, one)}
    boxes = sorted(box for box in behind if owner_on_zimbra(fleet, box) is None)
    if not boxes:
        shown = ", ".join(written) or "-"
        raise InvalidInput(diagnose(NO_MAILBOX, fleet.platform.file, addresses=shown))
    known = Known(fleet.repository.state / "reports.jsonl")
    yield from known.reports()
    for box in boxes:
        yield from _read(fleet, box, known)


def mailboxes_behind(index: Index, written: str) -> set[str]:
    """Mailboxes of the platform that get what is sent to `written`, also by aliases."""
    found: set[str] = set()
    met: set[str] = set()
    waiting = [target_address(written)]
    while waiting and len(met) < _STEPS:
        address = waiting.pop()
        if address is None or address in met:
            continue
        met.add(address)
        kind = index.kind_of_address(address)
        if kind == "account":
            found.add(address)
        elif kind == "alias":
            for slug in index.holders_of_address(address):
                facts = index.facts(slug)
                targets = facts.targets.get(address, ()) if facts else ()
                waiting += map(target_address, targets)
    return found


def _read(fleet: Fleet, box: str, known: Known) -> Iterator[Found]:
    after = known.positions(box)
    for host in holders(fleet, box):
        for batch in new_messages(fleet.repository, host, box, after):
            read = [(message, list(_found(box, message))) for message in batch]
            known.note(box, ((message, _reports(found)) for message, found in read))
            for _, found in read:
                yield from found


def _found(box: str, message: Message) -> Iterator[Found]:
    place = f"{box}/{message.folder}/{message.uid}"
    if message.content is None:
        yield diagnose(TOO_LARGE, place, most=MOST)
    else:
        yield from read_document(place, message.content)


def _reports(found: list[Found]) -> list[Report]:
    return [one for one in found if not isinstance(one, Diagnostic)]
