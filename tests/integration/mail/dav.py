# SPDX-License-Identifier: GPL-3.0-or-later
"""A calendar and address book program, as small as it can be: WebDAV over HTTPS."""

import base64
import http.client
import json
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

HOST = "agenda.info46.com"
D, CAL, CARD = "DAV:", "urn:ietf:params:xml:ns:caldav", "urn:ietf:params:xml:ns:carddav"
NAMES = f'xmlns:d="{D}" xmlns:c="{CAL}" xmlns:a="{CARD}"'


class Dav:
    """One user's program; `address` is the host's, `trust` its TLS context."""

    def __init__(self, address, trust, user, password):
        self.address, self.trust = address, trust
        self.user, self.password = user, password
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.headers = {"Host": HOST, "Authorization": f"Basic {token}"}

    def ask(self, method, path, body="", kind="application/xml", **headers):
        """(status, text, headers) of one request."""
        client = http.client.HTTPSConnection(self.address, 443, timeout=30, context=self.trust)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        every = {**self.headers, "Content-Type": f"{kind}; charset=utf-8", **named}
        client.request(method, path, body.encode(), every)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        return answer.status, text, answer.headers

    def properties(self, path, *names, depth="0"):
        """{href: {name: element}} of what PROPFIND finds; names as ``d:displayname``."""
        wanted = "".join(f"<{name}/>" for name in names)
        body = f"<d:propfind {NAMES}><d:prop>{wanted}</d:prop></d:propfind>"
        status, text, _ = self.ask("PROPFIND", path, body, Depth=depth)
        assert status == 207, (status, text)
        return {
            one.findtext(f"{{{D}}}href"): {
                part.tag.rpartition("}")[2]: part
                for part in one.findall(f"{{{D}}}propstat/{{{D}}}prop/*")
                if len(part) or part.text
            }
            for one in ET.fromstring(text)
        }

    @property
    def home(self):
        """Path of the user's collections, found as programs find it (RFC 6764 §6)."""
        status, _, headers = self.ask("PROPFIND", "/.well-known/caldav", Depth="0")
        assert status == 301
        start = headers["Location"].removeprefix(f"https://{HOST}")
        [found] = self.properties(start, "d:current-user-principal").values()
        return found["current-user-principal"].findtext(f"{{{D}}}href").rstrip("/")

    def share(self, folder, who, role):
        """Give `who` a role on one's own folder, by the request that SOGo has for it."""
        one = f'<set-roles user="{escape(who)}"><{role}/></set-roles>'
        body = f'<acl-query xmlns="urn:inverse:params:xml:ns:inverse-dav">{one}</acl-query>'
        return self.ask("POST", f"{self.home}/{folder}/", body)[0]

    def find(self, words):
        """Addresses of the users that a search in the web pages finds."""
        client = http.client.HTTPSConnection(self.address, 443, timeout=30, context=self.trust)
        headers = {"Host": HOST, "Content-Type": "application/json"}
        login = {"userName": self.user, "password": self.password}
        client.request("POST", "/SOGo/connect", json.dumps(login), headers)
        answer = client.getresponse()
        answer.read()
        assert answer.status == 200
        given = [one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie")]
        token = next(one for one in given if one.startswith("XSRF-TOKEN=")).partition("=")[2]
        headers = {"Host": HOST, "Cookie": "; ".join(given), "X-XSRF-TOKEN": token}
        path = f"{self.home.replace('/dav/', '/so/')}/usersSearch?search={words}"
        client.request("GET", path, headers=headers)
        found = json.loads(client.getresponse().read())
        client.close()
        return sorted(one["c_email"] for one in found["users"])
