# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives fetched from a real https server: asked for only when newer, and never too much."""

from __future__ import annotations

import pytest
import served
import small

from comarquage.config import Config, Limits
from comarquage.messages import Refused
from comarquage.refresh import refresh

_DAY = "Sun, 01 Nov 2026 01:00:00 GMT"


class _Origin:
    """What the server gives, and what it was asked."""

    def __init__(self, archive: bytes) -> None:
        self.archive = archive
        self.asked: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.more: dict[str, str] = {}
        self.status = 200

    def __call__(self, handler) -> None:
        self.asked.append(dict(handler.headers))
        status = 304 if handler.headers.get("If-Modified-Since") == _DAY else self.status
        self.statuses.append(status)
        body = self.archive if status == 200 else b""
        served.send(handler, status, body, Last_Modified=_DAY, **self.more)


@pytest.fixture
def origin(tmp_path, monkeypatch):
    pem = served.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    archive = small.packed(tmp_path / "a.zip", small.documents(20)).read_bytes()
    origin = _Origin(archive)
    with served.server(origin, pem) as url:
        origin.url = f"{url}/vdd/3.5/part/zip/vosdroits-latest.zip"
        yield origin


def _config(tmp_path, origin, limits=small.LIMITS) -> Config:
    return Config(tmp_path / "guide", {"part": origin.url}, limits=limits)


def _refused(config: Config, why: str) -> None:
    with pytest.raises(Refused) as refused:
        refresh(config, now=small.NOW)
    finding = refused.value.findings[0]
    assert finding.kind.code == "G020"
    assert why in finding.message("en")


def test_what_has_not_changed_is_not_sent_again(tmp_path, origin):
    config = _config(tmp_path, origin)
    first = refresh(config, now=small.NOW)
    again = refresh(config, now=small.NOW)
    assert origin.statuses == [200, 304]
    assert "If-Modified-Since" not in origin.asked[0]
    assert again.release == first.release
    assert not again.new


def test_the_mention_names_the_address_that_was_fetched(tmp_path, origin):
    config = _config(tmp_path, origin)
    refresh(config, now=small.NOW)
    from comarquage import Guide

    guide = Guide.open(config.folder)
    assert origin.url in guide.page("part", "F1").html
    guide.close()


def test_a_kept_archive_that_was_spoiled_is_fetched_anew(tmp_path, origin):
    config = _config(tmp_path, origin)
    first = refresh(config, now=small.NOW)
    kept = config.folder / "downloads" / "part.archive"
    kept.write_bytes(b"spoiled")
    assert refresh(config, now=small.NOW).release == first.release
    assert origin.statuses == [200, 304, 200]
    assert kept.read_bytes() == origin.archive


def test_without_the_release_the_archive_is_asked_for_whole(tmp_path, origin):
    config = _config(tmp_path, origin)
    refresh(config, now=small.NOW)
    (config.folder / "current").unlink()
    refresh(config, now=small.NOW)
    assert origin.statuses == [200, 200]


def test_more_than_the_limit_is_not_read_to_its_end(tmp_path, origin):
    origin.archive = b"x" * 3_000_000
    _refused(_config(tmp_path, origin, Limits(archive_megabytes=1)), "more than 1000000 bytes")


def test_a_download_that_breaks_off_is_refused(tmp_path, origin):
    origin.more = {"Content_Length": str(len(origin.archive) + 10)}
    _refused(_config(tmp_path, origin), "bytes")


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_error_page_is_no_archive(tmp_path, origin, status):
    config = _config(tmp_path, origin)
    refresh(config, now=small.NOW)
    (config.folder / "downloads" / "part.archive").unlink()
    before = (config.folder / "current").readlink()
    origin.status = status
    _refused(config, f"HTTP {status}")
    assert (config.folder / "current").readlink() == before


def test_a_redirection_out_of_https_is_not_followed(tmp_path, origin):
    origin.status = 302
    origin.more = {"Location": "http://127.0.0.1:9/a.zip"}
    _refused(_config(tmp_path, origin), "redirected")


def test_an_authority_that_nobody_knows_is_refused(tmp_path, origin, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    _refused(_config(tmp_path, origin), "CERTIFICATE_VERIFY_FAILED")


def test_a_bad_download_does_not_take_the_place_of_the_good_one(tmp_path, origin):
    config = _config(tmp_path, origin)
    refresh(config, now=small.NOW)
    kept = config.folder / "downloads" / "part.archive"
    good = kept.read_bytes()
    origin.archive = b"<html>maintenance</html>"
    state = config.folder / "state.json"
    state.write_text(state.read_text("utf-8").replace(_DAY, ""), "utf-8")  # ask for all of it
    with pytest.raises(Refused) as refused:
        refresh(config, now=small.NOW)
    assert refused.value.findings[0].kind.code == "G010"
    assert kept.read_bytes() == good
