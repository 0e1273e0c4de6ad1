# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes: requests whose retention is over, what somebody asks to have erased, what was left.

Run by the owner of the tables: the application can remove neither a request nor an event.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from guichet.models import Draft, Mail, OneTimeLink, PurgedRequest, Rate, Request, Session

DRAFTS_LAST, MAILS_LAST = dt.timedelta(hours=24), dt.timedelta(days=30)


def months_later(moment: dt.datetime, months: int) -> dt.datetime:
    """The same day so many months later, or the last of that month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


def over(now: dt.datetime) -> Iterator[Request]:
    """Requests of the current tenant that have been closed for longer than they are kept."""
    rows = Request.objects.select_related("version", "procedure").exclude(closed_at=None)
    for one in rows.order_by("number"):
        assert one.closed_at is not None  # noqa: S101 - the query says so
        if months_later(one.closed_at, one.version.definition["retention_months"]) <= now:
            yield one


def forgotten(now: dt.datetime) -> Iterator[Request]:
    """Requests that nobody closed and that have lain for longer than they would be kept."""
    rows = Request.objects.select_related("version").filter(closed_at=None)
    for one in rows.order_by("number"):
        if months_later(one.changed_at, one.version.definition["retention_months"]) <= now:
            yield one


def of_person(email: str) -> Iterator[Request]:
    """The requests that were filed with an address."""
    rows = Request.objects.select_related("version", "procedure").filter(email__iexact=email)
    yield from rows.order_by("number")


def purge(request: Request, why: str) -> None:
    """Remove a request with all that belongs to it; a line without any person stays.

    `why` is "retention" or "erasure".
    """
    PurgedRequest.objects.create(
        tenant_id=request.tenant_id,
        number=request.number,
        procedure_slug=request.procedure.slug,
        state=request.state,
        filed_on=timezone.localdate(request.filed_at),
        purged_at=timezone.now(),
        why=why,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('guichet.purging', 'yes', true)")
        request.delete()
        cursor.execute("SELECT set_config('guichet.purging', '', true)")


def leftovers(now: dt.datetime) -> dict[str, object]:
    """What is of no more use, by kind: query sets, to be counted or deleted."""
    return {
        "drafts": Draft.objects.filter(begun_at__lt=now - DRAFTS_LAST),
        "sessions": Session.objects.filter(until__lt=now),
        "rates": Rate.objects.filter(until__lt=now),
        "links": OneTimeLink.objects.filter(until__lt=now),
        "mails": Mail.objects.filter(queued_at__lt=now - MAILS_LAST),
    }
