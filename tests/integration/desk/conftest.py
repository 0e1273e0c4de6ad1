# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk over a real PostgreSQL and a real clamd; nothing of the lab of the other tests.

The tests are in the process of the application (Django's client, as guichet_app); whatever the
owner of the tables does is a command of its own, as on a host.
"""

import itertools
import os
import re

import django
import psycopg
import pyotp
import pytest

from integration.desk import place
from integration.desk.forms import PASSWORD, PROBLEM, post_step
from integration.desk.making import Builder, canteen_of
from integration.desk.said import judge_of_english
from integration.desk.towns import Share, Town, run

_VISITORS = itertools.count(1)


@pytest.fixture(scope="session")
def configuration(tmp_path_factory):
    """Path of the desk's configuration; the host is up and its tables are made."""
    place.start()
    file = place.settings(tmp_path_factory.mktemp("desk"))
    done = run(file, "migrate", owner=True)
    assert done.returncode == 0, done.stderr
    yield file
    from django.db import connections

    connections.close_all()
    place.stop()


@pytest.fixture(scope="session")
def desk(configuration):
    """Django in this process, connected as the application."""
    os.environ["GUICHET_CONFIG"] = str(configuration)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
    django.setup()
    from django.conf import settings
    from django.db import connections

    from guichet.config import read

    # Tests without a database may have read the settings before, in this same process.
    found = read()
    settings.CONFIGURATION = found
    for key in ("name", "host", "user", "password"):
        settings.DATABASES["default"][key.upper()] = found.database[key]
    connections.databases["default"].update(settings.DATABASES["default"])
    return settings


@pytest.fixture(scope="session")
def command(configuration):
    """command("retention", owner=True) runs a command; its standard output."""

    def execute(*argv, owner=False):
        done = run(configuration, *argv, owner=owner)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return execute


@pytest.fixture(scope="module")
def share(tmp_path_factory, configuration):
    """The share of the host, for towns of this module alone."""
    return Share(tmp_path_factory.mktemp("share"), configuration)


@pytest.fixture(scope="module")
def cahors(share, desk):
    """A town whose desk is open."""
    return founded(share, "cahors")


@pytest.fixture(scope="module")
def figeac(share, desk):
    """Another one."""
    return founded(share, "figeac")


def founded(share, slug):
    town = Town(slug)
    share.declare(town, *town.all())
    assert share.converge()["failed_changes"] == []
    return town


@pytest.fixture(scope="session")
def english():
    """english(page) asserts that a page has no French but what is marked so; its texts."""
    return judge_of_english()


@pytest.fixture
def browse(desk):
    """browse(town) is a new visitor of its desk (django.test.Client), over TLS."""
    from django.test import Client

    class Visitor(Client):
        def request(self, **request):
            request["wsgi.url_scheme"] = "https"
            return super().request(**request)

    def visitor(town, **more):
        # Each from an address of its own, as the proxy tells it (RFC 3849's prefix).
        return Visitor(
            HTTP_HOST=town.host, HTTP_X_REAL_IP=f"2001:db8:0:{next(_VISITORS):x}::1", **more
        )

    return visitor


@pytest.fixture
def scope(desk):
    """scope(town) opens its rows (guichet.tenancy.scope.acting_for)."""
    from guichet.tenancy.scope import acting_for

    return lambda town: acting_for(town.siren)


@pytest.fixture
def raw(configuration):
    """raw() is a connection of the application without Django: what an injection would have."""
    made = []

    def connect(user=place.APP):
        link = psycopg.connect(
            host=place.ADDRESS, dbname="guichet", user=user, password=place.PASSWORD
        )
        made.append(link)
        return link

    yield connect
    for link in made:
        link.close()


@pytest.fixture
def fill_in(browse, monkeypatch):
    """fill_in(town) files a request by the form; the visitor and the page that follows."""
    from guichet.rates import Limit
    from guichet.views import form

    # One address serves for a whole module here; test_safety is about the limit that there is.
    monkeypatch.setattr(form, "NAMED", Limit("named", 1000, 86400))

    def filled(town, email="jeanne@exemple.fr", photo=None, visitor=None):
        visitor = visitor or browse(town)
        begun = visitor.post("/demarches/intervention-services/commencer")
        at = post_step(visitor, begun.headers["Location"], PROBLEM)
        where = {"place.place": "Pont Valentré", **({"photo": photo} if photo else {})}
        at = post_step(visitor, at, where)
        who = {"name.given": "Jeanne", "name.family": "Essai", "email": email}
        review = post_step(visitor, at, who)
        sent = visitor.post(review)
        assert sent.status_code == 302
        return visitor, sent.headers["Location"]

    return filled


@pytest.fixture
def last_request(scope):
    """last_request(town) is the newest request of a town and its link's secret."""
    from guichet.models import Request
    from guichet.requests import links

    def newest(town):
        with scope(town):
            found = Request.objects.select_related("version", "procedure").order_by("pk").last()
            return found, links.token(found.tenant_id, found.link_nonce)

    return newest


@pytest.fixture
def enter(browse, scope):
    """enter(town, "voirie") is an agent who has come in by an invitation."""
    from guichet.agents.entry import invite
    from guichet.models import Agent

    def come(town, local):
        with scope(town):
            secret = invite(Agent.objects.get(email=f"{local}@{town.domain}"))
        visitor = browse(town)
        at = f"/agents/invitation/{secret}/"
        visitor.key = re.search('class="secret">(.*?)<', visitor.get(at).text)[1].replace(" ", "")
        code = pyotp.TOTP(visitor.key).now()
        sent = {"password": PASSWORD, "again": PASSWORD, "code": code}
        assert visitor.post(at, sent).headers.get("Location") == "/agents/demandes/"
        return visitor

    return come


@pytest.fixture
def manager(enter, town):
    """Who makes procedures in the `town` of the module."""
    return enter(town, "gestion")


@pytest.fixture
def builder(manager):
    """What a manager does to a procedure, page by page, as a browser would."""
    return Builder(manager)


@pytest.fixture
def canteen(builder):
    """A draft of two steps with a condition and a file, fit to be published."""
    return canteen_of(builder)
