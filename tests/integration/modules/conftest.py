# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts for the tests of the bulk modules, by the names of their containers."""

import pytest
from containers import MAIL, NS, WEB, Host, start, stop


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("modules")


def _host(recipe, scratch):
    yield Host(start(recipe), scratch)
    stop(recipe)


@pytest.fixture(scope="module")
def ns(scratch):
    """A host with Knot, which serves one zone that is not Bastide's."""
    yield from _host(NS, scratch)


@pytest.fixture(scope="module")
def mail(scratch):
    """A host with Postfix and Dovecot."""
    yield from _host(MAIL, scratch)


@pytest.fixture(scope="module")
def web(scratch):
    """A host with nginx."""
    yield from _host(WEB, scratch)
