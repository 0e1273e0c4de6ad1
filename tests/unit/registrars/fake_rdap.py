# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry's RDAP server (RFC 9082, RFC 9083)."""

from __future__ import annotations

from registrar_server import Imitation, Refusal


class FakeRdap(Imitation):
    """`names` maps a name to the instant its term ends, as text."""

    def __init__(self):
        super().__init__()
        self.names, self.status = {}, ["active"]

    def handle(self, request):
        if request.method != "GET" or request.headers.get("Authorization"):
            raise Refusal(400, _error(400, "Bad Request"))
        accepted = request.headers.get("Accept", "")
        if "application/rdap+json" not in accepted:
            raise Refusal(406, _error(406, "Not Acceptable"))
        kind, _, name = request.path.strip("/").partition("/")
        if kind != "domain" or name not in self.names:
            raise Refusal(404, _error(404, "NOT_FOUND_DOMAIN_NAME_WITH_NAME"))
        return 200, self.describe(name), {}

    def describe(self, name):
        events = [{"eventAction": "registration", "eventDate": "2019-02-13T10:04:18Z"}]
        if self.names[name]:
            events.append({"eventAction": "expiration", "eventDate": self.names[name]})
        return {
            "rdapConformance": ["rdap_level_0"],
            "objectClassName": "domain",
            "ldhName": name.upper(),
            "handle": f"DOM-{name}",
            "status": self.status,
            "events": events,
            "nameservers": [],
            "secureDNS": {"delegationSigned": False},
        }


def _error(code, title):
    return {"rdapConformance": ["rdap_level_0"], "errorCode": code, "title": title}
