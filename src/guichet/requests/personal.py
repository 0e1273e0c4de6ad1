# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of what is held about a person (RGPD art. 15 and 20): JSON, PDF and the files."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from guichet.models import Event, File, Message, Request
from guichet.printing import printed
from guichet.requests.receipt import whole


def copy_of(requests: list[Request]) -> bytes:
    """A ZIP with a folder for each request; notes of agents are in it, being about the person."""
    made = io.BytesIO()
    papers = printed([whole(one) for one in requests])
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, paper in zip(requests, papers, strict=True):
            text = json.dumps(_facts(one), ensure_ascii=False, indent=1, default=str)
            archive.writestr(f"{one.number}/demande.json", text)
            archive.writestr(f"{one.number}/demande.pdf", paper)
            for file in File.objects.filter(request=one):
                archive.writestr(f"{one.number}/{file.pk}-{file.name}", bytes(file.content))
    return made.getvalue()


def _facts(one: Request) -> dict[str, Any]:
    return {
        "number": one.number,
        "procedure": one.version.definition["title"],
        "state": one.state,
        "filed_at": one.filed_at,
        "closed_at": one.closed_at,
        "email": one.email,
        "language": one.language,
        "answers": one.answers,
        "messages": [
            {"at": each.at, "from": "agent" if each.agent_id else "citizen", "text": each.text}
            for each in Message.objects.filter(request=one)
        ],
        "events": [
            {"at": each.at, "kind": each.kind, **each.facts}
            for each in Event.objects.filter(request=one)
        ],
    }
