# SPDX-License-Identifier: GPL-3.0-or-later
"""What agents and citizens do to a request: each is a change, an event and perhaps a mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guichet.files import take
from guichet.models import Agent, Event, Message, Request
from guichet.procedures.kinds.file import most_of
from guichet.requests import mails
from guichet.requests.states import CLOSED, NEEDS_WORDS, after_citizen_wrote, can_move

# What may be attached to a message, whatever the procedure's form takes.
ATTACHED = ("pdf", "jpeg", "png", "odt", "docx")
MOST_ATTACHED, MOST_MEGABYTES = 5, 10
LONGEST = 10_000


class Impossible(Exception):
    """It cannot be done; the text says why, to who asked for it."""


def lock(request: Request) -> Request:
    """The request as it is now, held until the transaction ends: two agents act in turn."""
    return (
        Request.objects.select_for_update(of=("self",))
        .select_related("version", "procedure", "assigned")
        .get(pk=request.pk)
    )


def move(request: Request, to: str, agent: Agent, text: str = "") -> None:
    """Bring a request into another state and tell the citizen.

    Raises:
        Impossible: The table has no such move, or the citizen has to be told why.
    """
    request = lock(request)
    if not can_move(request.state, to):
        raise Impossible(_("Cette demande a changé d’état entre-temps : relisez-la."))
    if to in NEEDS_WORDS and not text:
        raise Impossible(_("Dites à l’usager pourquoi, ou ce qui manque."))
    _change(request, to, agent)
    if text:
        _message(request, agent, text)
    mails.tell_citizen(request, to, text)


def _change(request: Request, to: str, agent: Agent | None) -> None:
    now = timezone.now()
    before, request.state, request.changed_at = request.state, to, now
    request.closed_at = now if to == CLOSED else None
    request.save(update_fields=["state", "changed_at", "closed_at"])
    _event(request, "moved", agent, {"from": before, "to": to})


def assign(request: Request, to: Agent | None, agent: Agent) -> None:
    """Give a request to an agent, or to nobody."""
    request = lock(request)
    request.assigned = to
    request.save(update_fields=["assigned"])
    _event(request, "assigned", agent, {"to": to.email if to else ""})


def answer(request: Request, agent: Agent, text: str, uploads: Sequence[UploadedFile[Any]]) -> None:
    """Write to the citizen.

    Raises:
        Impossible: It is closed, or nothing is said.
        Unacceptable: A file is not taken; nothing is sent then.
    """
    request = lock(request)
    _check(request, text, uploads)
    with transaction.atomic():
        message = _message(request, agent, text)
        _attach(request, message, uploads)
        mails.tell_citizen(request, "message", text)


def note(request: Request, agent: Agent, text: str) -> None:
    """Write something that agents alone read."""
    request = lock(request)
    _check(request, text, ())
    _message(request, agent, text, internal=True)


def citizen_writes(request: Request, text: str, uploads: Sequence[UploadedFile[Any]]) -> None:
    """A message of the citizen; what waited for it is taken up again.

    Raises:
        Impossible: It is closed, or nothing is said.
        Unacceptable: A file is not taken; nothing is kept then.
    """
    request = lock(request)
    _check(request, text, uploads)
    with transaction.atomic():
        message = _message(request, None, text)
        _attach(request, message, uploads)
        after = after_citizen_wrote(request.state)
        if after != request.state:
            _change(request, after, None)
        else:
            request.changed_at = timezone.now()
            request.save(update_fields=["changed_at"])
        mails.tell_service(request, mails.ANSWERED)


def _check(request: Request, text: str, uploads: Sequence[UploadedFile[Any]]) -> None:
    if request.state == CLOSED:
        raise Impossible(_("Cette demande est close."))
    if not text:
        raise Impossible(_("Écrivez votre message."))
    if len(text) > LONGEST:
        raise Impossible(
            _("Ce message est trop long : %(number)d caractères au plus.") % {"number": LONGEST}
        )
    if len(uploads) > MOST_ATTACHED:
        raise Impossible(most_of(MOST_ATTACHED))


def _message(
    request: Request, agent: Agent | None, text: str, *, internal: bool = False
) -> Message:
    message = Message.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        agent=agent,
        text=text,
        internal=internal,
        at=timezone.now(),
    )
    _event(request, "note" if internal else "message", agent, {})
    return message


def _attach(request: Request, message: Message, uploads: Sequence[UploadedFile[Any]]) -> None:
    for upload in uploads:
        take(
            upload,
            ATTACHED,
            MOST_MEGABYTES,
            tenant_id=request.tenant_id,
            request=request,
            message=message,
        )


def _event(request: Request, kind: str, agent: Agent | None, facts: dict[str, str]) -> None:
    Event.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        kind=kind,
        agent=agent,
        facts=facts,
        at=timezone.now(),
    )
