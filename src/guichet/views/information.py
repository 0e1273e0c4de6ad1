# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that every public site owes: accessibility, personal data, legal notice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guichet.views.catalogue import offered


def accessibility(request: HttpRequest) -> HttpResponse:
    """The declaration (decree 2019-768): not evaluated until somebody has done an audit."""
    return render(request, "guichet/accessibility.html")


def privacy(request: HttpRequest) -> HttpResponse:
    """What becomes of personal data, procedure by procedure (RGPD art. 13)."""
    forms = [one for _, one in offered() if one.type == "form"]
    return render(request, "guichet/privacy.html", {"forms": forms})


def legal(request: HttpRequest) -> HttpResponse:
    """Who publishes this (law 2004-575, art. 1-1)."""
    return render(request, "guichet/legal.html")
