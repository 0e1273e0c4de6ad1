# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaleway's Domains and DNS API v2beta1, as its own library speaks it."""

from __future__ import annotations

import datetime as dt
import itertools
import re

from registrar_server import Imitation, Refusal, faults, parsed

ACCESS = "SCWXXXXXXXXXXXXXXXXX"
SECRET = "5d6e7f80-1234-4abc-9def-001122334455"
PROJECT = "0a1b2c3d-1234-4abc-9def-556677889900"
BASE = "/domain/v2beta1/"
PHONE = re.compile(r"\+\d{1,3}\.\d{4,14}\Z")
CONTACT = {
    "legal_form": lambda v: v in {"individual", "corporate", "association", "other"},
    "firstname": str,
    "lastname": str,
    "email": lambda v: "@" in v,
    "phone_number": PHONE.match,
    "address_line_1": str,
    "zip": str,
    "city": str,
    "country": lambda v: re.fullmatch("[A-Z]{2}", v),
    "lang": lambda v: v in {"fr_fr", "en_us"},
    "resale": bool,
    "whois_opt_in": bool,
}
CONTACT_OPTIONAL = {
    "company_name": str,
    "company_identification_code": str,
    "extension_fr": dict,
    "questions": lambda v: v == [],
}
MODES = {"individual", "company_identification_code", "duns", "association", "code_auth_afnic"}


