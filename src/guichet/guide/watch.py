# SPDX-License-Identifier: GPL-3.0-or-later
"""Sheets that changed since a tenant's words on them were written or last looked at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from comarquage import Guide
from guichet.guide.local import said_of
from guichet.models import Agent, SheetCheck, Tenant

NEVER = "never"  # nobody has looked yet, because the guide was not there


@dataclass(frozen=True, slots=True)
class Watched:
    """A sheet with words of the tenant.

    `why` is empty where nothing changed, else ``changed``, ``moved``, ``gone`` or NEVER; `now` is
    the sheet of today, `title` its title, `digest` its edition.
    """

    sheet: str
    audience: str
    why: str
    now: str
    title: str
    digest: str
    row: SheetCheck | None


def attached(tenant: Tenant) -> dict[str, str]:
    """Sheets with words of the tenant's own charter, and the digests of these words."""
    said: Mapping[str, Any] = said_of(tenant).get("enrichments") or {}
    return {
        sheet: hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
        for sheet, words in said.items()
        if not sheet.startswith("pivot:")
    }


def note(tenant: Tenant, guide: Guide | None) -> None:
    """What a convergence has written counts as looked at, beside the sheet of that day."""
    wanted = attached(tenant)
    rows = {row.sheet: row for row in SheetCheck.objects.filter(tenant=tenant)}
    SheetCheck.objects.filter(tenant=tenant).exclude(sheet__in=wanted).delete()
    for sheet, text in wanted.items():
        row = rows.get(sheet)
        if row is not None and row.text == text:
            continue
        audience, digest = edition(guide, sheet)
        facts = {"text": text, "audience": audience, "digest": digest, "agent": None}
        SheetCheck.objects.update_or_create(
            tenant=tenant, sheet=sheet, defaults={**facts, "checked_at": timezone.now()}
        )


def edition(guide: Guide | None, sheet: str) -> tuple[str, str]:
    """Audience and digest of a sheet as it is now; both empty where it is not there."""
    for audience in guide.audiences if guide else ():
        page = guide.page(audience, sheet) if guide else None
        if page is not None:
            return audience, page.digest
    return "", ""


def watched(tenant: Tenant, guide: Guide) -> list[Watched]:
    """All sheets with words of the tenant, those to look at first."""
    rows = {row.sheet: row for row in SheetCheck.objects.select_related("agent")}
    found = [_one(guide, sheet, rows.get(sheet)) for sheet in sorted(attached(tenant))]
    return sorted(found, key=lambda one: (not one.why, one.sheet))


def _one(guide: Guide, sheet: str, row: SheetCheck | None) -> Watched:
    known = row.digest if row else ""
    audience, digest = edition(guide, sheet)
    why, now = "", sheet
    if not audience:
        target = guide.redirected(sheet)
        audience, now = target if isinstance(target, tuple) else ("", "")
        digest = edition(guide, now)[1] if now else ""
        # Looked at since it moved: the words go along with the sheet.
        why = "" if digest and digest == known else ("moved" if now else "gone")
    elif digest != known:
        why = "changed" if known else NEVER
    page = guide.page(audience, now) if now else None
    return Watched(sheet, audience, why, now, page.title if page else "", digest, row)


def alerts(tenant: Tenant, guide: Guide) -> int:
    """How many sheets are to be looked at."""
    return sum(bool(one.why) for one in watched(tenant, guide))


def mark(tenant: Tenant, sheet: str, digest: str, guide: Guide, agent: Agent) -> bool:
    """An agent has looked at the edition `digest` of a sheet; False when it is another by now."""
    text = attached(tenant)[sheet]
    one = _one(guide, sheet, None)
    if one.digest != digest:
        return False
    facts = {"text": text, "audience": one.audience, "digest": digest, "agent": agent}
    SheetCheck.objects.update_or_create(
        tenant=tenant, sheet=sheet, defaults={**facts, "checked_at": timezone.now()}
    )
    return True
