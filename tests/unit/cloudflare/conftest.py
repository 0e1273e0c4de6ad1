# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh imitation of Cloudflare, served, with every answer held against the published schemas."""

from __future__ import annotations

import cloudflare
import cloudflare_schemas
import jsonschema
import pytest
from cloudflare_fake import TOKEN, FakeCloudflare
from cloudflare_server import serving
from cloudflare_town import Town


class Described(FakeCloudflare):
    """The imitation; `undescribed` are answers that Cloudflare would not give."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.undescribed = []

    def answer(self, method, target, headers, body=b""):
        status, given, text = super().answer(method, target, headers, body)
        if "json" in given["content-type"]:
            try:
                cloudflare_schemas.check(method, target, status, text)
            except (jsonschema.ValidationError, LookupError, ValueError) as error:
                self.undescribed.append(f"{method} {target}: {error}")
        return status, given, text


@pytest.fixture
def fake():
    made = Described()
    yield made
    assert made.undescribed == []


@pytest.fixture
def url(fake):
    with serving(fake) as base:
        yield base


@pytest.fixture
def client(url):
    """The official client, which tries nothing a second time."""
    with cloudflare.Cloudflare(api_token=TOKEN, base_url=url, max_retries=0) as made:
        yield made


@pytest.fixture
def town(tmp_path, url):
    return Town(tmp_path, url)


@pytest.fixture
def settled(town, fake):
    """Cahors is at Cloudflare, as declared."""
    done = town.run()
    assert done.failed == []
    fake.seen.clear()
    return town
