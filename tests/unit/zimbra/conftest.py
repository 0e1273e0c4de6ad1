# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh imitation of a Zimbra server, and a client of it."""

from __future__ import annotations

import pytest
from zimbra_fake import USER, FakeZimbra
from zimbra_server import make_certificate, serving
from zimbra_town import client_of, town

from bastide.targets.zimbra import Driver, Server


@pytest.fixture
def zimbra():
    return FakeZimbra()


@pytest.fixture
def client(zimbra):
    return client_of(zimbra)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("zimbra"))


@pytest.fixture
def served(zimbra, certificate):
    """Settings of a client of the imitation, which is served by HTTPS."""
    with serving(zimbra.answer, certificate) as url:
        yield Server(url, USER, password_env="ZIMBRA_TEST", ca_file=str(certificate), timeout=10)


@pytest.fixture
def driver(client):
    return Driver(client)


@pytest.fixture
def settled(driver):
    """The town is on the server."""
    outcome = driver.run(town())
    assert outcome.failed == []
    return driver
