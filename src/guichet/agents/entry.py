# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming in: password, then code; who fails too often waits.

`guichet.agents.openid` ends with `come_in` as well, or with the second step of here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from guichet.agents import factor
from guichet.models import Agent, OneTimeLink
from guichet.views.visitor import Visit

MOST_FAILURES = 5
REST = dt.timedelta(minutes=15)
IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=10)
LINK_LASTS = dt.timedelta(days=7)
SHORTEST_PASSWORD = 12


def by_password(email: str, password: str) -> Agent | None:
    """The agent whose password this is; None for a wrong one, a locked and an unknown alike."""
    rows = Agent.objects.select_for_update().filter(active=True, email=email.strip().lower())
    agent = rows.first()
    if agent is None or not agent.password:
        # As long as for somebody who is there.
        make_password(password)
        return None
    good = check_password(password, agent.password)
    if _locked(agent):
        return None
    if not good:
        count_failure(agent)
        return None
    return agent


def _locked(agent: Agent) -> bool:
    return agent.locked_until is not None and agent.locked_until > timezone.now()


def count_failure(agent: Agent) -> None:
    """A wrong password or code; the fifth in a row locks the account for a while."""
    agent.failures += 1
    if agent.failures >= MOST_FAILURES:
        agent.failures, agent.locked_until = 0, timezone.now() + REST
    agent.save(update_fields=["failures", "locked_until"])


def by_code(agent: Agent, code: str) -> bool:
    """Whether this is the code of the moment; it is used up then."""
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    secret = factor.unseal(agent.secret) if agent.secret else None
    step = factor.step_of(secret, code, agent.last_step) if secret else None
    if step is None or _locked(agent):
        count_failure(agent)
        return False
    agent.last_step, agent.failures, agent.locked_until = step, 0, None
    agent.save(update_fields=["last_step", "failures", "locked_until"])
    return True


def come_in(request: Visit, agent: Agent) -> None:
    """Begin the session of an agent, under a new key (session fixation)."""
    now = timezone.now()
    request.session.flush()
    request.session.cycle_key()
    request.session["agent"] = {
        "id": agent.pk,
        "generation": agent.generation,
        "since": now.timestamp(),
        "seen": now.timestamp(),
    }
    request.session.set_expiry(int(LONGEST.total_seconds()))
    Agent.objects.filter(pk=agent.pk).update(seen_at=now)


def agent_of(request: Visit) -> Agent | None:
    """The agent of a session; None when it is too old, was idle, or was ended."""
    facts: dict[str, Any] | None = request.session.get("agent")
    if not facts:
        return None
    now = timezone.now().timestamp()
    idle, whole = now - facts["seen"], now - facts["since"]
    agent = Agent.objects.filter(pk=facts["id"], active=True).first()
    fresh = idle < IDLE.total_seconds() and whole < LONGEST.total_seconds()
    if agent is None or agent.generation != facts["generation"] or not fresh:
        request.session.flush()
        return None
    if idle > 60:  # noqa: PLR2004 - a write a minute is enough
        request.session["agent"] = {**facts, "seen": now}
    return agent


def invite(agent: Agent) -> str:
    """The secret part of a new one-time link; the links before it are void."""
    secret = secrets.token_urlsafe(32)
    OneTimeLink.objects.filter(agent=agent, used_at=None).delete()
    OneTimeLink.objects.create(
        tenant_id=agent.tenant_id,
        agent=agent,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        until=timezone.now() + LINK_LASTS,
    )
    return secret


def invited(secret: str) -> OneTimeLink | None:
    """The link that is still good, held until the transaction ends."""
    rows = OneTimeLink.objects.select_for_update(of=("self",)).select_related("agent")
    wanted = hashlib.sha256(secret.encode()).hexdigest()
    return rows.filter(
        digest=wanted, used_at=None, until__gt=timezone.now(), agent__active=True
    ).first()


def objection(password: str, agent: Agent) -> str:
    """Why a password is not taken; "" when it is (ANSSI: length before composition)."""
    if len(password) < SHORTEST_PASSWORD:
        return _("Le mot de passe doit avoir au moins %(number)d caractères.") % {
            "number": SHORTEST_PASSWORD
        }
    if agent.email.partition("@")[0].lower() in password.lower():
        return _("Le mot de passe ne doit pas contenir votre adresse.")
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return _("Ce mot de passe est trop courant.")
    return ""


def equip(link: OneTimeLink, password: str, sealed: str, step: int) -> Agent:
    """Give an agent a password and a second factor; all sessions before end."""
    agent = link.agent
    agent.password = make_password(password)
    agent.secret, agent.last_step = sealed, step
    agent.failures, agent.locked_until = 0, None
    # Who is invited anew may be somebody else: the provider's word on the former is over.
    agent.subject = ""
    agent.generation += 1
    agent.save()
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return agent
