# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses."""

from django.urls import path

from guichet.views import catalogue, errors, form

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken

_DRAFT = "saisie/<uuid:key>/"

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("style.css", catalogue.style_sheet, name="style"),
    path("couleurs.css", catalogue.theme, name="theme"),
    path("banniere", catalogue.banner, name="banner"),
    path("demarches/<slug:slug>/", catalogue.procedure, name="procedure"),
    path("demarches/<slug:slug>/commencer", form.begin, name="begin"),
    path(_DRAFT + "<int:number>/", form.step, name="step"),
    path(_DRAFT + "verification/", form.review, name="review"),
    path(_DRAFT + "envoyee/", form.sent, name="sent"),
    # placeholders
    path("suivi/", catalogue.home, name="find"),
    path("suivi/<str:secret>/recepisse.pdf", catalogue.home, name="receipt"),
    path("accessibilite/", catalogue.home, name="accessibility"),
    path("donnees-personnelles/", catalogue.home, name="privacy"),
    path("mentions-legales/", catalogue.home, name="legal"),
    path("agents/", catalogue.home, name="login"),
]
