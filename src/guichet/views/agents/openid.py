# SPDX-License-Identifier: GPL-3.0-or-later
"""To the provider and back.

The way there is a link and not a form: `form-action` of our policy would stop a form's redirect
at the first address that is not ours, and a federation has more than one.
"""

from __future__ import annotations

import logging

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_GET

from guichet.agents import entry, openid
from guichet.agents.provider import Down, Untrue
from guichet.config import OpenIdConnect
from guichet.language import FRENCH, current
from guichet.procedures.words import mark, say
from guichet.rates import LOGIN, exceeded, origin
from guichet.views.errors import too_often
from guichet.views.visitor import Visit

_LOG = logging.getLogger(__name__)
_LANGUAGE = "openid_language"  # what a session keeps of the page that was left
_DOWN = mark(
    "%(name)s ne répond pas pour le moment. Entrez avec votre adresse et votre mot de passe, "
    "ou réessayez dans quelques minutes."
)
_UNTRUE = mark("La réponse de %(name)s n’a pas pu être vérifiée. Recommencez depuis cette page.")
_DENIED = mark("Vous n’êtes pas allé au bout de l’identification avec %(name)s.")
_STRANGER = mark(
    "%(name)s vous a reconnu, mais aucun agent de ce guichet n’est connu sous cette identité. "
    "Demandez à un gestionnaire de vous ajouter avec cette adresse, ou de vous inviter à nouveau."
)
_NO_FACTOR = mark(
    "%(name)s n’a pas vérifié de second facteur, et vous n’en avez pas encore ici. Ouvrez d’abord "
    "votre invitation, ou demandez-en une à un gestionnaire."
)


_SAID = {Down: _DOWN, Untrue: _UNTRUE, openid.Denied: _DENIED, openid.Stranger: _STRANGER}


def _settings(request: Visit) -> OpenIdConnect:
    found = openid.settings_for(request.tenant)
    if found is None:
        raise Http404
    return found


def _back(request: Visit) -> str:
    """Where a provider sends people back to: the tenant's own name, not what was asked for."""
    return f"https://{request.tenant.host}/agents/openid/retour"


def _again(request: Visit, settings: OpenIdConnect, text: str) -> HttpResponse:
    facts = {"problem": say(text, name=settings.name), "openid": settings}
    return render(request, "guichet/agents/login.html", facts, status=422)


def _told(request: Visit, settings: OpenIdConnect, error: Exception) -> HttpResponse:
    """Why somebody is not let in; the log gets what is about the provider, never about a person."""
    if isinstance(error, Down | Untrue):
        _LOG.warning("openid: %s: %s", type(error).__name__, error)
    return _again(request, settings, _SAID[type(error)])


@require_GET
def start(request: Visit) -> HttpResponse:
    """Leave for the provider."""
    settings = _settings(request)
    if entry.agent_of(request) is not None:
        return redirect("inbox")
    if exceeded(LOGIN, origin(request)):
        return too_often(request)
    request.session[_LANGUAGE] = current()
    try:
        return redirect(openid.leave_for(settings, request.session, _back(request)))
    except tuple(_SAID) as error:
        return _told(request, settings, error)


@require_GET
def back(request: Visit) -> HttpResponse:
    """Come back: in, or on to the desk's own second factor.

    This address has no language, since the provider knows one alone: it is the one of the page
    that was left.
    """
    with override(request.session.pop(_LANGUAGE, FRENCH)):
        response = _in(request)
        response.headers["Content-Language"] = current()
    return response


def _in(request: Visit) -> HttpResponse:
    settings = _settings(request)
    if exceeded(LOGIN, origin(request)):
        return too_often(request)
    sent = {name: request.GET[name] for name in request.GET}
    try:
        claims, token = openid.came_back(settings, request.session, sent, _back(request))
        agent = openid.agent_of(settings, claims)
    except tuple(_SAID) as error:
        return _told(request, settings, error)
    if openid.second_factor(settings, claims):
        entry.come_in(request, agent)
        request.session["id_token"] = token
        return redirect("inbox")
    if not agent.secret:
        return _again(request, settings, _NO_FACTOR)
    request.session.cycle_key()
    request.session["pending"] = {"id": agent.pk, "at": timezone.now().timestamp(), "token": token}
    return redirect("code")


def gone(request: Visit, token: str) -> HttpResponse:
    """The page after the session ended here, which leads to where it ends there as well."""
    settings = _settings(request)
    out = None
    try:
        out = openid.way_out(settings, token, f"https://{request.tenant.host}/agents/")
    except (Down, Untrue) as error:
        _LOG.warning("openid: no way out: %s", error)
    if out is None:
        return redirect("login")
    return render(request, "guichet/agents/gone.html", {"out": out, "openid": settings})
