# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address of the desk, asked with another town's host and another town's identifiers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integration.desk.addresses import patterns
from integration.desk.forms import PNG

# Those without an identifier: they show the town of the host and nothing else.
PLAIN = {
    *("home", "style", "theme", "banner", "find", "accessibility", "privacy", "legal"),
    *("login", "code", "leave", "inbox", "export", "statistics", "team", "canned"),
    *("procedures", "builder-create", "print-out", "assign"),
    # The guide is the nation's; what of it these towns show is none (see test_guide_pages).
    *("guide", "guide-search", "guide-news", "agent-guide"),
    *("guide-frame", "guide-frame-search", "guide-frame-news"),
    # 404 where no provider is declared; test_openid is about those that are.
    *("openid", "openid-back"),
}
# Pages of the builder, by what they take beside the name of a procedure.
BUILDER = {
    **dict.fromkeys(("", "-begin", "-arrange", "-facts", "-mails", "-preview", "-publish"), ()),
    **dict.fromkeys(("-discard", "-offer", "-history", "-export"), ()),
    **dict.fromkeys(("-step", "-step-condition"), (0,)),
    **dict.fromkeys(("-field", "-condition"), ("email",)),
    "-version": (1,),
}


@pytest.fixture(scope="module")
def names(desk):
    """Names of all addresses, those below a language's prefix included."""
    return {one.name for one in patterns()}


@pytest.fixture
def arguments(figeac, fill_in, last_request, scope, enter):
    """Arguments of each address that takes some, all of things that figeac has."""
    from django.utils import timezone

    from guichet.agents.entry import invite
    from guichet.builder import drafts
    from guichet.models import Agent, Draft, File, Procedure, Version
    from guichet.procedures import digest_of, library

    fill_in(figeac, photo=SimpleUploadedFile("a.png", PNG))
    filed, secret = last_request(figeac)
    with scope(figeac):
        draft = Draft.objects.get(request=filed)
        file = File.objects.get(request=filed)
        agent = Agent.objects.get(email__startswith="elus@")
        invitation = invite(agent)
        # A procedure that only figeac has.
        row, made = Procedure.objects.get_or_create(
            tenant_id=figeac.siren, slug="a-part", origin="interface"
        )
        if made:
            definition = {"type": "link", "title": "À part", "url": "https://exemple.fr/"}
            row.current = Version.objects.create(
                tenant_id=figeac.siren,
                procedure=row,
                number=1,
                definition=definition,
                digest=digest_of(definition),
                published_at=timezone.now(),
            )
            row.save()
        # And a draft that only figeac has.
        if not Procedure.objects.filter(slug="brouillon-a-part").exists():
            form = {**library("intervention-services"), "title": "Brouillon de Figeac"}
            drafts.create(figeac.siren, agent, "brouillon-a-part", form)
    return {
        "procedure": ["a-part"],
        "begin": ["a-part"],
        "step": [draft.key, 1],
        "review": [draft.key],
        "sent": [draft.key],
        "follow": [secret],
        "write": [secret],
        "receipt": [secret],
        "file": [secret, file.key],
        "invitation": [invitation],
        "agent-request": [filed.number],
        "agent-answer": [filed.number],
        "agent-move": [filed.number],
        "agent-assign": [filed.number],
        "agent-paper": [filed.number],
        "agent-file": [filed.number, file.key],
        "colleague": [agent.pk],
        "charges": [agent.pk],
        **{f"builder{name}": ["brouillon-a-part", *more] for name, more in BUILDER.items()},
        "agent-guide-checked": ["F1427"],
        **{
            f"guide{frame}{name}": given
            for frame in ("", "-frame")
            for name, given in (
                ("-audience", ["part"]),
                ("-glossary", ["part"]),
                ("-sheet", ["part", "F1427"]),
            )
        },
    }


def test_every_address_is_looked_at(names, arguments):
    assert names == PLAIN | arguments.keys()


# The same in every language.
FIXED = {"banner", "style", "theme", "openid-back"}


@pytest.fixture(params=["fr", "en"])
def language(request):
    """The language in which addresses are made."""
    from django.utils.translation import override

    with override(request.param):
        yield request.param


def test_every_page_is_below_en_as_well(names, arguments, language):
    for name in names:
        at = reverse(name, args=arguments.get(name, []))
        assert at.startswith("/en/") == (language == "en" and name not in FIXED), name


def test_an_unknown_host_gets_404_at_every_address(names, arguments, browse, figeac):
    visitor = browse(figeac)
    for name in sorted(names):
        for host in ("demarches.example", "127.0.0.1", "", "x y"):
            at = reverse(name, args=arguments.get(name, []))
            for answer in (visitor.get(at, HTTP_HOST=host), visitor.post(at, HTTP_HOST=host)):
                assert answer.status_code == 404, (name, host)
                assert answer.text == "404\n"


def test_another_towns_host_knows_none_of_its_identifiers(
    language, arguments, browse, cahors, figeac, last_request, enter
):
    """As a visitor and as a manager of cahors, with everything that figeac has."""
    number = last_request(figeac)[0].number
    manager = enter(cahors, "gestion")
    for name, given in sorted(arguments.items()):
        at = reverse(name, args=given)
        for visitor in (browse(cahors), manager):
            for answer in (visitor.get(at), visitor.post(at, {"text": "x", "to": "taken"})):
                # 405 where an address takes only a post.
                refused = answer.status_code in (404, 405)
                asked_in = answer.headers.get("Location") == reverse("login")
                assert refused or asked_in, (name, answer.status_code)
                assert number not in answer.text
                assert "Pont Valentré" not in answer.text
                assert "Brouillon de Figeac" not in answer.text


def test_the_session_of_one_town_is_worth_nothing_at_another(enter, cahors, figeac, browse):
    manager = enter(cahors, "gestion")
    assert manager.get("/agents/demandes/").status_code == 200
    away = manager.get("/agents/demandes/", HTTP_HOST=figeac.host)
    assert away.headers["Location"] == "/agents/"


def test_pages_without_identifiers_show_the_town_of_the_host_alone(
    language, cahors, figeac, enter, names
):
    manager = enter(cahors, "gestion")
    for name in sorted(PLAIN - {"leave", "assign"}):
        answer = manager.get(reverse(name))
        assert answer.status_code in (200, 302, 404), name
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            assert cahors.body["name"] in answer.text
            assert figeac.body["name"] not in answer.text
            assert figeac.domain not in answer.text
