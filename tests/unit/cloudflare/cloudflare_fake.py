# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict imitation of Cloudflare's API v4: zones, records, batches, DNSSEC, settings.

Requests go in as method, target, headers and body, answers come out as status, headers and body,
so that a test can look at either.  It keeps every change in memory, all or nothing as the real one,
and refuses what the real one refuses.  Its answers are held against the published schemas in
test_cloudflare_imitation.py, its behaviour against the official client and octodns-cloudflare.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

import idna
from cloudflare_fake_records import Records, now, page
from cloudflare_lists import LIST_ROUTES, Lists
from cloudflare_more import OTHER_ROUTES, SETTINGS
from cloudflare_record_rules import Refused
from cloudflare_rulesets import RULESET_ROUTES, answer_of

ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN = "fake-token-of-forty-characters-and-more-0"
PREFIX = "/client/v4"
NAME_SERVERS = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"]
WRITES = ("POST", "PUT", "PATCH", "DELETE")
ID = "([0-9a-f]{32})"
# More labels than two, and yet what a registrar sells.
SECOND_LEVEL = frozenset({"gouv.fr", "asso.fr", "co.uk"})


class FakeCloudflare(Records):
    """One installation of the API with one account and one token.

    `limit` requests are answered in `window` seconds, then 429 until the window is over; None for
    no limit.  `quota` is how many records a zone may have.  `on_request` is called with
    ``METHOD /path`` before a request is carried out, `on_done` when it is, before its answer is
    given.  `faults` maps a pattern of ``METHOD /path`` to a `Refused`, each used up by one request.
    """

    def __init__(self, plan="free", limit=None, window=300, clock=time.monotonic):
        self.plan, self.limit, self.window, self.clock = plan, limit, window, clock
        # https://developers.cloudflare.com/dns/manage-dns-records/#dns-records-quota
        self.quota = 200 if plan == "free" else 3500
        self.account, self.lists = ACCOUNT, Lists()
        self.zones = {}
        self.seen = []
        self.faults = {}
        self.on_request = self.on_done = lambda _request: None
        self._used, self._since = 0, clock()
        self._lock = threading.RLock()

    # Ways in for tests

    def zone(self, name):
        """The zone of a name in A-labels; KeyError when there is none."""
        return next(one for one in self.zones.values() if one["ascii"] == name)

    def records(self, name):
        """``{(name, type): [content, …]}`` of a zone."""
        found = {}
        for one in self.zone(name)["records"].values():
            found.setdefault((one["name"], one["type"]), []).append(one["content"])
        return {key: sorted(values) for key, values in found.items()}

    def add_zone(self, name, records=(), status="active"):
        """A zone that somebody made by hand."""
        made = self.make_zone({"account": {"id": ACCOUNT}, "name": name})
        zone = self.zones[made["id"]]
        zone["facts"]["status"] = status
        for given in records:
            self.add(zone, {"ttl": 300, **given})
        return zone

    def redirects(self, name):
        """The redirect rules of a zone, as the API gives them."""
        found = self.zone(name)["more"].get("rulesets", {}).values()
        return [rule for one in found for rule in one["rules"]]

    def visit(self, url):
        """What a browser gets from the proxy; None where the name does not go through it."""
        parts = urlsplit(url)
        for zone in self.zones.values():
            served = {one["name"]: one for one in zone["records"].values() if one["proxied"]}
            if parts.hostname in served:
                return answer_of(self, zone, parts) or "the host behind"
        return None

    def writes(self):
        return [one for one in self.seen if one.startswith(WRITES)]

    # The way of a request

    def answer(self, method, target, headers, body=b""):
        """``(status, headers, body)`` of one request."""
        parts = urlsplit(target)
        request = f"{method} {parts.path.removeprefix(PREFIX)}"
        with self._lock:
            self.seen.append(request)
            self.on_request(request)
            limits, waiting = self._count()
            try:
                self._throttle(waiting)
                self._authenticate({key.lower(): value for key, value in headers.items()})
                self._fail(request)
                result, info = self._route(method, parts, headers, body)
            except Refused as refused:
                if waiting:
                    limits["retry-after"] = str(waiting)
                failure = {"result": None, "success": False, "errors": [refused.error],
                           "messages": []}  # fmt: skip
                return refused.status, limits | _JSON, json.dumps(failure).encode()
            self.on_done(request)
        if info == _TEXT:
            return 200, limits | {"content-type": "text/plain"}, result.encode()
        answer = {"result": result, "success": True, "errors": [], "messages": []}
        if info:
            answer["messages"] = info.pop("messages", [])
            answer |= {"result_info": info} if info else {}
        return 200, limits | _JSON, json.dumps(answer, ensure_ascii=False).encode()

    def _count(self):
        if self.limit is None:
            return {}, 0
        now = self.clock()
        if now - self._since >= self.window:
            self._used, self._since = 0, now
        self._used += 1
        left = max(0, self.limit - self._used)
        rest = max(1, math.ceil(self._since + self.window - now))
        headers = {
            "ratelimit": f'"default";r={left};t={rest}',
            "ratelimit-policy": f'"default";q={self.limit};w={self.window}',
        }
        return headers, rest if self._used > self.limit else 0

    def _throttle(self, waiting):
        if waiting:
            raise Refused(429, 971, "Please wait and consider throttling your request speed")

    def _authenticate(self, headers):
        given = headers.get("authorization", "")
        if not given:
            raise Refused(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
        if not given.startswith("Bearer "):
            raise Refused(400, 6003, "Invalid request headers",
                          (6111, "Invalid format for Authorization header"))  # fmt: skip
        if given != f"Bearer {TOKEN}":
            raise Refused(403, 10000, "Authentication error")

    def _fail(self, request):
        for pattern in list(self.faults):
            if re.fullmatch(pattern, request):
                raise self.faults.pop(pattern)

    def _route(self, method, parts, headers, body):
        path = parts.path.removeprefix(PREFIX)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        known = False
        for pattern, methods in (ROUTES | OTHER_ROUTES | RULESET_ROUTES | LIST_ROUTES).items():
            match = re.fullmatch(pattern, path)
            if match and method in methods:
                given = {"query": query, "headers": headers, "raw": body}
                if body and "multipart" not in str(headers):
                    found = _read(body)
                    given["listed" if isinstance(found, list) else "body"] = found
                handler = methods[method]
                if isinstance(handler, str):
                    handler = getattr(type(self), handler)
                found = [*match.groups()]
                if path.startswith("/zones/"):
                    found[0] = self._zone_of(found[0])
                outcome = handler(self, *found, **_wanted(handler, given))
                return outcome if isinstance(outcome, tuple) else (outcome, None)
            known = known or bool(match)
        if known:
            raise Refused(405, 10405, "Method not allowed for this authentication scheme")
        raise Refused(404, 7003, f"Could not route to {path}, perhaps your object identifier is "
                      "invalid?", (7000, "No route for that URI"))  # fmt: skip

    def _zone_of(self, zone_id):
        try:
            return self.zones[zone_id]
        except KeyError:
            raise Refused(404, 1001, "Invalid zone identifier") from None

    # Tokens and zones

    def verify_token(self):
        return {"id": "f267e341f3dd4697bd3b9f71dd96247f", "status": "active"}

    def list_zones(self, query):
        found = [zone["facts"] for zone in self.zones.values()]
        if "name" in query:
            wanted = _ascii(query["name"].removeprefix("equal:"))
            found = [one for one in found if _ascii(one["name"]) == wanted]
        if "account.id" in query:
            found = [one for one in found if one["account"]["id"] == query["account.id"]]
        if "status" in query:
            found = [one for one in found if one["status"] == query["status"]]
        return page(sorted(found, key=lambda one: one["name"]), query, 20, 5, 50)

    def make_zone(self, body):
        name, account = body.get("name"), (body.get("account") or {}).get("id")
        if account != ACCOUNT:
            raise Refused(403, 9109, "Unauthorized to access requested resource")
        ascii_name = _ascii(name) if isinstance(name, str) else ""
        labels = ascii_name.split(".")
        if len(labels) < 2 or not all(labels):
            raise Refused(400, 1003, "Invalid or missing zone name.")
        if len(labels) > 2 and ".".join(labels[-2:]) not in SECOND_LEVEL:
            raise Refused(400, 1116, NO_SUBDOMAIN)
        if body.get("type", "full") == "partial" and self.plan == "free":
            raise Refused(400, 1104, "Partial zone signup not allowed")
        if any(one["ascii"] == ascii_name for one in self.zones.values()):
            raise Refused(400, 1061, f"{idna.decode(ascii_name)} already exists")
        created = now()
        facts = {
            "id": uuid.uuid4().hex,
            "name": idna.decode(ascii_name),
            "status": "pending",
            "paused": False,
            "type": body.get("type", "full"),
            "development_mode": 0,
            "name_servers": list(NAME_SERVERS),
            "original_name_servers": None,
            "original_registrar": None,
            "original_dnshost": None,
            "created_on": created,
            "modified_on": created,
            "activated_on": None,
            "account": {"id": ACCOUNT, "name": "CDG 46"},
            "owner": {"id": None, "type": "user", "email": None},
            "meta": {**META},
            "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:edit", "#zone:read"],
            "plan": {**PLAN, "legacy_id": self.plan},
        }
        self.zones[facts["id"]] = {
            "facts": facts, "ascii": ascii_name, "records": {}, "dnssec": {"status": "disabled"},
            "settings": {key: value for key, (value, _) in SETTINGS.items()}, "more": {},
        }  # fmt: skip
        return facts

    def get_zone(self, zone):
        return zone["facts"]

    def edit_zone(self, zone, body):
        for key in body.keys() & {"paused", "type", "vanity_name_servers"}:
            zone["facts"][key] = body[key]
        return zone["facts"]

    def delete_zone(self, zone):
        del self.zones[zone["facts"]["id"]]
        return {"id": zone["facts"]["id"]}

    def check_activation(self, zone):
        return {"id": zone["facts"]["id"]}


