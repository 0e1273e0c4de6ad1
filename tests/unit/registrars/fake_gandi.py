# SPDX-License-Identifier: GPL-3.0-or-later
"""Gandi's domain API v5 as its reference describes it: what it refuses is refused here too."""

from __future__ import annotations

import datetime as dt
import re

from registrar_server import Imitation, Refusal, faults, parsed

TOKEN = "pat_lot46-example"
ORGANIZATION = "6a2f4a4e-9c2e-4e0f-8f3a-0c5a7d1f2b33"
TYPES = {"individual", "company", "association", "publicbody", "reseller"}
PHONE = re.compile(r"\+\d{1,3}\.\d{4,14}\Z")
CONTACT = {
    "country": lambda v: re.fullmatch("[A-Z]{2}", v),
    "email": lambda v: "@" in v,
    "family": str,
    "given": str,
    "streetaddr": str,
    "type": lambda v: v in TYPES,
}
CONTACT_OPTIONAL = {
    "city": str,
    "orgname": str,
    "phone": PHONE.match,
    "siren": lambda v: re.fullmatch(r"\d{9}", v),
    "zip": str,
    "data_obfuscated": bool,
    "mail_obfuscated": bool,
    "lang": str,
    "state": str,
    "extra_parameters": dict,
}


class FakeGandi(Imitation):
    """`names` maps a name to its record, `taken` are names that others hold.

    An order is carried out by :meth:`settle`, as Gandi does it after its 202.
    """

    def __init__(self, now=None):
        super().__init__()
        self.now = now or dt.datetime(2027, 2, 1, 8, tzinfo=dt.UTC)
        self.names, self.orders, self.waiting = {}, [], []
        self.taken = {"prise.fr": "k9+authinfo"}
        self.balance, self.price = 1000.0, 12.0

    def hold(self, name, expiry, *, autorenew=False, orgname="Commune d'Albas"):
        self.names[name] = {
            "expiry": expiry,
            "autorenew": autorenew,
            "owner": {"orgname": orgname, "type": "publicbody"},
            "authinfo": f"{name}+secret",
        }

    def settle(self):
        for work in self.waiting:
            work()
        self.waiting.clear()

    def handle(self, request):  # noqa: C901, PLR0911 - a line for each route
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise _refusal(401, "The server could not verify that you authorized to access")
        parts = request.path.strip("/").split("/")
        if parts[:2] != ["v5", "domain"]:
            raise _refusal(404, "The resource could not be found.")
        sharing = request.one("sharing_id")
        if sharing not in {None, ORGANIZATION}:
            raise _refusal(403, "Access was denied to this resource.")
        match request.method, *parts[2:]:
            case "GET", "check":
                return 200, self._check(request), {}
            case "GET", "domains":
                return 200, self._list(request), {}
            case "POST", "domains":
                return self._order(request, self._create_faults, self._create)
            case "GET", "domains", name:
                return 200, self._details(name), {}
            case "PATCH", "domains", name, "autorenew":
                return self._autorenew(request, self._held(name))
            case "POST", "domains", name, "renew":
                self._held(name)
                return self._order(request, self._renew_faults, lambda _b: self._renew(name))
            case "POST", "transferin":
                return self._order(request, self._transfer_faults, self._transfer)
            case "GET", ("domains" | "transferin"), name, *rest if rest in ([], ["createstatus"]):
                return 200, self._follow(name), {}
            case _:
                raise _refusal(404, "The resource could not be found.")

    def _held(self, name):
        if name not in self.names:
            raise _refusal(404, "The resource could not be found.")
        return self.names[name]

    def _check(self, request):
        name = request.one("name")
        if not name or request.one("currency", "EUR") != "EUR":
            raise _refusal(400, "name is required")
        products = []
        for process in request.query.get("processes", ["create"]):
            if process not in {"create", "renew", "transfer", "restore"}:
                raise _refusal(400, f"processes: {process}")
            known = name in self.names or name in self.taken
            free = not known if process == "create" else known
            product = {"name": name, "process": process, "taxes": []}
            product["status"] = "available" if free else "unavailable"
            if free:
                price = {"duration_unit": "y", "min_duration": 1, "max_duration": 9}
                price |= {"price_before_taxes": self.price, "discount": False}
                product["prices"] = [price | {"price_after_taxes": self.price * 1.2}]
            products.append(product)
        return {"currency": "EUR", "grid": "A", "products": products, "taxes": []}

    def _list(self, request):
        page, size = int(request.one("page", "1")), int(request.one("per_page", "100"))
        if page < 1 or not 1 <= size <= 100:
            raise _refusal(400, "page")
        names = sorted(self.names)[(page - 1) * size : page * size]
        return [
            {
                "fqdn": name,
                "autorenew": self.names[name]["autorenew"],
                "dates": self._dates(name),
                "status": [],
            }
            for name in names
        ]

    def _dates(self, name):
        return {
            "registry_created_at": "2019-02-13T10:04:18Z",
            "updated_at": "2019-02-25T16:20:49Z",
            "registry_ends_at": f"{self.names[name]['expiry']:%Y-%m-%dT%H:%M:%SZ}",
        }

    def _details(self, name):
        record = self._held(name)
        return {
            "fqdn": name,
            "autorenew": {"enabled": record["autorenew"], "duration": 1, "href": ""},
            "dates": self._dates(name),
            "status": ["clientTransferProhibited"],
            "contacts": {"owner": record["owner"]},
            "authinfo": record["authinfo"],
            "nameservers": [],
        }

    def _autorenew(self, request, record):
        body = parsed(request, _bad)
        wrong = faults(body, {"enabled": bool}, {"duration": lambda v: 1 <= v <= 9, "org_id": str})
        if wrong:
            raise _listed(wrong)
        if not body["enabled"] and not record["autorenew"]:
            raise _refusal(400, "This product has no autorenew record")
        record["autorenew"] = body["enabled"]
        return 200, {"message": "Autorenew updated"}, {}

    def _order(self, request, check, work):
        body = parsed(request, _bad)
        wrong = check(body)
        rehearsal = request.headers.get("Dry-Run")
        if rehearsal not in {None, "0", "1"}:
            wrong.append(("Dry-Run", "is no integer"))
        if rehearsal == "1":
            return 200, {"status": "error" if wrong else "success", "errors": _errors(wrong)}, {}
        if wrong:
            raise _listed(wrong)
        if self.balance < self.price:
            raise _refusal(403, "Error: not enough money on your prepaid account")
        self.step("order")
        self.balance -= self.price
        location = work(body)
        self.orders.append(f"{request.method} {request.path}")
        self.step("ordered")
        return 202, {"message": "Confirmed"}, {"Location": location}

    def _renew_faults(self, body):
        return faults(body, {}, {"duration": lambda v: type(v) is int and 1 <= v <= 9})

    def _renew(self, name):
        def carry_out():
            record = self.names[name]
            record["expiry"] = record["expiry"].replace(year=record["expiry"].year + 1)

        self.waiting.append(carry_out)
        return f"https://api.test/v5/domain/domains/{name}"

    def _create_faults(self, body):
        found = self._purchase_faults(body, {})
        if body.get("fqdn") in self.names or body.get("fqdn") in self.taken:
            found.append(("fqdn", "is not available"))
        return found

    def _transfer_faults(self, body):
        found = self._purchase_faults(body, {"authinfo": str, "change_owner": bool})
        if body.get("fqdn") not in self.taken:
            found.append(("fqdn", "cannot be transferred"))
        elif body.get("authinfo") != self.taken[body["fqdn"]]:
            found.append(("authinfo", f"{body.get('authinfo')} is not the code of this domain"))
        return found

    def _purchase_faults(self, body, more):
        required = {"fqdn": str, "owner": dict}
        optional = {
            "duration": lambda v: type(v) is int and 1 <= v <= 10,
            "nameservers": lambda v: 2 <= len(v) <= 13,
            "admin": dict,
            "tech": dict,
            "bill": dict,
            **more,
        }
        found = faults(body, required, optional)
        owner = body.get("owner")
        if isinstance(owner, dict):
            found += [(f"owner.{n}", w) for n, w in faults(owner, CONTACT, CONTACT_OPTIONAL)]
            if owner.get("type") != "individual" and not owner.get("orgname"):
                found.append(("owner.orgname", "is required"))
        return found

    def _create(self, body):
        self.waiting.append(lambda: self._take(body))
        return f"https://api.test/v5/domain/domains/{body['fqdn']}"

    def _transfer(self, body):
        self.waiting.append(lambda: self._take(body))
        return f"https://api.test/v5/domain/transferin/{body['fqdn']}"

    def _take(self, body):
        self.hold(body["fqdn"], self.now.replace(year=self.now.year + 1))
        self.names[body["fqdn"]]["owner"] = body["owner"]
        self.taken.pop(body["fqdn"], None)

    def _follow(self, name):
        if not self.waiting and name not in self.names:
            raise _refusal(404, "The resource could not be found.")
        return {"created_at": self.now.isoformat(), "step": "RUN", "step_nb": 1, "params": {}}


def _refusal(status, message):
    body = {"code": status, "message": message, "object": "HTTPError", "cause": "Refused"}
    return Refusal(status, body)


def _bad(why):
    raise _refusal(400, why)


def _errors(wrong):
    return [{"description": f"{n} {w}", "location": "body", "name": n} for n, w in wrong]


def _listed(wrong):
    return Refusal(400, {"status": "error", "errors": _errors(wrong)})
