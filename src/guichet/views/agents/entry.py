# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming in and going out."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guichet.agents import entry, factor, openid
from guichet.models import Agent
from guichet.procedures.words import mark
from guichet.rates import LOGIN, exceeded, origin
from guichet.views.agents.openid import gone
from guichet.views.errors import too_often
from guichet.views.visitor import Visit

_WRONG = mark("Adresse, mot de passe ou code inexact, ou compte momentanément bloqué.")
_CODE_WITHIN = 300  # seconds between password and code


def login(request: Visit) -> HttpResponse:
    """Address and password."""
    if entry.agent_of(request) is not None:
        return redirect("inbox")
    provider = {"openid": openid.settings_for(request.tenant)}
    if request.method != "POST":
        return render(request, "guichet/agents/login.html", provider)
    if exceeded(LOGIN, origin(request)):
        return too_often(request)
    email = request.POST.get("email", "")[:254]
    agent = entry.by_password(email, request.POST.get("password", "")[:200])
    if agent is None:
        facts = {"problem": _(_WRONG), "email": email, **provider}
        return render(request, "guichet/agents/login.html", facts, status=422)
    request.session.cycle_key()
    request.session["pending"] = {"id": agent.pk, "at": timezone.now().timestamp()}
    return redirect("code")


def code(request: Visit) -> HttpResponse:
    """The second factor; a wrong one leads back to the beginning."""
    pending = request.session.get("pending")
    if not pending or timezone.now().timestamp() - pending["at"] > _CODE_WITHIN:
        return redirect("login")
    if request.method != "POST":
        return render(request, "guichet/agents/code.html")
    if exceeded(LOGIN, origin(request)):
        return too_often(request)
    agent = Agent.objects.filter(pk=pending["id"], active=True).first()
    if agent is None or not entry.by_code(agent, request.POST.get("code", "")[:20]):
        del request.session["pending"]
        facts = {"problem": _(_WRONG), "openid": openid.settings_for(request.tenant)}
        return render(request, "guichet/agents/login.html", facts, status=422)
    entry.come_in(request, agent)
    if "token" in pending:
        request.session["id_token"] = pending["token"]
    return redirect("inbox")


@require_POST
def leave(request: Visit) -> HttpResponse:
    """End the session, and that at the provider which it came from."""
    token = request.session.get("id_token")
    request.session.flush()
    if token and openid.settings_for(request.tenant):
        return gone(request, token)
    return redirect("login")


def invitation(request: Visit, secret: str) -> HttpResponse:
    """Set a password and the second factor; the link works once."""
    link = entry.invited(secret)
    if link is None:
        raise Http404
    agent, tenant = link.agent, request.tenant
    kept = request.session.get("setup", {})
    sealed = kept.get("secret") if kept.get("link") == link.pk else None
    opened = factor.unseal(sealed) if sealed else None
    if opened is None:
        opened = factor.new_secret()
        sealed = factor.seal(opened)
        request.session["setup"] = {"link": link.pk, "secret": sealed}
    problems = {}
    if request.method == "POST":
        if exceeded(LOGIN, origin(request)):
            return too_often(request)
        password = request.POST.get("password", "")[:200]
        if problem := entry.objection(password, agent):
            problems["password"] = problem
        elif password != request.POST.get("again", "")[:200]:
            problems["again"] = _("Les deux mots de passe diffèrent.")
        step = factor.step_of(opened, request.POST.get("code", "")[:20], 0)
        if step is None:
            problems["code"] = _("Ce code n’est pas celui du moment.")
        elif not problems:
            entry.come_in(request, entry.equip(link, password, sealed or "", step))
            return redirect("inbox")
    facts = {
        "invited": agent,
        "secret": " ".join(opened[place : place + 4] for place in range(0, len(opened), 4)),
        "picture": factor.picture(factor.address(opened, agent, tenant)),
        "address": factor.address(opened, agent, tenant),
        "problems": problems,
        "shortest": entry.SHORTEST_PASSWORD,
    }
    return render(request, "guichet/agents/invitation.html", facts, status=422 if problems else 200)
