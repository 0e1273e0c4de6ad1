# SPDX-License-Identifier: GPL-3.0-or-later
"""A small ManageSieve client (RFC 5804): STARTTLS, AUTHENTICATE PLAIN, scripts."""

import base64
import re
import socket


class SieveError(Exception):
    """The server said NO or BYE; the text is what it said."""


class Sieve:
    """One connection to port 4190, under TLS from the start on."""

    def __init__(self, address, context, name="mail.info46.com"):
        self.socket = socket.create_connection((address, 4190), timeout=20)
        self.reader = self.socket.makefile("rb")
        self.greeting = self._answer()
        self._command("STARTTLS")
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        self.reader = self.socket.makefile("rb")
        self.capabilities = self._answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.close()
        self.socket.close()

    def log_in(self, user, password):
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self._command(f'AUTHENTICATE "PLAIN" "{plain}"')

    def put(self, name, script):
        return self._command(f'PUTSCRIPT "{name}" {{{len(script.encode())}+}}\r\n{script}')

    def activate(self, name):
        """Make `name` the script that counts; with an empty name, none."""
        return self._command(f'SETACTIVE "{name}"')

    def delete(self, name):
        return self._command(f'DELETESCRIPT "{name}"')

    def scripts(self):
        """Names of the scripts, each with whether it counts."""
        lines = self._command("LISTSCRIPTS")
        return {
            match[1]: bool(match[2])
            for match in (re.match(r'"([^"]*)"( ACTIVE)?', line) for line in lines)
            if match
        }

    def _command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self._answer()

    def _answer(self):
        """Lines before the final OK; SieveError when it is another word."""
        lines = []
        while True:
            line = self.reader.readline().decode().rstrip("\r\n")
            literal = re.search(r"\{(\d+)\}$", line)
            if literal:
                line += self.reader.read(int(literal[1])).decode()
                line += self.reader.readline().decode().rstrip("\r\n")
            word = line.split(" ", 1)[0]
            if word == "OK":
                return lines
            if word in {"NO", "BYE", ""}:
                raise SieveError(line)
            lines.append(line)
