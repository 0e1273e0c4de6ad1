# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages for what went wrong: they say what to do, and nothing about the inside."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_LOG = logging.getLogger(__name__)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    # An address that failed is repeated nowhere: the other language begins at the list.
    facts: dict[str, Any] = {"title": title, "text": text, "addresses": {}}
    return render(request, "guichet/error.html", facts, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, for what is not there and for what is somebody else's alike."""
    del exception
    text = _("Cette page n’existe pas, ou le lien n’est plus valable.")
    return _page(request, 404, _("Page introuvable"), text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    del exception
    text = _("Ce qui a été envoyé ne peut pas être lu. Revenez en arrière et recommencez.")
    return _page(request, 400, _("Envoi illisible"), text)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    del exception
    return _page(request, 403, _("Accès refusé"), _("Vos droits ne permettent pas cette action."))


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: mostly a session that is over."""
    del reason
    text = _(
        "Votre session a expiré, ou votre navigateur refuse le cookie de session. "
        "Revenez à la page précédente, rechargez-la et recommencez : rien n’a été enregistré."
    )
    return _page(request, 403, _("Session expirée"), text)


def too_often(request: HttpRequest) -> HttpResponse:
    """429."""
    text = _("Trop de tentatives en peu de temps. Patientez quelques minutes et recommencez.")
    return _page(request, 429, _("Trop de tentatives"), text)


def broken(request: HttpRequest) -> HttpResponse:
    """500, or 503 without a database; the log gets the view's name, no address: some are secret."""
    match: Any = request.resolver_match
    name = match.view_name if match else "-"
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if away:
        _LOG.error("view %s failed: no database", name)
    else:
        _LOG.error("view %s failed", name, exc_info=True)
    # No template: the database may be what is broken.
    text = _("Une erreur est survenue. Rien n’a été enregistré. Recommencez dans quelques minutes.")
    status = 503 if away else 500
    answer = HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
    if away:
        answer.headers["Retry-After"] = "60"
    return answer
