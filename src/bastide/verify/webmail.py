# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads mail in a browser's way: the login page, a login that works, and one that must not.

The names ``webmail.<domain>`` lead there by redirects of the web hosts, which are checked with
the pages of each collectivity.
"""

from __future__ import annotations

import http.client
import http.cookies
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bastide.model import Platform
from bastide.model.services import platform_hosts
from bastide.verify.check import Check
from bastide.verify.https import Https

# A wrong password is answered slowly on purpose.
_TIMEOUT = 20.0
_MOST = 1 << 20
_FORM = {"_task": "login", "_action": "login", "_timezone": "_default_"}
_TOKEN = re.compile(r'name="_token" value="(\w+)"')
# Pages of a session name their token for scripts alone.
_PROOF = re.compile(r'"request_token":"(\w+)"')
_LANGUAGE = re.compile(r'<html lang="([A-Za-z-]{1,20})"')


@dataclass(frozen=True, slots=True)
class WebmailHost:
    """The webmail at one address: its name, and who signs its certificate (None: system)."""

    name: str
    address: str
    authority: Path | None = None


def webmail_hosts(platform: Platform, authority: Path | None) -> list[WebmailHost]:
    """The webmail at each of its addresses; none when the platform has no webmail."""
    name = platform.mail.webmail
    if name is None:
        return []
    addresses = platform_hosts(platform).get(name, ())
    return [WebmailHost(name, address, authority) for address in addresses]


def check_login_page(host: WebmailHost) -> list[Check]:
    """The page that everybody sees first: over TLS, in French, with a form to log in."""
    wanted = "200, in French, a form to log in"
    try:
        status, text = _Visitor(host).ask("GET", "/")
        language = _LANGUAGE.search(text)
        spoken = language[1] if language else "no language"
        form = "a form to log in" if _TOKEN.search(text) else "no form to log in"
        french = "in French" if spoken.partition("-")[0] == "fr" else f"in {spoken}"
        found = f"{status}, {french}, {form}"
    except (OSError, http.client.HTTPException) as error:
        found = _words(error)
    return [_check(host, "webmail", wanted, found)]


def check_webmail_login(host: WebmailHost, address: str, password: str) -> list[Check]:
    """The probe logs in and sees its list of messages."""
    wanted = "logged in, messages shown"
    try:
        visitor = _Visitor(host)
        found = "login refused"
        if visitor.log_in(address, password):
            status, text = visitor.ask("GET", "/?_task=mail")
            shown = status == http.client.OK and 'id="messagelist"' in text
            found = wanted if shown else f"logged in, {status} without the list of messages"
            visitor.log_out(text)
    except (OSError, http.client.HTTPException) as error:
        found = _words(error)
    return [_check(host, f"webmail {address}", wanted, found)]


def check_webmail_suspended(host: WebmailHost, address: str, password: str) -> list[Check]:
    """The suspended probe is refused, with its right password."""
    wanted = "login refused"
    try:
        found = "login accepted" if _Visitor(host).log_in(address, password) else wanted
    except (OSError, http.client.HTTPException) as error:
        found = _words(error)
    return [_check(host, f"webmail suspended {address}", wanted, found)]


@dataclass(slots=True)
class _Visitor:
    """Somebody with a jar of cookies."""

    host: WebmailHost
    cookies: http.cookies.SimpleCookie = field(default_factory=http.cookies.SimpleCookie)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of one page."""
        connection = Https(self.host.name, self.host.address, self.host.authority, _TIMEOUT)
        jar = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        headers = {"Cookie": jar} if jar else {}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            answer = connection.getresponse()
            text = answer.read(_MOST).decode(errors="replace")
            for line in answer.headers.get_all("Set-Cookie") or ():
                self._keep(line)
            return answer.status, text
        finally:
            connection.close()

    def log_in(self, user: str, password: str) -> bool:
        """Fill in the form and send it; whether it leads inside.

        Raises:
            http.client.HTTPException: There is no form, or the answer is neither yes nor no.
        """
        status, page = self.ask("GET", "/")
        token = _TOKEN.search(page)
        if token is None:
            raise http.client.HTTPException(f"{status} without a form to log in")
        fields = {**_FORM, "_token": token[1], "_user": user, "_pass": password}
        status, _ = self.ask("POST", "/?_task=login", fields)
        if status not in {http.client.FOUND, http.client.UNAUTHORIZED}:
            raise http.client.HTTPException(f"{status} to the login form")
        return status == http.client.FOUND

    def log_out(self, page: str) -> None:
        """End the session that `page` belongs to."""
        proof = _PROOF.search(page)
        if proof:
            self.ask("GET", f"/?_task=logout&_token={proof[1]}")

    def _keep(self, line: str) -> None:
        try:
            self.cookies.load(line)
        except http.cookies.CookieError as error:
            raise http.client.HTTPException(f"a cookie that is none: {error}") from error


def _check(host: WebmailHost, subject: str, wanted: str, found: str) -> Check:
    name = f"{subject} @{host.name} {host.address}"
    return Check("", "mail", name, wanted == found, wanted, found)


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
