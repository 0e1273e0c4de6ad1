# SPDX-License-Identifier: GPL-3.0-or-later
"""OVHcloud's API for names, as its guides and its schema describe it; signatures are checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
import time

from registrar_server import Imitation, Refusal, faults, parsed

KEY, SECRET, CONSUMER = "app-lot46", "secret-lot46", "consumer-lot46"
LABELS = {
    "create-default": ["OWNER_CONTACT", "OWNER_LEGAL_AGE", "ADMIN_ACCOUNT", "DNS"],
    "transfer-default": ["OWNER_CONTACT", "OWNER_LEGAL_AGE", "AUTH_INFO", "DNS"],
}
NEEDED = {"OWNER_LEGAL_AGE", "AUTH_INFO", "REASON", "PROTECTED_CODE"}
PHONE = re.compile(r"\+\d{1,3}\.\d{4,14}\Z")
CONTACT = {
    "legalForm": lambda v: v in {"administration", "association", "corporation", "individual"},
    "firstName": str,
    "lastName": str,
    "email": lambda v: "@" in v,
    "phone": PHONE.match,
    "language": lambda v: v in {"fr_FR", "en_GB"},
    "address": dict,
}
CONTACT_OPTIONAL = {"organisationName": str, "companyNationalIdentificationNumber": str, "vat": str}
ADDRESS = {"line1": str, "city": str, "zip": str, "country": lambda v: len(v) == 2}
RENEW = {"automatic": bool, "deleteAtExpiration": bool, "forced": bool}
RENEW_OPTIONAL = {"manualPayment": bool, "period": lambda v: v in {12, 24, 36}}


class FakeOvh(Imitation):
    """`names` maps a name to its record; orders are carried out by :meth:`settle`."""

    void = b"null"

    def __init__(self):
        super().__init__()
        self.names, self.orders, self.carts, self.contacts = {}, {}, {}, {}
        self.numbers = itertools.count(9000)
        self.taken = {"prise.fr": "k9+authinfo"}
        self.reserved = {"albas-reservee.fr": "AFNIC-46001"}
        self.price = 6.99
        self.clock = time.time

    def hold(self, name, expiry, *, autorenew=False):
        service = next(self.numbers)
        self.names[name] = {"serviceId": service, "expiry": expiry, "period": 12}
        self.names[name] |= {"automatic": autorenew, "deleteAtExpiration": False}

    def settle(self):
        for order in self.orders.values():
            if order["status"] == "delivering":
                order["work"]()
                order["status"] = "delivered"

    def handle(self, request):  # noqa: PLR0911 - a line for each route
        if request.path == "/1.0/auth/time":
            return 200, int(self.clock()), {}
        self._check_signature(request)
        body = parsed(request, _bad) if request.raw else {}
        match request.method, *request.path.removeprefix("/1.0/").split("/"):
            case "GET", "domain", name, "serviceInfos":
                return 200, self._infos(self._held(name)), {}
            case "PUT", "domain", name, "serviceInfos":
                return self._put_infos(self._held(name), body)
            case "GET", "domain", name, "authInfo":
                return 200, f"{name}+secret" if self._held(name) else None, {}
            case "POST", "domain", "contact":
                return 200, self._contact(body), {}
            case "GET", "service", number, "renew":
                return 200, self._renewals(int(number)), {}
            case "POST", "service", number, "renew":
                return 200, self._renew(int(number), body), {}
            case verb, "order", "cart", *rest:
                return 200, self._cart(verb, rest, request, body), {}
            case verb, "me", "order", *rest:
                return 200, self._me_order(verb, rest, request, body), {}
            case _:
                raise _refusal(404, "NOT_FOUND", "Got an invalid (or empty) URL")

    def _check_signature(self, request):
        if request.headers.get("X-Ovh-Application") != KEY:
            raise _refusal(403, "INVALID_KEY", "This application key is invalid")
        if request.headers.get("X-Ovh-Consumer") != CONSUMER:
            raise _refusal(403, "INVALID_CREDENTIAL", "This credential is not valid")
        stamp = request.headers.get("X-Ovh-Timestamp", "0")
        if abs(int(stamp) - self.clock()) > 30:
            raise _refusal(400, "QUERY_TIME_OUT", "Query out of time")
        head = f"{SECRET}+{CONSUMER}+{request.method}+{request.url}"
        text = f"{head}+{request.raw}+{stamp}"
        expected = "$1$" + hashlib.sha1(text.encode()).hexdigest()
        if request.headers.get("X-Ovh-Signature") != expected:
            raise _refusal(400, "INVALID_SIGNATURE", "Invalid signature")

    def _held(self, name):
        if name not in self.names:
            raise _refusal(404, "NOT_FOUND", "This service does not exist")
        return self.names[name]

    def _infos(self, record):
        renew = {"forced": False, "manualPayment": False, "period": record["period"]}
        renew |= {k: record[k] for k in ("automatic", "deleteAtExpiration")}
        return {
            "serviceId": record["serviceId"],
            "expiration": f"{record['expiry']:%Y-%m-%d}",
            "creation": "2019-02-13",
            "status": "ok",
            "renew": renew,
            "renewalType": "automaticV2016",
        }

    def _put_infos(self, record, body):
        wrong = faults(body, {"renew": dict})
        wrong += faults(body.get("renew", {}), RENEW, RENEW_OPTIONAL)
        _refuse(wrong)
        record |= {k: body["renew"][k] for k in ("automatic", "deleteAtExpiration")}
        return 200, None, {}

    def _contact(self, body):
        wrong = faults(body, CONTACT, CONTACT_OPTIONAL)
        wrong += faults(body.get("address", {}), ADDRESS)
        if body.get("legalForm") != "individual" and not body.get("organisationName"):
            wrong.append(("organisationName", "is required"))
        _refuse(wrong)
        number = next(self.numbers)
        self.contacts[number] = body
        return {"id": number, **body}

    def _name_of(self, service):
        for name, record in self.names.items():
            if record["serviceId"] == service:
                return name
        raise _refusal(404, "NOT_FOUND", "This service does not exist")

    def _renewals(self, service):
        self._name_of(service)
        alone = {"price": _euros(self.price), "services": [service], "servicesDetails": []}
        more = {"price": _euros(59.99), "services": [service, 1], "servicesDetails": []}
        return [
            {"renewPeriod": "P2Y", "strategies": [{**alone, "price": _euros(2 * self.price)}]},
            {"renewPeriod": "P1Y", "strategies": [more, alone]},
        ]

    def _renew(self, service, body):
        required = {"duration": lambda v: v in {"P1Y", "P2Y"}, "services": list}
        _refuse(faults(body, required, {"dryRun": bool}))
        name = self._name_of(service)
        if body["services"] != [service]:
            _refuse([("services", "is no strategy of this service")])
        self.step("order")

        def carry_out():
            record = self.names[name]
            record["expiry"] = record["expiry"].replace(year=record["expiry"].year + 1)

        order = self._placed(name, "notPaid", carry_out)
        self.step("ordered")
        return {"orderId": order, "priceWithoutTax": _euros(self.price), "url": "", "password": ""}

    def _placed(self, name, status, work):
        order = next(self.numbers)
        date = dt.datetime.fromtimestamp(self.clock(), dt.UTC)
        self.orders[order] = {"domain": name, "status": status, "work": work, "date": date}
        return order

    def _cart(self, verb, rest, request, body):  # noqa: PLR0911 - a line for each route
        match verb, *rest:
            case ["POST"]:
                optional = {"description": str, "expire": str}
                _refuse(faults(body, {"ovhSubsidiary": lambda v: v == "FR"}, optional))
                cart = f"cart-{next(self.numbers)}"
                self.carts[cart] = {"assigned": False, "items": {}}
                return {"cartId": cart, "items": [], "readOnly": False}
            case [verb, cart, *_] if cart not in self.carts:
                raise _refusal(404, "NOT_FOUND", "This cart does not exist")
            case ["POST", cart, "assign"]:
                self.carts[cart]["assigned"] = True
                return None
            case ["GET", cart, "domain"]:
                return self._offers(request.one("domain"))
            case ["POST", cart, "domain"]:
                return self._add(self.carts[cart], body)
            case ["GET", cart, "item", number, "requiredConfiguration"]:
                item = self.carts[cart]["items"][int(number)]
                return [
                    {"label": n, "required": n in NEEDED, "type": "string"} for n in item["labels"]
                ]
            case ["POST", cart, "item", number, "configuration"]:
                return self._configure(self.carts[cart]["items"][int(number)], body)
            case ["GET", cart, "checkout"]:
                return self._checkout(self.carts[cart])
            case ["POST", cart, "checkout"]:
                return self._buy(self.carts[cart], body)
        raise _refusal(404, "NOT_FOUND", "Got an invalid (or empty) URL")

    def _offers(self, name):
        known = name in self.names or name in self.taken
        mode = "transfer-default" if known else "create-default"
        configurations = [{"label": "PROTECTED_CODE"}] if name in self.reserved else []
        return [
            {
                "action": mode.partition("-")[0],
                "configurations": configurations,
                "duration": ["P1Y", "P2Y"],
                "offerId": f"fr-{mode}",
                "orderable": True,
                "pricingMode": mode,
                "prices": [{"label": "TOTAL", "price": _euros(self.price)}],
            }
        ]

    def _add(self, cart, body):
        required = {"domain": str}
        optional = {"duration": lambda v: v == "P1Y", "pricingMode": LABELS.get, "planCode": str}
        _refuse(faults(body, required, optional))
        offer = self._offers(body["domain"])[0]
        if body.get("pricingMode", offer["pricingMode"]) != offer["pricingMode"]:
            _refuse([("pricingMode", "is not offered for this domain")])
        item = next(self.numbers)
        labels = list(LABELS[offer["pricingMode"]])
        if body["domain"] in self.reserved:
            labels += ["REASON", "PROTECTED_CODE"]
        cart["items"][item] = {"domain": body["domain"], "labels": labels, "values": {}}
        return {"itemId": item, "duration": "P1Y"}

    def _configure(self, item, body):
        _refuse(faults(body, {"label": lambda v: v in item["labels"], "value": str}))
        item["values"][body["label"]] = body["value"]
        return {"id": next(self.numbers), **body}

    def _checkout(self, cart):
        if not cart["assigned"]:
            raise _refusal(401, "UNAUTHORIZED", "You must login first")
        for item in cart["items"].values():
            for label in item["labels"]:
                if label in NEEDED and label not in item["values"]:
                    _refuse([(label, "is required")])
            values = item["values"]
            code = self.reserved.get(item["domain"])
            if code and values["PROTECTED_CODE"] != code:
                _refuse([("PROTECTED_CODE", "is not valid")])
            if "AUTH_INFO" in values and values["AUTH_INFO"] != self.taken.get(item["domain"]):
                _refuse([("AUTH_INFO", f"{values['AUTH_INFO']} is not valid")])
            contact = int(values["OWNER_CONTACT"].removeprefix("/domain/contact/"))
            if contact not in self.contacts:
                _refuse([("OWNER_CONTACT", "does not exist")])
        total = self.price * len(cart["items"])
        return {"prices": {"withoutTax": _euros(total), "withTax": _euros(total * 1.2)}}

    def _buy(self, cart, body):
        required = {"autoPayWithPreferredPaymentMethod": bool, "waiveRetractationPeriod": bool}
        _refuse(faults(body, required))
        shown = self._checkout(cart)
        self.step("order")
        (item,) = cart["items"].values()

        def carry_out():
            self.taken.pop(item["domain"], None)
            self.hold(item["domain"], dt.date(2028, 2, 1))
            owner = int(item["values"]["OWNER_CONTACT"].rpartition("/")[2])
            self.names[item["domain"]]["owner"] = self.contacts[owner]

        order = self._placed(item["domain"], "delivering", carry_out)
        self.step("ordered")
        return {"orderId": order, **shown}

    def _me_order(self, verb, rest, request, body):
        if not rest:
            begin = dt.datetime.fromisoformat(request.one("date.from", "2000-01-01T00:00:00+00:00"))
            return [n for n, one in self.orders.items() if one["date"] >= begin]
        order = self.orders.get(int(rest[0]))
        if order is None:
            raise _refusal(404, "NOT_FOUND", "This order does not exist")
        match verb, *rest[1:]:
            case "GET", "status":
                return order["status"]
            case "GET", "details":
                return [1]
            case "GET", "details", "1":
                return {"domain": order["domain"], "description": "", "quantity": "1"}
            case "GET", "availableRegisteredPaymentMean":
                return [{"paymentMean": "ovhAccount"}]
            case "POST", "payWithRegisteredPaymentMean":
                required = {"paymentMean": lambda v: v == "ovhAccount"}
                _refuse(faults(body, required, {"paymentMeanId": int}))
                if order["status"] != "notPaid":
                    raise _refusal(409, "CONFLICT", "This order is paid already")
                order["status"] = "delivering"
                return None
        raise _refusal(404, "NOT_FOUND", "Got an invalid (or empty) URL")


def _euros(value):
    return {"currencyCode": "EUR", "text": f"{value:.2f} €", "value": value}


def _refusal(status, code, message):
    return Refusal(status, {"errorCode": code, "httpCode": str(status), "message": message})


def _bad(why):
    raise _refusal(400, "BAD_REQUEST", why)


def _refuse(wrong):
    if wrong:
        raise _refusal(400, "INVALID_ARGUMENT", "; ".join(f"{n} {w}" for n, w in wrong))
