# SPDX-License-Identifier: GPL-3.0-or-later
"""Gandi, by its API v5 (https://api.gandi.net/docs/domains/).

Every order is first sent with the header ``Dry-Run: 1``, which checks it and buys nothing.
An order is taken with 202 and carried out later; that a name is being renewed is told nowhere,
so that a renewal whose answer was lost cannot be traced.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from bastide.registration import paris_date
from bastide.targets.registrars.faults import refused, too_dear, unanswered
from bastide.targets.registrars.http import Answer, Api, HeaderAuth
from bastide.targets.registrars.port import (
    Holder,
    Holding,
    Offer,
    OfferState,
    OrderKind,
    Placed,
    Purchase,
    Trace,
)

URL = "https://api.gandi.net/v5"
WHO = "Gandi"
_PAGE = 100
_OK, _ACCEPTED, _BAD, _NOT_FOUND = 200, 202, 400, 404
_PROCESS = {"renew": "renew", "register": "create", "transfer": "transfer"}
_STATES: Mapping[str, OfferState] = {
    "available": "available",
    "available_preorder": "available",
    "available_reserved": "reserved",
    "reserved_corporate": "reserved",
    "unavailable": "taken",
    "unavailable_premium": "taken",
    "unavailable_restricted": "reserved",
}


class Gandi:
    """An account with a personal access token; `organization` is the sharing_id that pays."""

    def __init__(
        self,
        token: str,
        url: str | None = None,
        organization: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        auth = HeaderAuth("Authorization", f"Bearer {token}")
        self._api = Api(WHO, url or URL, auth, sleep=sleep)
        self._sharing = {"sharing_id": organization} if organization else {}

    def holdings(self, domains: Iterable[str]) -> Mapping[str, Holding]:
        """See the port; one page of a hundred names at a time."""
        wanted, found = set(domains), {}
        page = 1
        while wanted:
            params = {"page": page, "per_page": _PAGE, **self._sharing}
            items = self._get("/domain/domains", "the list of names", params)
            for item in items:
                if item["fqdn"] in wanted:
                    found[item["fqdn"]] = _holding(item)
            if len(items) < _PAGE:
                break
            page += 1
        return found

    def holding(self, domain: str) -> Holding | None:
        """See the port."""
        answer = self._api.call("GET", f"/domain/domains/{domain}")
        if answer.status == _NOT_FOUND:
            return None
        return _holding(self._good(answer, domain))

    def offer(self, domain: str) -> Offer:
        """See the port."""
        product = self._product(domain, "register")
        state = _STATES.get(str(product.get("status")), "unknown")
        return Offer(domain, state, _price(product) if state == "available" else None)

    def price(self, domain: str, kind: OrderKind) -> Decimal | None:
        """See the port."""
        return _price(self._product(domain, kind))

    def renew(self, domain: str, at_most: Decimal) -> Placed:
        """See the port."""
        price = self._within(domain, "renew", at_most)
        reference = self._order(f"/domain/domains/{domain}/renew", {"duration": 1}, domain)
        return Placed(reference, price)

    def register(self, purchase: Purchase) -> Placed:
        """See the port; the registry's code for a reserved name has no field in this API."""
        if purchase.registry_code:
            reason = "a name reserved by the registry is ordered on its site, with the code"
            raise refused(WHO, purchase.domain, reason)
        price = self._within(purchase.domain, "register", purchase.at_most)
        return Placed(self._order("/domain/domains", _body(purchase), purchase.domain), price)

    def transfer_in(self, purchase: Purchase) -> Placed:
        """See the port."""
        price = self._within(purchase.domain, "transfer", purchase.at_most)
        body = {**_body(purchase), "authinfo": purchase.auth_code}
        secret = purchase.auth_code
        return Placed(self._order("/domain/transferin", body, purchase.domain, secret), price)

    def trace(self, domain: str, kind: OrderKind, since: dt.datetime) -> Trace:
        """See the port."""
        if kind == "renew":
            return "unknown"
        path = {
            "register": f"/domain/domains/{domain}/createstatus",
            "transfer": f"/domain/transferin/{domain}",
        }[kind]
        answer = self._api.call("GET", path)
        if answer.status == _NOT_FOUND:
            return "none"
        body = self._good(answer, domain)
        begun = dt.datetime.fromisoformat(body["created_at"])
        return Placed(f"step {body['step']}") if begun >= since else "none"

    def set_auto_renew(self, domain: str, *, on: bool) -> None:
        """See the port."""
        body = {"enabled": on, "duration": 1}
        answer = self._api.call("PATCH", f"/domain/domains/{domain}/autorenew", body=body)
        if not on and answer.status == _BAD and "no autorenew" in _words(answer):
            return  # off is what it never was turned on from
        self._good(answer, domain)

    def auth_code(self, domain: str) -> str:
        """See the port."""
        code = self._get(f"/domain/domains/{domain}", domain).get("authinfo")
        if not code:
            raise refused(WHO, domain, "it gives no code for this name")
        return str(code)

    def close(self) -> None:
        """See the port; every call has a connection of its own."""

    def _product(self, domain: str, kind: OrderKind) -> dict[str, Any]:
        params = {"name": domain, "processes": _PROCESS[kind], "currency": "EUR", **self._sharing}
        body = self._get("/domain/check", domain, params)
        if body.get("currency") != "EUR":
            raise unanswered(WHO, f"a price in {body.get('currency')}")
        for product in body.get("products") or ():
            if product.get("name") == domain and product.get("process") == _PROCESS[kind]:
                return dict(product)
        return {}

    def _within(self, domain: str, kind: OrderKind, at_most: Decimal) -> Decimal:
        price = self.price(domain, kind)
        if price is None:
            raise refused(WHO, domain, f"it has no price for {_PROCESS[kind]}")
        if price > at_most:
            raise too_dear(WHO, domain, price, at_most)
        return price

    def _order(
        self, path: str, body: dict[str, Any], domain: str, secret: str | None = None
    ) -> str:
        """Check the order, place it, and give what it can be found under."""
        rehearsal = self._api.call(
            "POST", path, params=self._sharing, body=body, headers={"Dry-Run": "1"}
        )
        verdict = self._good(rehearsal, domain, secret)
        if verdict.get("status") != "success":
            words = "; ".join(
                f"{e.get('name', '')} {e.get('description', '')}".strip()
                for e in verdict.get("errors") or ()
            )
            raise refused(WHO, domain, words or "the rehearsal failed", secret)
        answer = self._api.call("POST", path, params=self._sharing, body=body)
        self._good(answer, domain, secret)
        if answer.status != _ACCEPTED:
            raise unanswered(WHO, f"HTTP status {answer.status} to an order")
        return answer.headers.get("Location", "accepted")

    def _get(self, path: str, what: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._good(self._api.call("GET", path, params=params), what)

    def _good(self, answer: Answer, what: str, secret: str | None = None) -> Any:
        if answer.status not in {_OK, _ACCEPTED}:
            raise refused(WHO, what, _words(answer) or f"HTTP status {answer.status}", secret)
        return answer.body


def _words(answer: Answer) -> str:
    body = answer.body if isinstance(answer.body, dict) else {}
    details = [str(e.get("description", "")) for e in body.get("errors") or ()]
    return " ".join([str(body.get("message", "")), *details]).strip()


def _holding(item: Mapping[str, Any]) -> Holding:
    """From an entry of the list, where `autorenew` is a boolean, or from the details."""
    auto_renew = item.get("autorenew")
    if isinstance(auto_renew, dict):
        auto_renew = bool(auto_renew.get("enabled", False))
    ends = (item.get("dates") or {}).get("registry_ends_at")
    owner = (item.get("contacts") or {}).get("owner") or {}
    return Holding(
        domain=str(item["fqdn"]),
        expiry=paris_date(dt.datetime.fromisoformat(ends)) if ends else None,
        auto_renew=auto_renew,
        status=", ".join(item.get("status") or ()),
        holder=owner.get("orgname"),
    )


def _price(product: Mapping[str, Any]) -> Decimal | None:
    """The dearest price of one year: phases of a launch have several."""
    prices = [
        Decimal(str(price["price_before_taxes"]))
        for price in product.get("prices") or ()
        if price.get("duration_unit") == "y" and price["min_duration"] <= 1
    ]
    return max(prices, default=None)


def _body(purchase: Purchase) -> dict[str, Any]:
    return {
        "fqdn": purchase.domain,
        "duration": 1,
        "owner": _contact(purchase.holder),
        "nameservers": list(purchase.nameservers),
    }


def _contact(holder: Holder) -> dict[str, Any]:
    return {
        "type": "publicbody",
        "orgname": holder.name,
        "siren": holder.siren,
        "given": holder.given,
        "family": holder.family,
        "email": holder.email,
        "phone": holder.phone,
        "streetaddr": holder.street,
        "zip": holder.postal_code,
        "city": holder.city,
        "country": holder.country,
    }