_JSON = {"content-type": "application/json"}
_TEXT = {"text": True}

NO_SUBDOMAIN = (
    "Please ensure you are providing the root domain and not any subdomains "
    "(e.g., example.com, not subdomain.example.com)"
)
META = {
    "step": 2,
    "custom_certificate_quota": 0,
    "page_rule_quota": 3,
    "phishing_detected": False,
}
PLAN = {
    "id": "0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
    "name": "Free Website",
    "price": 0,
    "currency": "USD",
    "frequency": "",
    "is_subscribed": False,
    "can_subscribe": False,
    "legacy_discount": False,
    "externally_managed": False,
}
ROUTES = {
    "/user/tokens/verify": {"GET": "verify_token"},
    "/zones": {"GET": "list_zones", "POST": "make_zone"},
    f"/zones/{ID}": {"GET": "get_zone", "PATCH": "edit_zone", "DELETE": "delete_zone"},
    f"/zones/{ID}/activation_check": {"PUT": "check_activation"},
    f"/zones/{ID}/dns_records": {"GET": "list_records", "POST": "make_record"},
    f"/zones/{ID}/dns_records/batch": {"POST": "batch"},
    f"/zones/{ID}/dns_records/{ID}": {
        "GET": "get_record",
        "PUT": "put_record",
        "PATCH": "patch_record",
        "DELETE": "delete_record",
    },
}


def _wanted(handler, given):
    """Of `given`, what `handler` takes."""
    names = handler.__code__.co_varnames[: handler.__code__.co_argcount]
    if any(one in names and one not in given for one in ("body", "listed")):
        raise Refused(400, 6007, "Malformed JSON in request body")
    return {key: value for key, value in given.items() if key in names}


def _read(body):
    try:
        given = json.loads(body)
    except ValueError:
        raise Refused(400, 6007, "Malformed JSON in request body") from None
    if not isinstance(given, dict | list):
        raise Refused(400, 6007, "Malformed JSON in request body")
    return given


def _ascii(name):
    try:
        return idna.encode(name.lower().rstrip("."), uts46=True).decode()
    except idna.IDNAError:
        return ""
