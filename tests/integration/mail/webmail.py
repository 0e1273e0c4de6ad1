# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser without a screen or scripts: HTTPS to the webmail, with a jar of cookies."""

import http.client
import http.cookies
import json
import re
import socket
import urllib.parse

NAME = "webmail.info46.com"


class _At(http.client.HTTPSConnection):
    """HTTPS to the webmail's name at an address that no DNS needs to know."""

    def __init__(self, address, context):
        super().__init__(NAME, timeout=30, context=context)
        self.address, self.trusted = address, context

    def connect(self):
        raw = socket.create_connection((self.address, 443), timeout=30)
        self.sock = self.trusted.wrap_socket(raw, server_hostname=NAME)


class Webmail:
    """One visitor.  `get` and `post` return the answer (status, headers) and its text."""

    def __init__(self, address, context):
        self.address, self.context = address, context
        self.cookies = http.cookies.SimpleCookie()
        self.token = ""

    def get(self, path, **headers):
        return self._ask("GET", path, None, headers)

    def post(self, path, **fields):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urllib.parse.urlencode(fields), kind)

    def _ask(self, method, path, body, headers):
        connection = _At(self.address, self.context)
        jar = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
        connection.request(method, path, body, {"Cookie": jar, **headers})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies.load(line)
        found = re.search(r'"request_token":"(\w+)"', text)
        self.token = found[1] if found else self.token
        return answer, text

    def log_in(self, user, password):
        """The answer to the login form, filled in and sent."""
        _, form = self.get("/")
        token = re.search(r'name="_token" value="(\w+)"', form)[1]
        fields = {"_token": token, "_task": "login", "_action": "login", "_timezone": "_default_"}
        answer, text = self.post("/?_task=login", **fields, _user=user, _pass=password)
        if answer.status == http.client.FOUND:
            self.get("/" + answer.headers["Location"].removeprefix("./"))
        return answer, text

    def listed(self, folder="INBOX"):
        """What the list of messages says, as the script that the page would run."""
        path = f"/?_task=mail&_action=list&_mbox={folder}&_remote=1&_refresh=1"
        _, text = self.get(path, **{"X-Roundcube-Request": self.token})
        return json.loads(text)["exec"]
