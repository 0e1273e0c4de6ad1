# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation of each registrar, and the driver that talks to it."""

from __future__ import annotations

import datetime as dt

import fake_gandi
import fake_ovh
import fake_scaleway
from fake_gandi import FakeGandi
from fake_ovh import FakeOvh
from fake_scaleway import FakeScaleway

from bastide.targets.registrars.gandi import Gandi
from bastide.targets.registrars.ovh import Ovh
from bastide.targets.registrars.scaleway import Scaleway

# 22:30 in London is the next day in Paris, in winter too.
TERM = dt.datetime(2027, 3, 13, 23, 30, tzinfo=dt.UTC)
IN_PARIS = dt.date(2027, 3, 14)


def gandi_at(url):
    return Gandi(fake_gandi.TOKEN, f"{url}/v5", fake_gandi.ORGANIZATION)


def ovh_at(url):
    return Ovh(fake_ovh.KEY, fake_ovh.SECRET, fake_ovh.CONSUMER, f"{url}/1.0")


def scaleway_at(url):
    return Scaleway(fake_scaleway.ACCESS, fake_scaleway.SECRET, url, fake_scaleway.PROJECT)


KINDS = {
    "gandi": (FakeGandi, gandi_at),
    "ovh": (FakeOvh, ovh_at),
    "scaleway": (FakeScaleway, scaleway_at),
}
