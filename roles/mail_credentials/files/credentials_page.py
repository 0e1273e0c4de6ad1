#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Managed by Bastide (role mail_credentials).
"""The page on which a user chooses a password, behind nginx, on a socket that systemd gives.

GET shows the form and uses nothing up: mail filters and messengers open links before
people do.  POST hashes the password here and hands the hash to the helper, which alone may
write.  Nothing is logged: the path of a request holds the secret of a link.
"""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import sys
import unicodedata
import urllib.parse
from pathlib import Path

import bcrypt

# Isolated mode (-I) leaves this folder out of the path.
sys.path.insert(0, str(Path(__file__).resolve().parent))
import credentials_text as texts

PREFIX = "/acces/"
DONE = f"{PREFIX}fait"
HELPER = "/run/bastide-credentials-helper.sock"
MOST_BODY = 8192
# NIST SP 800-63B-4 §3.1.1.2 asks for 15 where the password stands alone, ANSSI for 12 at least.
LEAST_CHARACTERS = 12
# bcrypt reads no further.
MOST_BYTES = 72
ROUNDS = 10
FIRST_SOCKET = 3  # sd_listen_fds(3)
SECONDS = 20
STATUS = {"valid": 200, "unknown": 404, "closed": 403, "unavailable": 503}
GONE = 410

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
}


def objection(first: str, second: str, address: str) -> str | None:
    """Why a password cannot be taken, a key of `credentials_text`; None when it can."""
    if len(first) < LEAST_CHARACTERS:
        return "short"
    if len(first.encode()) > MOST_BYTES:
        return "long"
    if not first.isprintable():
        return "odd"
    if first.casefold() == address.casefold() or len(set(first)) <= LEAST_CHARACTERS // 3:
        return "guessable"
    return None if first == second else "different"


def language_of(accept: str, chosen: str) -> str:
    """``fr`` or ``en``: what the user chose, else what the browser prefers (RFC 9110 §12.5.4)."""
    if chosen in texts.LANGUAGES:
        return chosen
    best, weight = "fr", 0.0
    for part in accept.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.partition("q=")[2] or 1)
        except ValueError:
            continue
        primary = tag.partition("-")[0]
        if primary in texts.LANGUAGES and quality > weight:
            best, weight = primary, quality
    return best


def hash_of(password: str) -> str:
    """Hash in Dovecot's scheme BLF-CRYPT."""
    return "{BLF-CRYPT}" + bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def ask_helper(question: dict[str, str]) -> dict[str, str]:
    """One question to the helper; ``{"state": "unavailable"}`` when it gives no answer."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS + 5)
            line.connect(HELPER)
            line.sendall(json.dumps(question).encode() + b"\n")
            with line.makefile("rb") as answer:
                found = json.loads(answer.readline(2000))
    except (OSError, ValueError):
        return {"state": "unavailable"}
    return found if isinstance(found, dict) and "state" in found else {"state": "unavailable"}


class Page(http.server.BaseHTTPRequestHandler):
    """One request."""

    timeout = SECONDS
    server_version = "Bastide"
    sys_version = ""

    def do_GET(self) -> None:
        """Show the form, or why there is none."""
        token, language = self._place()
        if self._path() == DONE:
            self._show(200, texts.done(language))
            return
        found = ask_helper({"token": token})
        if found["state"] == "valid":
            self._show(200, texts.form(language, found["address"], None))
        else:
            self._refuse(found["state"], language)

    do_HEAD = do_GET  # noqa: N815 - the library's own form

    def do_POST(self) -> None:
        """Take a password."""
        token, language = self._place()
        fields = self._fields()
        found = ask_helper({"token": token})
        if found["state"] != "valid":
            self._refuse(found["state"], language)
            return
        # The same letters by whatever keyboard: as RFC 8265 §4.2 wants passwords compared.
        first, second = (
            unicodedata.normalize("NFC", fields.get(name, [""])[0])
            for name in ("password", "again")
        )
        wrong = objection(first, second, found["address"])
        if wrong:
            self._show(422, texts.form(language, found["address"], wrong))
            return
        found = ask_helper({"token": token, "hash": hash_of(first)})
        if found["state"] != "done":
            self._refuse(found["state"], language)
            return
        self.send_response(303)
        self.send_header("Location", f"{DONE}?langue={language}")
        self.send_header("Content-Length", "0")
        self._end()

    def _path(self) -> str:
        return urllib.parse.urlsplit(self.path).path

    def _place(self) -> tuple[str, str]:
        """The secret in the path, and the language."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        chosen = query.get("langue", [""])[0]
        language = language_of(self.headers.get("Accept-Language", ""), chosen)
        return self._path().removeprefix(PREFIX), language

    def _fields(self) -> dict[str, list[str]]:
        try:
            length = min(int(self.headers.get("Content-Length", "0")), MOST_BODY)
            body = self.rfile.read(max(length, 0)).decode("ascii")
            return urllib.parse.parse_qs(body, keep_blank_values=True, max_num_fields=10)
        except ValueError:
            return {}

    def _refuse(self, state: str, language: str) -> None:
        self._show(STATUS.get(state, GONE), texts.refusal(language, state))

    def _show(self, status: int, page: str) -> None:
        raw = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self._end()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _end(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Vary", "Accept-Language")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its own name
        """Say nothing: the path of a request holds the secret of a link."""

    def address_string(self) -> str:
        """A UNIX socket has no address."""
        return "-"


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Answers on the socket that systemd has opened."""

    address_family = socket.AF_UNIX
    daemon_threads = True

    def __init__(self, listening: socket.socket) -> None:
        socketserver.BaseServer.__init__(self, "", Page)
        self.socket = listening

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """A client that went away is nothing to tell; name only the kind of anything else."""
        kind = sys.exc_info()[0]
        if kind is not None and not issubclass(kind, OSError):
            sys.stderr.write(f"a request failed: {kind.__name__}\n")


if __name__ == "__main__":
    Server(socket.socket(fileno=FIRST_SOCKET)).serve_forever()
