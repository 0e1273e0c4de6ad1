# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the web hosts for every page and redirect that the charters want."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from html import escape
from typing import Any

from bastide.desired import Origin
from bastide.model import Platform
from bastide.model.services import WEBMAIL
from bastide.verify.check import Check
from bastide.verify.silence import SILENT, Silence

_TIMEOUT = 5.0


def check_pages(
    slug: str,
    line: Mapping[str, Any],
    origins: Mapping[str, Origin],
    platform: Platform,
    silence: Silence,
) -> list[Check]:
    """One check for each page or redirect and web address; `line` is the share's line."""
    checks = []
    for resource in line["resources"]:
        kind, _, host = resource["address"].partition(":")
        origin = origins.get(resource["address"], Origin("", 0, ""))
        for address in platform.web.addresses:
            passed, wanted, found = _check(kind, host, resource["body"], address, silence)
            checks.append(
                Check(
                    slug,
                    "web",
                    f"{resource['address']} @{address}",
                    passed,
                    wanted,
                    found,
                    origin.file,
                    origin.line,
                )
            )
    return checks


def _check(
    kind: str, host: str, body: Mapping[str, Any], address: str, silence: Silence
) -> tuple[bool, str, str]:
    moved = moved_status(host)
    wanted = f"{moved:d} {body['to']}" if kind == "redirect" else f"200 {body['title']}"
    if silence.given_up(address):
        return False, wanted, SILENT
    try:
        status, location, text = get(host, address)
        silence.note(address, answered=True)
    except (OSError, http.client.HTTPException) as error:
        silence.note(address, answered=not isinstance(error, OSError))
        return False, wanted, f"{type(error).__name__} {error}".strip()
    if kind == "redirect":
        return (
            status == moved and location == body["to"],
            wanted,
            (f"{status} {location}".strip()),
        )
    shown = escape(body["title"]) in text
    return (
        status == http.client.OK and shown,
        wanted,
        f"{status}" + ("" if shown else " without the title"),
    )


def moved_status(host: str) -> http.HTTPStatus:
    """How a redirection from `host` is answered: for good, or for now (role nginx)."""
    lent = host.startswith(f"{WEBMAIL}.")
    return http.HTTPStatus.FOUND if lent else http.HTTPStatus.MOVED_PERMANENTLY


def get(host: str, address: str, path: str = "/") -> tuple[int, str, str]:
    """Status, Location and body of ``http://host/path`` as served at `address`."""
    connection = http.client.HTTPConnection(address, 80, timeout=_TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        text = response.read(1 << 20).decode(errors="replace")
        return response.status, response.headers.get("Location", ""), text
    finally:
        connection.close()
