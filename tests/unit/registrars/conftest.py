# SPDX-License-Identifier: GPL-3.0-or-later
"""One imitation of each registrar, served, with a driver that talks to it."""

from __future__ import annotations

import pytest
from fake_rdap import FakeRdap
from registrar_kinds import IN_PARIS, KINDS, TERM
from registrar_server import serving


@pytest.fixture(params=KINDS)
def both(request):
    """``(imitation, driver)`` of each registrar in turn."""
    make, open_at = KINDS[request.param]
    imitation = make()
    imitation.hold("albas-46.fr", IN_PARIS if request.param == "ovh" else TERM)
    with serving(imitation) as url:
        driver = open_at(url)
        yield imitation, driver
        driver.close()


@pytest.fixture
def rdap_server():
    imitation = FakeRdap()
    with serving(imitation) as url:
        yield imitation, url
