# SPDX-License-Identifier: GPL-3.0-or-later
"""Visits web addresses as a browser does, through the resolver of the run.

A certificate that is not right is noted, and the way followed all the same, since the checker
minds it at some addresses only.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from bastide.conformity.evidence import Answer
from bastide.model.names import to_ascii
from bastide.observe.ports import Ports
from bastide.observe.resolver import Resolver
from bastide.observe.tls import checking, looking

# As the RPNT's robot: ten seconds, and as many redirects as its library follows.
_TIMEOUT = 10.0
_MOST_HOPS = 30
_MOST_BYTES = 1 << 16
_MOVED = frozenset({301, 302, 303, 307, 308})
# Reserved signs, and escapes that are there already (RFC 3986 §2.2).
_AS_WRITTEN = "%/:?&=+,;@~!$'()*[]"
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; Bastide)", "Accept": "text/html, */*"}


class Visitor:
    """Visits through `resolver`; `authority` is a file of certificates, None the system's."""

    def __init__(
        self,
        resolver: Resolver,
        authority: Path | None,
        ports: Ports,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._resolver = resolver
        self._ports = ports
        self._timeout = timeout
        self._strict = checking(authority)
        self._lax = looking()

    def visit(self, url: str) -> Answer:
        """Where `url` leads, redirects followed."""
        hops = [url]
        certificate, at = "", -1
        while len(hops) <= _MOST_HOPS:
            try:
                status, location, refused, _ = self._get(hops[-1])
            except (OSError, http.client.HTTPException, ValueError) as error:
                return Answer(tuple(hops), 0, certificate, at, _words(error))
            if refused and not certificate:
                certificate, at = refused, len(hops) - 1
            if status not in _MOVED or not location:
                return Answer(tuple(hops), status, certificate, at)
            try:
                hops.append(urljoin(_with_path(hops[-1]), location))
            except ValueError as error:
                return Answer(tuple(hops), status, certificate, at, f"{location}: {error}")
        return Answer(tuple(hops), 0, certificate, at, "too many redirects")

    def read(self, url: str) -> tuple[int, str]:
        """Status and text of one page behind a good certificate, no redirect followed.

        Raises:
            OSError, http.client.HTTPException, ValueError: Nothing good came.
        """
        status, _, refused, text = self._get(url)
        if refused:
            raise ssl.SSLError(refused)
        return status, text

    def _get(self, url: str) -> tuple[int, str, str, str]:
        """Status, Location, what is wrong with the certificate, and the beginning of the text."""
        parts = urlsplit(url)
        host = to_ascii(parts.hostname or "") or ""
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError(f"{url} is no web address")
        secure = parts.scheme == "https"
        port = parts.port or (self._ports.https if secure else self._ports.http)
        path = quote(parts.path or "/", safe=_AS_WRITTEN)
        path += f"?{quote(parts.query, safe=_AS_WRITTEN)}" if parts.query else ""
        if not secure:
            status, location, text = self._request(host, port, path, None)
            return status, location, "", text
        try:
            status, location, text = self._request(host, port, path, self._strict)
        except ssl.SSLCertVerificationError as error:
            status, location, text = self._request(host, port, path, self._lax)
            return status, location, error.verify_message or _words(error), text
        return status, location, "", text

    def _request(
        self, host: str, port: int, path: str, tls: ssl.SSLContext | None
    ) -> tuple[int, str, str]:
        addresses = self._resolver.addresses(host)
        if not addresses:
            raise OSError(f"{host} has no address")
        failure: OSError | None = None
        for address in addresses:
            try:
                plain = socket.create_connection((address, port), self._timeout)
            except OSError as error:
                failure = error
                continue
            return self._talk(plain, host, path, tls)
        raise failure or OSError(host)

    def _talk(
        self, plain: socket.socket, host: str, path: str, tls: ssl.SSLContext | None
    ) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection(host, timeout=self._timeout)
        try:
            connection.sock = plain if tls is None else tls.wrap_socket(plain, server_hostname=host)
            connection.request("GET", path, headers={**_HEADERS, "Host": host})
            answer = connection.getresponse()
            text = answer.read(_MOST_BYTES).decode(errors="replace")
            # A header is Latin-1 to the library and UTF-8 to whoever writes accents into it.
            location = answer.headers.get("Location", "").encode("latin-1", "replace")
            return answer.status, location.decode(errors="replace"), text
        finally:
            connection.close()
            plain.close()


def _with_path(url: str) -> str:
    return url if urlsplit(url).path else f"{url}/"


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
