# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests in the desks of the measure, and an agent's session: HOSTS (JSON), prints the cookie.

A process of the application's own, as a worker is one.
"""

from __future__ import annotations

import json
import sys
import uuid

import django

django.setup()

from django.utils import timezone  # noqa: E402 - Django comes first

from guichet.models import Agent, Draft, Host, Procedure, Request  # noqa: E402
from guichet.requests.filing import file_request  # noqa: E402
from guichet.sessions import SessionStore  # noqa: E402
from guichet.tenancy.scope import acting_for  # noqa: E402

ANSWERS = {
    "subject": "roads",
    "details": "Un trou est apparu dans la chaussée, près du pont.",
    "seen": "2026-01-02",
    "place": {"place": "Pont Valentré"},
    "name": {"given": "Jeanne", "family": "Essai"},
    "email": "jeanne@exemple.fr",
}


def filled(host: str, count: int) -> None:
    """File so many requests at one desk."""
    siren = Host.objects.get(name=host).siren
    with acting_for(siren):
        row = Procedure.objects.select_related("current").get(slug="intervention-services")
        for _ in range(count):
            draft = Draft.objects.create(
                tenant_id=siren, key=uuid.uuid4(), version=row.current, answers=ANSWERS, reached=9
            )
            file_request(draft)
        assert Request.objects.count() == count


def inside(host: str) -> str:
    """The cookie of a manager of a desk who is in."""
    siren = Host.objects.get(name=host).siren
    with acting_for(siren):
        agent = Agent.objects.get(role="manager")
        now = timezone.now().timestamp()
        session = SessionStore()
        session["agent"] = {
            "id": agent.pk,
            "generation": agent.generation,
            "since": now,
            "seen": now,
        }
        session.set_expiry(36000)
        session.create()
        return str(session.session_key)


def main() -> None:
    """200 at the first, two at each other one."""
    first, *others = json.loads(sys.argv[1])
    filled(first, 200)
    for host in others:
        filled(host, 2)
    print(json.dumps(inside(first)))


main()
