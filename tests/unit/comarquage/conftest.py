# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole real archive of one day, unpacked and rendered once for all tests that ask for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from comarquage import Guide, archive
from comarquage.config import Config, Limits
from comarquage.refresh import refresh

ARCHIVE = Path(__file__).parents[2] / "data" / "comarquage" / "guide-2024-03-06.tar.xz"
URL = "https://lecomarquage.service-public.fr/vdd/3.4/{}/zip/vosdroits-latest.zip"
DAY = dt.datetime(2024, 3, 6, 6, 0, tzinfo=dt.UTC)
ORIGINS = {audience: URL.format(audience) for audience in ("part", "pro")}


@pytest.fixture(scope="session")
def files() -> dict[str, dict[str, bytes]]:
    return {audience: archive.opened(ARCHIVE, audience, Limits()) for audience in ("part", "pro")}


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole guide, refreshed by the real run from the archive file."""
    folder = tmp_path_factory.mktemp("guide")
    sources = dict.fromkeys(("part", "pro"), f"file:{ARCHIVE}")
    refresh(Config(folder, sources, ORIGINS), now=DAY)
    return folder


@pytest.fixture(scope="session")
def guide(whole: Path):
    opened = Guide.open(whole)
    yield opened
    opened.close()
