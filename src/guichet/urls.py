# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from guichet.views import catalogue, errors, follow, form, guide, information
from guichet.views.agents import desk, entry, inbox, openid, request, statistics
from guichet.views.agents import guide as agents_guide
from guichet.views.agents.builder import condition, listing, overview, parts, preview, versions

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken

_FOLLOW = "suivi/<str:secret>/"
_FILED = "agents/demandes/<slug:number>/"
_DRAFT = "saisie/<uuid:key>/"
_MADE = "agents/demarches/<slug:slug>/"
# The same pages twice: on the desk, and within the site of the collectivity.
_GUIDE = [
    path(
        f"{at}{rest}",
        view,
        {"framed": framed},
        name=f"guide-frame{name}" if framed else f"guide{name}",
    )
    for at, framed in (("guide/cadre/", True), ("guide/", False))
    for rest, view, name in (
        ("", guide.home, ""),
        ("recherche", guide.search, "-search"),
        ("nouveautes", guide.news, "-news"),
        ("<slug:audience>", guide.audience, "-audience"),
        ("<slug:audience>/glossaire", guide.glossary, "-glossary"),
        ("<slug:audience>/<str:identifier>", guide.sheet, "-sheet"),
    )
]

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
    path("agents/openid/", openid.start, name="openid"),
    path("agents/invitation/<str:secret>/", entry.invitation, name="invitation"),
    path("agents/demandes/", inbox.inbox, name="inbox"),
    path("agents/demandes.csv", inbox.export, name="export"),
    path("agents/demandes.pdf", inbox.print_out, name="print-out"),
    path("agents/demandes/attribuer", inbox.assign, name="assign"),
    path(_FILED, request.show, name="agent-request"),
    path(_FILED + "message", request.answer, name="agent-answer"),
    path(_FILED + "etat", request.move, name="agent-move"),
    path(_FILED + "agent", request.assign, name="agent-assign"),
    path(_FILED + "demande.pdf", request.paper, name="agent-paper"),
    path(_FILED + "fichiers/<uuid:key>", request.file, name="agent-file"),
    path("agents/statistiques/", statistics.statistics, name="statistics"),
    path("agents/equipe/", desk.team, name="team"),
    path("agents/equipe/<int:pk>", desk.colleague, name="colleague"),
    path("agents/equipe/<int:pk>/demarches/", desk.charges, name="charges"),
    path("agents/reponses/", desk.canned, name="canned"),
    path("agents/demarches/", listing.procedures, name="procedures"),
    path("agents/nouvelle-demarche/", listing.create, name="builder-create"),
    path(_MADE, overview.show, name="builder"),
    path(_MADE + "brouillon", overview.begin, name="builder-begin"),
    path(_MADE + "modifier", overview.arrange, name="builder-arrange"),
    path(_MADE + "informations/", parts.facts, name="builder-facts"),
    path(_MADE + "courriels/", parts.mails, name="builder-mails"),
    path(_MADE + "etapes/<int:number>/", parts.step, name="builder-step"),
    path(_MADE + "champs/<slug:name>/", parts.field, name="builder-field"),
    path(
        _MADE + "etapes/<int:number>/condition/", condition.of_step, name="builder-step-condition"
    ),
    path(_MADE + "champs/<slug:name>/condition/", condition.of_field, name="builder-condition"),
    path(_MADE + "apercu/", preview.preview, name="builder-preview"),
    path(_MADE + "publier/", versions.publish, name="builder-publish"),
    path(_MADE + "abandonner/", versions.discard, name="builder-discard"),
    path(_MADE + "etat", versions.offer, name="builder-offer"),
    path(_MADE + "versions/", versions.history, name="builder-history"),
    path(_MADE + "versions/<int:number>/", versions.version, name="builder-version"),
    path(_MADE + "definition.yml", versions.export, name="builder-export"),
    path("agents/guide/", agents_guide.review, name="agent-guide"),
    path("agents/guide/<str:sheet>", agents_guide.checked, name="agent-guide-checked"),
    *_GUIDE,
]

urlpatterns = [
    # The same in all languages.
    path("style.css", catalogue.style_sheet, name="style"),
    path("couleurs.css", catalogue.theme, name="theme"),
    path("banniere", catalogue.banner, name="banner"),
    # Registered with the provider.
    path("agents/openid/retour", openid.back, name="openid-back"),
    # French without a prefix, English below /en/.
    *i18n_patterns(*_PAGES, prefix_default_language=False),
]
