# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from guichet.views import catalogue, errors, follow, form, information
from guichet.views.agents import desk, entry, inbox, request

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken

_FOLLOW = "suivi/<str:secret>/"
_FILED = "agents/demandes/<slug:number>/"
_DRAFT = "saisie/<uuid:key>/"

_PAGES = [
    path("", catalogue.home, name="home"),
    path("demarches/<slug:slug>/", catalogue.procedure, name="procedure"),
    path("demarches/<slug:slug>/commencer", form.begin, name="begin"),
    path(_DRAFT + "<int:number>/", form.step, name="step"),
    path(_DRAFT + "verification/", form.review, name="review"),
    path(_DRAFT + "envoyee/", form.sent, name="sent"),
    path("suivi/", follow.find, name="find"),
    path(_FOLLOW, follow.follow, name="follow"),
    path(_FOLLOW + "message", follow.write, name="write"),
    path(_FOLLOW + "accuse-de-reception.pdf", follow.receipt, name="receipt"),
    path(_FOLLOW + "fichiers/<uuid:key>", follow.file, name="file"),
    path("accessibilite/", information.accessibility, name="accessibility"),
    path("donnees-personnelles/", information.privacy, name="privacy"),
    path("mentions-legales/", information.legal, name="legal"),
    path("agents/", entry.login, name="login"),
    path("agents/code/", entry.code, name="code"),
    path("agents/sortie", entry.leave, name="leave"),
    path("agents/invitation/<str:secret>/", entry.invitation, name="invitation"),
    path("agents/demandes/", inbox.inbox, name="inbox"),
    path("agents/demandes.csv", inbox.export, name="export"),
    path(_FILED, request.show, name="agent-request"),
    path(_FILED + "message", request.answer, name="agent-answer"),
    path(_FILED + "etat", request.move, name="agent-move"),
    path(_FILED + "agent", request.assign, name="agent-assign"),
    path(_FILED + "demande.pdf", request.paper, name="agent-paper"),
    path(_FILED + "fichiers/<uuid:key>", request.file, name="agent-file"),
    path("agents/statistiques/", desk.statistics, name="statistics"),
    path("agents/equipe/", desk.team, name="team"),
    path("agents/equipe/<int:pk>", desk.colleague, name="colleague"),
    path("agents/reponses/", desk.canned, name="canned"),
]

urlpatterns = [
    # The same in all languages.
    path("style.css", catalogue.style_sheet, name="style"),
    path("couleurs.css", catalogue.theme, name="theme"),
    path("banniere", catalogue.banner, name="banner"),
    # French without a prefix, English below /en/.
    *i18n_patterns(*_PAGES, prefix_default_language=False),
]
