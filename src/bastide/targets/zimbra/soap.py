# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport: SOAP 1.2 envelopes to Zimbra's administration service, and its typed faults.

Forms: ``store/docs/soap-admin.txt`` and ``soap.txt`` of Zimbra/zm-mailbox.  XML and not JSON,
because the JSON of a batch loses the order of its answers.  Requests are elements without
namespace; :func:`request` puts them into ``urn:zimbraAdmin``.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from bastide.diagnostics import RunFailed, diagnose
from bastide.targets.zimbra.faults import LOGIN_REFUSED, NOT_UNDERSTOOD, UNREACHABLE
from bastide.targets.zimbra.settings import Server

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ZIMBRA = "urn:zimbra"
ADMIN = "urn:zimbraAdmin"
# A page of 500 entries is some hundred kilobytes.
LARGEST_ANSWER = 64 * 1024 * 1024
_EXPIRED = frozenset({"service.AUTH_EXPIRED", "service.AUTH_REQUIRED"})

Element = ET.Element


class Fault(Exception):
    """A SOAP fault: `code` as Zimbra names it (``account.NO_SUCH_ACCOUNT``), `reason` in words."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


class Transport(Protocol):
    """Carries one envelope to the server and brings its answer back."""

    url: str

    def post(self, body: bytes) -> bytes:
        """The answer to `body`; ``RunFailed`` when there is none."""


class Https:
    """HTTPS with the certificate and the name verified; a redirection is not followed.

    One connection for each request: a server that closes an idle one cannot leave it unknown
    whether a batch was begun.
    """

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self._timeout = server.timeout
        parts = urlsplit(server.url)
        if parts.scheme != "https" or not parts.hostname:
            raise self._unreachable("the address must begin with https://")
        self._host, self._port = parts.hostname, parts.port or 7071
        self._path = parts.path or "/service/admin/soap/"
        try:
            self._tls = ssl.create_default_context(cafile=server.ca_file or None)
        except OSError as error:
            raise self._unreachable(f"{server.ca_file}: {error.strerror or error}") from error

    def post(self, body: bytes) -> bytes:
        """See :class:`Transport`; a SOAP fault comes with status 500 and is an answer too."""
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=self._tls
        )
        try:
            headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            answer = response.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()
        if response.status not in {http.client.OK, http.client.INTERNAL_SERVER_ERROR}:
            raise _odd(self.url, f"HTTP status {response.status}")
        if len(answer) > LARGEST_ANSWER:
            raise _odd(self.url, f"more than {LARGEST_ANSWER} bytes")
        return answer

    def _unreachable(self, reason: str) -> RunFailed:
        return RunFailed(diagnose(UNREACHABLE, "", url=self.url, reason=reason))


class Client:
    """Speaks as one administrator; logs in when first needed and again when the token expires."""

    def __init__(self, transport: Transport, user: str, password: Callable[[], str]) -> None:
        self.url = transport.url
        self._transport = transport
        self._user, self._password = user, password
        self._token = ""

    @classmethod
    def of(cls, server: Server) -> Client:
        """A client of `server` over HTTPS."""
        return cls(Https(server), server.user, server.password)

    def call(self, body: Element) -> Element:
        """The response to one request; ``Fault`` when the server refuses it."""
        fresh = not self._token
        if fresh:
            self._log_in()
        try:
            return self._send(body)
        except Fault as fault:
            # Refused before it was begun, so that sending it again does nothing twice.
            if fresh or fault.code not in _EXPIRED:
                raise
        self._log_in()
        return self._send(body)

    def batch(self, bodies: Sequence[Element]) -> list[Element | Fault]:
        """The response or the fault of each request, in their order; one never stops the next.

        The server carries them out one after the other.  ``Fault`` is raised when the batch as
        a whole is refused, ``RunFailed`` when it is not known how far it came.
        """
        answers = self._batch(bodies)
        late = [
            place
            for place, answer in enumerate(answers)
            if isinstance(answer, Fault) and answer.code in _EXPIRED
        ]
        if late:  # the token expired on the way; these were not begun
            self._token = ""
            again = self._batch([bodies[place] for place in late])
            for place, answer in zip(late, again, strict=True):
                answers[place] = answer
        return answers

    def _batch(self, bodies: Sequence[Element]) -> list[Element | Fault]:
        envelope = ET.Element(f"{{{ZIMBRA}}}BatchRequest", {"onerror": "continue"})
        for number, body in enumerate(bodies):
            body.set("requestId", str(number))
            envelope.append(body)
        found: dict[str, Element | Fault] = {}
        for answer in self.call(envelope):
            fault = _fault(answer)
            found[answer.get("requestId", "")] = answer if fault is None else fault
        if found.keys() != {str(number) for number in range(len(bodies))}:
            raise _odd(self.url, "a batch answered to other requests than were sent")
        return [found[str(number)] for number in range(len(bodies))]

    def _log_in(self) -> None:
        body = request("AuthRequest", ("name", self._user), ("password", self._password()))
        self._token = ""
        try:
            token = child_text(self._send(body), "authToken")
        except Fault as fault:
            raise self._refused(fault.code) from fault
        if not token:
            raise self._refused("no token, is a second factor asked for?")
        self._token = token

    def _refused(self, code: str) -> RunFailed:
        return RunFailed(diagnose(LOGIN_REFUSED, "", url=self.url, user=self._user, code=code))

    def _send(self, body: Element) -> Element:
        envelope = ET.Element(f"{{{SOAP}}}Envelope")
        context = ET.SubElement(
            ET.SubElement(envelope, f"{{{SOAP}}}Header"), f"{{{ZIMBRA}}}context"
        )
        ET.SubElement(context, f"{{{ZIMBRA}}}nosession")
        if self._token:
            ET.SubElement(context, f"{{{ZIMBRA}}}authToken").text = self._token
        ET.SubElement(envelope, f"{{{SOAP}}}Body").append(body)
        answer = parse(self._transport.post(ET.tostring(envelope, "utf-8")), self.url)
        content = answer.find(f"{{{SOAP}}}Body")
        if answer.tag != f"{{{SOAP}}}Envelope" or content is None or len(content) != 1:
            raise _odd(self.url, "no SOAP envelope with one body")
        fault = _fault(content[0])
        if fault is not None:
            raise fault
        if content[0].tag != body.tag.removesuffix("Request") + "Response":
            raise _odd(self.url, f"{local(content[0])} to {local(body)}")
        return content[0]


class _NoDoctype(ET.TreeBuilder):
    """Refuses a document type, and with it every entity that could swell or read a file."""

    def doctype(self, _name: str, _pubid: str, _system: str) -> None:
        raise ET.ParseError("a document type is not allowed")


def parse(data: bytes, url: str) -> Element:
    """The root element of `data`; ``RunFailed`` for what is not plain XML."""
    parser = ET.XMLParser(target=_NoDoctype())  # noqa: S314 - without document type, no entity
    try:
        parser.feed(data)
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _odd(url, str(error)) from error
    if not isinstance(root, ET.Element):
        raise _odd(url, "empty")
    return root


def request(name: str, *children: tuple[str, str], **attributes: str) -> Element:
    """A request of the administration service: children are ``(name, text)``, in order."""
    body = ET.Element(f"{{{ADMIN}}}{name}", attributes)
    for child, text in children:
        ET.SubElement(body, f"{{{ADMIN}}}{child}").text = text
    return body


def add_attributes(body: Element, attributes: Iterable[tuple[str, str]]) -> Element:
    """Add ``<a n="name">value</a>`` for each pair to `body`, and return it."""
    for name, value in attributes:
        ET.SubElement(body, f"{{{ADMIN}}}a", {"n": name}).text = value
    return body


def selected(name: str, by: str, value: str, **attributes: str) -> Element:
    """A request that names one entry: ``<account by="id">…</account>`` in GetAccountRequest."""
    kind, body = name, request(f"Get{name}Request", **attributes)
    child = {"DistributionList": "dl", "CalendarResource": "calresource"}.get(kind, kind.lower())
    ET.SubElement(body, f"{{{ADMIN}}}{child}", {"by": by}).text = value
    return body


def local(element: Element) -> str:
    """The name of `element` without its namespace."""
    return element.tag.rpartition("}")[2]


def child_text(element: Element, name: str) -> str:
    """The text of the child `name`, empty when there is none."""
    return element.findtext(f"{{{ADMIN}}}{name}") or ""


def _fault(element: Element) -> Fault | None:
    if element.tag != f"{{{SOAP}}}Fault":
        return None
    code = element.findtext(f".//{{{ZIMBRA}}}Code") or "unknown"
    reason = element.findtext(f"{{{SOAP}}}Reason/{{{SOAP}}}Text") or ""
    return Fault(code, reason)


def _odd(url: str, reason: str) -> RunFailed:
    return RunFailed(diagnose(NOT_UNDERSTOOD, "", url=url, reason=reason))