class FakeScaleway(Imitation):
    """`names` maps a name to its record; a task is carried out by :meth:`settle`."""

    def __init__(self, now=None):
        super().__init__()
        self.now = now or dt.datetime(2027, 2, 1, 8, tzinfo=dt.UTC)
        self.names, self.tasks, self.numbers = {}, [], itertools.count(1)
        self.taken = {"prise.fr": "k9+authinfo"}
        self.units, self.nanos = 6, 990_000_000

    def hold(self, name, expiry, *, autorenew=False):
        self.names[name] = {"expiry": expiry, "auto": autorenew, "owner": None}

    def settle(self):
        for task in self.tasks:
            if task["status"] == "pending":
                task["work"]()
                task["status"] = "success"

    def handle(self, request):  # noqa: C901, PLR0911 - a line for each route
        if request.headers.get("X-Auth-Token") != SECRET:
            raise Refusal(401, {"type": "denied_authentication", "message": "wrong token"})
        if not request.path.startswith(BASE):
            raise _missing("route", request.path)
        body = parsed(request, _bad) if request.method == "POST" else {}
        match request.method, *request.path.removeprefix(BASE).split("/"):
            case "GET", "domains":
                self._in_project(request.one("project_id"))
                return 200, self._paged(request, "domains", sorted(self.names), self._summary), {}
            case "GET", "domains", name:
                return 200, self._domain(name), {}
            case "GET", "domains", name, "auth-code":
                self._held(name)
                return 200, {"auth_code": f"{name}+secret"}, {}
            case "POST", "domains", "transfer-domains":
                return 200, self._transfer(body), {}
            case "POST", "domains", name, ("enable-auto-renew" | "disable-auto-renew") as switch:
                self._held(name)["auto"] = switch.startswith("enable")
                return 200, self._domain(name), {}
            case "GET", "search-domains":
                return 200, self._search(request), {}
            case "POST", "renew-domains":
                return 200, self._renew(body), {}
            case "POST", "buy-domains":
                return 200, self._buy(body), {}
            case "GET", "tasks":
                return 200, self._list_tasks(request), {}
            case _:
                raise _missing("route", request.path)

    def _in_project(self, project):
        if project != PROJECT:
            raise Refusal(
                403, {"type": "permissions_denied", "message": "insufficient permissions"}
            )

    def _paged(self, request, key, all_, shown):
        page, size = int(request.one("page", "1")), int(request.one("page_size", "20"))
        part = all_[(page - 1) * size : page * size]
        return {key: [shown(one) for one in part], "total_count": len(all_)}

    def _held(self, name):
        if name not in self.names:
            raise _missing("domain", name)
        return self.names[name]

    def _summary(self, name):
        record = self.names[name]
        busy = any(t["domain"] == name and t["status"] == "pending" for t in self.tasks)
        return {
            "domain": name,
            "project_id": PROJECT,
            "organization_id": PROJECT,
            "auto_renew_status": "enabled" if record["auto"] else "disabled",
            "epp_code": [],
            "expired_at": record["expiry"].isoformat(),
            "registrar": "SCALEWAY",
            "is_external": False,
            "status": "renewing" if busy else "active",
            "pending_trade": False,
        }

    def _domain(self, name):
        self._held(name)
        return {**self._summary(name), "dns_zones": [], "linked_products": [], "tld": self._tld()}

    def _tld(self):
        price = {"currency_code": "EUR", "units": self.units, "nanos": self.nanos}
        offers = {
            action: {"action": action, "operation_path": "", "price": price}
            for action in ("create", "renew", "transfer")
        }
        return {
            "name": "fr",
            "dnssec_support": True,
            "duration_in_years_min": 1,
            "duration_in_years_max": 10,
            "idn_support": True,
            "offers": offers,
            "specifications": {},
        }

    def _search(self, request):
        names = request.query.get("domains", [])
        if not 1 <= len(names) <= 10:
            raise _invalid([("domains", "from one to ten")])
        found = [
            {
                "domain": name,
                "available": name not in self.names and name not in self.taken,
                "tld": self._tld(),
            }
            for name in names
        ]
        return {"available_domains": found}

    def _task(self, kind, name, work):
        self.step("order")
        task = {
            "id": f"00000000-0000-4000-8000-{next(self.numbers):012d}",
            "type": kind,
            "status": "pending",
            "domain": name,
            "started_at": self.now.isoformat(),
            "project_id": PROJECT,
            "organization_id": PROJECT,
            "work": work,
        }
        self.tasks.append(task)
        self.step("ordered")
        return {
            "domains": [name],
            "project_id": PROJECT,
            "organization_id": PROJECT,
            "task_id": task["id"],
            "created_at": self.now.isoformat(),
        }

    def _renew(self, body):
        required = {"domains": list, "duration_in_years": lambda v: 1 <= v <= 10}
        _refuse(faults(body, required, {"force_late_renewal": bool}))
        (name,) = body["domains"]
        record = self._held(name)

        def carry_out():
            record["expiry"] = record["expiry"].replace(year=record["expiry"].year + 1)

        return self._task("renew_domain", name, carry_out)

    def _buy(self, body):
        required = {"domains": list, "duration_in_years": lambda v: 1 <= v <= 10}
        self._purchase(body, required)
        (name,) = body["domains"]
        if name in self.names or name in self.taken:
            raise _invalid([("domains", "is not available")])
        return self._task("create_domain", name, lambda: self._take(name, body))

    def _transfer(self, body):
        self._purchase(body, {"domains": list})
        (asked,) = body["domains"]
        _refuse(faults(asked, {"domain": str, "auth_code": str}))
        if self.taken.get(asked["domain"]) != asked["auth_code"]:
            raise _invalid([("auth_code", f"{asked['auth_code']} is wrong")])
        name = asked["domain"]
        return self._task("transfer_domain", name, lambda: self._take(name, body))

    def _purchase(self, body, required):
        required = {**required, "project_id": str, "owner_contact": dict}
        contacts = {"administrative_contact": dict, "technical_contact": dict}
        wrong = faults(body, required, contacts)
        wrong += faults(body.get("owner_contact", {}), CONTACT, CONTACT_OPTIONAL)
        extension = body.get("owner_contact", {}).get("extension_fr", {})
        if extension.get("mode") not in MODES:
            wrong.append(("extension_fr.mode", "has not the right form"))
        if extension.get("mode") == "code_auth_afnic":
            known = {"mode": str, "code_auth_afnic_info": lambda v: set(v) == {"code_auth_afnic"}}
            wrong += faults(extension, known)
        _refuse(wrong)
        self._in_project(body["project_id"])

    def _take(self, name, body):
        self.taken.pop(name, None)
        self.hold(name, self.now.replace(year=self.now.year + 1))
        self.names[name]["owner"] = body["owner_contact"]

    def _list_tasks(self, request):
        self._in_project(request.one("project_id"))
        kinds = request.query.get("types")
        fitting = [
            task
            for task in self.tasks
            if task["domain"] == request.one("domain", task["domain"])
            and (kinds is None or task["type"] in kinds)
        ]

        def shown(task):
            return {key: value for key, value in task.items() if key != "work"}

        return self._paged(request, "tasks", fitting, shown)


def _missing(resource, name):
    body = {"type": "not_found", "message": "resource is not found", "resource": resource}
    return Refusal(404, {**body, "resource_id": name})


def _invalid(wrong):
    details = [{"argument_name": n, "reason": "constraint", "help_message": w} for n, w in wrong]
    body = {"type": "invalid_arguments", "message": "invalid argument(s)", "details": details}
    return Refusal(400, body)


def _bad(why):
    raise _invalid([("body", why)])


def _refuse(wrong):
    if wrong:
        raise _invalid(wrong)
