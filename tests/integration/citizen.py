# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without JavaScript before a desk of the lab: over TLS, with its one cookie."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.parse
import uuid
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

Fields = list[tuple[str, str]]
PROBLEM = {"subject": "roads", "details": "Un trou dans la chaussée", "seen": "2026-01-02"}


@dataclass(frozen=True)
class Answer:
    """What came back; `location` is "" where it leads nowhere."""

    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Citizen:
    """Visits the desk `host` at `address`; `authority` is a file of certificates to trust."""

    def __init__(self, host: str, address: str, authority: Path) -> None:
        self.host = host
        self.address = address
        self.cookies: dict[str, str] = {}
        self.tls = ssl.create_default_context(cafile=authority)
        # Without ACME the name of a town made up today is in no certificate of the lab's authority.
        self.tls.check_hostname = False

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: Fields, file: tuple[str, str, bytes] | None = None):
        """Send a form; `file` is field, name and content."""
        if file is None:
            kind = "application/x-www-form-urlencoded"
            return self._ask("POST", path, urllib.parse.urlencode(fields).encode(), kind)
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields
        ]
        field, name, content = file
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content)
        parts.append(f"\r\n--{edge}--\r\n".encode())
        return self._ask("POST", path, b"".join(parts), f"multipart/form-data; boundary={edge}")

    def fill(self, path: str, answers: dict[str, str], file=None) -> str:
        """Send the form that the page at `path` shows; where it leads."""
        page = self.get(path)
        assert page.status == 200, (path, page.status)
        answered = self.post(path, [*hidden(page.text), *answers.items()], file)
        assert answered.status == 302, re.findall(r'class="wrong".*', answered.text)
        return answered.location

    def report_a_problem(self, email: str, photo: bytes) -> str:
        """File a request to the municipal services; its number."""
        page = self.get("/demarches/intervention-services/")
        begun = self.post("/demarches/intervention-services/commencer", hidden(page.text))
        assert begun.status == 302, begun.text
        at = self.fill(begun.location, PROBLEM)
        at = self.fill(at, {"place.place": "Pont Valentré"}, ("photo", "trou.png", photo))
        who = {"name.given": "Jeanne", "name.family": "Essai", "email": email}
        sent = self.fill(self.fill(at, who), {})
        return re.search(r"20\d\d-\d{6}", self.get(sent).text)[0]

    def _ask(self, verb: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        headers = {"Origin": f"https://{self.host}", "Referer": f"https://{self.host}{path}"}
        if kind:
            headers["Content-Type"] = kind
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with socket.create_connection((self.address, 443), timeout=20) as plain:
            connection = http.client.HTTPSConnection(self.host, context=self.tls)
            connection.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
            connection.request(verb, path, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies |= {one.key: one.value for one in SimpleCookie(line).values()}
            found = Answer(answer.status, answer.headers.get("Location", ""), answer.read())
            connection.close()
        return found


def hidden(page: str) -> Fields:
    """The hidden fields of the last form of a page."""
    form = page.rpartition("<form")[2]
    found = []
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            found.append((name[1], value[1] if value else ""))
    return found
