# SPDX-License-Identifier: GPL-3.0-or-later
"""A draft becomes a request, once."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import override

from guichet.language import FRENCH, current
from guichet.models import Draft, Event, File, Request
from guichet.procedures import Definition, make
from guichet.procedures.filling import visible_answers
from guichet.procedures.kinds import KINDS
from guichet.requests import links, mails
from guichet.requests.numbers import next_number
from guichet.requests.states import RECEIVED


def file_request(draft: Draft) -> Request:
    """File what a draft holds; a draft that was sent before gives the same request.

    The caller's transaction makes all of it happen or nothing; the draft's row is locked, so that
    of two equal posts at one moment the second waits and finds the first one's request.
    """
    locked = Draft.objects.select_for_update().get(pk=draft.pk)
    if locked.request is not None:
        return locked.request
    version = locked.version
    definition = make(version.definition)
    answers = visible_answers(definition, locked.answers)
    now = timezone.now()
    nonce = links.new_nonce()
    request = Request.objects.create(
        tenant_id=locked.tenant_id,
        number=next_number(locked.tenant_id, timezone.localtime(now).year),
        procedure_id=version.procedure_id,
        version=version,
        state=RECEIVED,
        answers=answers,
        search=searchable(definition, answers),
        email=answers[definition.contact],
        language=current(),
        link_nonce=nonce,
        link_digest=links.digest(links.token(locked.tenant_id, nonce)),
        filed_at=now,
        changed_at=now,
    )
    kept = {each["id"] for answer in files_in(definition, answers) for each in answer}
    for file in File.objects.filter(draft=locked):
        if str(file.key) not in kept:
            file.delete()
    File.objects.filter(draft=locked).update(request=request, draft=None)
    locked.request, locked.answers = request, {}
    locked.save(update_fields=["request", "answers"])
    Event.objects.create(
        tenant_id=locked.tenant_id, request=request, kind="filed", at=now, facts={"to": RECEIVED}
    )
    mails.tell_citizen(request, "acknowledgement")
    mails.tell_service(request)
    return request


def files_in(definition: Definition, answers: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The answers that are files."""
    return [
        answers[field.id]
        for field in definition.fields()
        if field.type == "file" and field.id in answers
    ]


def searchable(definition: Definition, answers: dict[str, Any]) -> str:
    """The answers as one text in French, for the search of the inbox."""
    with override(FRENCH):
        lines = [
            line
            for field in definition.fields()
            if field.id in answers
            for line in KINDS[field.type].lines(field, answers[field.id])
        ]
    return "\n".join(lines)
