# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts and versions of the procedures that the interface made.

Every change names the edition of the draft that it was made from.  Of two agents the second is
told; a post that comes twice (a double click, a page sent again) is known by its digest and done
once.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from guichet.builder.edit import REMEMBERED
from guichet.builder.findings import findings
from guichet.models import Agent, Procedure, Version
from guichet.procedures import digest_of

INTERFACE = "interface"
GO, AGAIN, STALE = "go", "again", "stale"
Data = dict[str, Any]
LARGEST = 1_000_000  # characters of JSON


@dataclass(slots=True)
class Bench:
    """A procedure with its draft, perhaps, and a copy of the definition to work on."""

    procedure: Procedure
    draft: Version | None
    definition: Data = field(default_factory=dict)

    @property
    def editable(self) -> bool:
        """Whether the interface may change it, and somebody has begun to."""
        return self.draft is not None and self.procedure.origin == INTERFACE

    @property
    def edition(self) -> int:
        """Of the draft; 0 when there is none."""
        return self.draft.edition if self.draft else 0

    @property
    def removed(self) -> list[Data]:
        """What was removed and can come back, the latest first."""
        return self.draft.work.get("removed", []) if self.draft else []


def bench(slug: str, *, lock: bool = False) -> Bench | None:
    """The procedure of a name; `lock` holds it until the transaction ends."""
    rows = Procedure.objects.filter(slug=slug)
    if lock:
        rows = rows.select_for_update(of=("self",))
    procedure = rows.select_related("current").first()
    if procedure is None:
        return None
    draft = None
    if procedure.origin == INTERFACE:
        drafts = Version.objects.filter(procedure=procedure, published_at=None)
        draft = drafts.select_related("author").first()
    shown = draft or procedure.current
    return Bench(procedure, draft, copy.deepcopy(shown.definition) if shown else {})


def create(
    tenant_id: str, agent: Agent, wanted: str, definition: Data, once: str = ""
) -> Procedure:
    """A procedure that is nothing but a draft yet; it comes after those that there are.

    Its slug is `wanted`, or the next one that is free.  `once` is a token of the form: sent a
    second time, it gives the same procedure.
    """
    with connection.cursor() as cursor:
        # One at a time in a desk: the second of two clicks finds what the first has made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"builder {tenant_id}"])
    born = Version.objects.filter(work__born=once, published_at=None) if once else None
    there = born.select_related("procedure").first() if born is not None else None
    if there is not None:
        return there.procedure
    slug = free_slug(wanted)
    last = Procedure.objects.order_by("-position").values_list("position", flat=True).first()
    procedure = Procedure.objects.create(
        tenant_id=tenant_id,
        slug=slug,
        origin=INTERFACE,
        offered=False,
        position=min((last or 0) + 1, 10_000),
    )
    _draft(procedure, agent, definition, {"born": once} if once else {})
    return procedure


def begin(at: Bench, agent: Agent) -> None:
    """A draft of what is published; the one that there is stays."""
    if at.draft is None and at.procedure.origin == INTERFACE:
        at.draft = _draft(at.procedure, agent, at.definition)


def _draft(
    procedure: Procedure, agent: Agent, definition: Data, work: Data | None = None
) -> Version:
    last = Version.objects.filter(procedure=procedure).order_by("-number").first()
    return Version.objects.create(
        tenant_id=procedure.tenant_id,
        procedure=procedure,
        number=last.number + 1 if last else 1,
        definition=definition,
        digest=digest_of(definition),
        edition=1,
        author=agent,
        changed_at=timezone.now(),
        work=work or {},
    )


def gate(at: Bench, edition: str, stamp: str) -> str:
    """Whether a change may be made: `GO`, `AGAIN` for one that was, `STALE` for another's."""
    if at.draft is None:
        return STALE
    if edition == str(at.edition):
        return GO
    same = at.draft.work.get("last") == stamp and edition == str(at.edition - 1)
    return AGAIN if same else STALE


def save(
    at: Bench, agent: Agent, stamp: str, to: str, *, removed: list[Data] | None = None
) -> None:
    """Keep the definition of the bench; `to` is the address that the change leads to."""
    draft = at.draft
    assert draft is not None  # noqa: S101 - `gate` says so
    draft.definition, draft.digest = at.definition, digest_of(at.definition)
    draft.edition += 1
    draft.author, draft.changed_at = agent, timezone.now()
    kept = draft.work.get("removed", []) if removed is None else removed
    kept = kept[:REMEMBERED]
    while kept and len(json.dumps(kept)) > LARGEST:
        kept = kept[:-1]
    draft.work = {**draft.work, "removed": kept, "last": stamp, "to": to}
    draft.save(update_fields=["definition", "digest", "edition", "author", "changed_at", "work"])


def too_large(at: Bench) -> bool:
    """Whether a definition is larger than any that somebody would fill in."""
    return len(json.dumps(at.definition)) > LARGEST


def publish(at: Bench, agent: Agent) -> Version | None:
    """Make the draft the current version and offer the procedure; None when it is not fit."""
    draft = at.draft
    if draft is None or findings(draft.definition):
        return None
    draft.author, draft.changed_at = agent, timezone.now()
    draft.published_at, draft.work = draft.changed_at, {}
    draft.save(update_fields=["author", "changed_at", "published_at", "work"])
    at.procedure.current, at.procedure.offered = draft, True
    at.procedure.save(update_fields=["current", "offered"])
    return draft


def discard(at: Bench) -> None:
    """The draft goes; a procedure that was never published goes with it."""
    if at.draft is not None:
        at.draft.delete()
        at.draft = None
    if at.procedure.current is None and at.procedure.origin == INTERFACE:
        at.procedure.delete()


def offer(procedure: Procedure, *, offered: bool) -> None:
    """Offer a procedure of the interface, or no more; its requests go on."""
    if procedure.origin == INTERFACE and procedure.current_id:
        procedure.offered = offered
        procedure.save(update_fields=["offered"])


def free_slug(wanted: str) -> str:
    """A name in addresses that no procedure has."""
    taken = set(Procedure.objects.values_list("slug", flat=True))
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[:56]}-{number}"
    return name
