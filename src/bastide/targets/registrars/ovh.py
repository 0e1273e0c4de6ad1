# SPDX-License-Identifier: GPL-3.0-or-later
"""OVHcloud, through its own library ``ovh``, which signs every request.

Names are bought through a cart (https://docs.ovh.com/gb/en/domains/api-order/), renewed through
the service that holds them (``/service/{id}/renew``), and an order is paid with the account's
payment means.  ``GET checkout`` gives the order as it would be, without placing it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import ovh
from ovh.exceptions import (
    APIError,
    BadParametersError,
    HTTPError,
    InvalidResponse,
    NetworkError,
    ResourceConflictError,
    ResourceNotFoundError,
)

from bastide.targets.registrars.faults import refused, too_dear, unanswered
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

WHO = "OVHcloud"
_SUBSIDIARY = "FR"
_YEAR = "P1Y"
_TIMEOUT = 60
_SERVER_ERROR = 500
_MODES = {"register": "create-default", "transfer": "transfer-default"}
# An order that lives on: it is, or will be, carried out.
_LIVING = frozenset({"checking", "delivered", "delivering", "documentsRequested", "notPaid"})
T = TypeVar("T")


class Ovh:
    """An account with an application key and a consumer key."""

    def __init__(
        self, application_key: str, secret: str, consumer_key: str, url: str | None
    ) -> None:
        self._client = ovh.Client(
            endpoint="ovh-eu",
            application_key=application_key,
            application_secret=secret,
            consumer_key=consumer_key,
            timeout=_TIMEOUT,
        )
        if url:
            # The library knows its own regions only, and a test has one of its own.
            self._client._endpoint = url.rstrip("/")  # noqa: SLF001 - see above

    def holdings(self, domains: Iterable[str]) -> Mapping[str, Holding]:
        """See the port; one question for each name."""
        found = {}
        for domain in domains:
            holding = self.holding(domain)
            if holding:
                found[domain] = holding
        return found

    def holding(self, domain: str) -> Holding | None:
        """See the port."""
        infos = self._infos(domain)
        if infos is None:
            return None
        renew = infos.get("renew") or {}
        auto = bool(renew.get("automatic")) and not renew.get("deleteAtExpiration")
        return Holding(
            domain=domain,
            expiry=dt.date.fromisoformat(infos["expiration"][:10]),
            auto_renew=auto or bool(renew.get("forced")),
            status=str(infos.get("status", "")),
        )

    def offer(self, domain: str) -> Offer:
        """See the port."""
        offers = self._in_cart(lambda cart: self._offers(cart, domain), domain)
        by_action = {o["action"]: o for o in offers if o.get("orderable")}
        create = by_action.get("create")
        if create is None:
            return Offer(domain, "taken" if "transfer" in by_action else "unknown")
        needs = {c.get("label") for c in create.get("configurations") or ()}
        reserved = bool({"REASON", "PROTECTED_CODE"} & needs)
        state: OfferState = "reserved" if reserved else "available"
        return Offer(domain, state, _total(create))

    def price(self, domain: str, kind: OrderKind) -> Decimal | None:
        """See the port."""
        if kind == "renew":
            return self._renewal(domain)[1]
        offers = self._in_cart(lambda cart: self._offers(cart, domain), domain)
        fitting = [o for o in offers if o.get("pricingMode") == _MODES[kind]]
        return _total(fitting[0]) if fitting else None

    def renew(self, domain: str, at_most: Decimal) -> Placed:
        """See the port; an order that was placed and not paid is paid, not placed again."""
        service, price = self._renewal(domain)
        if price is None:
            raise refused(WHO, domain, "it offers no renewal of one year for this name alone")
        _within(domain, price, at_most)
        order = self._call(
            domain,
            lambda: self._client.post(
                f"/service/{service}/renew", duration=_YEAR, services=[service], dryRun=False
            ),
        )
        self._pay(order["orderId"], domain)
        return Placed(str(order["orderId"]), price)

    def register(self, purchase: Purchase) -> Placed:
        """See the port."""
        labels = {"ACCEPT_CONDITIONS": "true", "REASON": "city names"}
        if purchase.registry_code:
            labels["PROTECTED_CODE"] = purchase.registry_code
        return self._buy(purchase, "register", labels, purchase.registry_code)

    def transfer_in(self, purchase: Purchase) -> Placed:
        """See the port."""
        labels = {"ACCEPT_CONDITIONS": "true", "AUTH_INFO": purchase.auth_code or ""}
        return self._buy(purchase, "transfer", labels, purchase.auth_code)

    def trace(self, domain: str, kind: OrderKind, since: dt.datetime) -> Trace:
        """See the port: the account's orders since then that name the domain."""
        begin = since.astimezone(dt.UTC).isoformat(timespec="seconds")
        orders = self._call(domain, lambda: self._client.get("/me/order", **{"date.from": begin}))
        for order in orders:
            if not self._names(order, domain):
                continue
            status = self._call(domain, lambda: self._client.get(f"/me/order/{order}/status"))  # noqa: B023 - called at once
            if status not in _LIVING:
                continue
            if status == "notPaid" and kind == "renew":
                self._pay(order, domain)
            return Placed(str(order))
        return "none"

    def set_auto_renew(self, domain: str, *, on: bool) -> None:
        """See the port; the period stays as it is."""
        infos = self._infos(domain)
        if infos is None:
            raise refused(WHO, domain, "the account does not hold it")
        renew = {
            "automatic": on,
            "deleteAtExpiration": False,
            "forced": bool((infos.get("renew") or {}).get("forced")),
            "manualPayment": False,
            "period": (infos.get("renew") or {}).get("period") or 12,
        }
        path = f"/domain/{quote(domain)}/serviceInfos"
        self._call(domain, lambda: self._client.put(path, renew=renew))

    def auth_code(self, domain: str) -> str:
        """See the port."""
        return str(
            self._call(domain, lambda: self._client.get(f"/domain/{quote(domain)}/authInfo"))
        )

    def close(self) -> None:
        """See the port."""
        self._client._session.close()  # noqa: SLF001 - the library has no way to say it

    def _infos(self, domain: str) -> dict[str, Any] | None:
        path = f"/domain/{quote(domain)}/serviceInfos"
        try:
            return dict(self._call(domain, lambda: self._client.get(path), missing=True))
        except ResourceNotFoundError:
            return None

    def _renewal(self, domain: str) -> tuple[int, Decimal | None]:
        """Service of the name, and what a year of it alone costs."""
        infos = self._infos(domain)
        if infos is None:
            raise refused(WHO, domain, "the account does not hold it")
        service = int(infos["serviceId"])
        offers = self._call(domain, lambda: self._client.get(f"/service/{service}/renew"))
        for offer in offers:
            for strategy in offer["strategies"] if offer["renewPeriod"] == _YEAR else ():
                if strategy["services"] == [service]:
                    return service, _euros(strategy["price"], domain)
        return service, None

    def _buy(
        self, purchase: Purchase, kind: OrderKind, labels: Mapping[str, str], secret: str | None
    ) -> Placed:
        domain = purchase.domain
        contact = self._call(
            domain, lambda: self._client.post("/domain/contact", **_contact(purchase.holder))
        )
        values = {
            "OWNER_LEGAL_AGE": "true",
            "OWNER_CONTACT": f"/domain/contact/{contact['id']}",
            "DNS": ",".join(purchase.nameservers),
            **labels,
        }

        def fill(cart: str) -> Placed:
            item = self._client.post(
                f"/order/cart/{cart}/domain",
                domain=domain,
                duration=_YEAR,
                pricingMode=_MODES[kind],
            )["itemId"]
            path = f"/order/cart/{cart}/item/{item}"
            for needed in self._client.get(f"{path}/requiredConfiguration"):
                label = needed["label"]
                if label in values:
                    self._client.post(f"{path}/configuration", label=label, value=values[label])
                elif needed.get("required"):
                    raise refused(WHO, domain, f"it asks for {label}")
            shown = self._client.get(f"/order/cart/{cart}/checkout")
            price = _euros(shown["prices"]["withoutTax"], domain)
            _within(domain, price, purchase.at_most)
            order = self._client.post(
                f"/order/cart/{cart}/checkout",
                autoPayWithPreferredPaymentMethod=True,
                waiveRetractationPeriod=True,
            )
            return Placed(str(order["orderId"]), price)

        return self._in_cart(fill, domain, secret)

    def _in_cart(self, work: Callable[[str], T], domain: str, secret: str | None = None) -> T:
        """Do `work` with a cart of the account's; a cart that is left over expires by itself."""

        def whole() -> T:
            cart = self._client.post("/order/cart", ovhSubsidiary=_SUBSIDIARY)["cartId"]
            self._client.post(f"/order/cart/{cart}/assign")
            return work(cart)

        return self._call(domain, whole, secret=secret)

    def _offers(self, cart: str, domain: str) -> list[dict[str, Any]]:
        return list(self._client.get(f"/order/cart/{cart}/domain", domain=domain))

    def _names(self, order: int, domain: str) -> bool:
        base = f"/me/order/{order}/details"
        for detail in self._call(domain, lambda: self._client.get(base)):
            found = self._call(domain, lambda: self._client.get(f"{base}/{detail}"))  # noqa: B023 - called at once
            if found.get("domain") == domain:
                return True
        return False

    def _pay(self, order: int, domain: str) -> None:
        means = self._call(
            domain, lambda: self._client.get(f"/me/order/{order}/availableRegisteredPaymentMean")
        )
        if not means:
            raise unanswered(WHO, f"order {order} is placed, and there is no means to pay it")
        path = f"/me/order/{order}/payWithRegisteredPaymentMean"
        mean = means[0]["paymentMean"]
        self._call(domain, lambda: self._client.post(path, paymentMean=mean))

    def _call(
        self, what: str, work: Callable[[], T], *, secret: str | None = None, missing: bool = False
    ) -> T:
        """`work`, with the library's errors as ours."""
        try:
            return work()
        except ResourceNotFoundError as error:
            if missing:
                raise
            raise refused(WHO, what, str(error), secret) from error
        except (BadParametersError, ResourceConflictError) as error:
            raise refused(WHO, what, str(error), secret) from error
        except (HTTPError, InvalidResponse, NetworkError) as error:
            raise unanswered(WHO, type(error).__name__) from error
        except APIError as error:
            status = getattr(error.response, "status_code", _SERVER_ERROR)
            if status >= _SERVER_ERROR:
                raise unanswered(WHO, f"HTTP status {status}") from error
            raise refused(WHO, what, str(error), secret) from error


def _within(domain: str, price: Decimal, at_most: Decimal) -> None:
    if price > at_most:
        raise too_dear(WHO, domain, price, at_most)


def _euros(price: Mapping[str, Any], domain: str) -> Decimal:
    if price["currencyCode"] != "EUR":
        raise refused(WHO, domain, f"a price in {price['currencyCode']}")
    return Decimal(str(price["value"]))


def _total(offer: Mapping[str, Any]) -> Decimal | None:
    for price in offer.get("prices") or ():
        if price["label"] == "TOTAL":
            return _euros(price["price"], str(offer.get("offerId", "")))
    return None


def _contact(holder: Holder) -> dict[str, Any]:
    return {
        "legalForm": "administration",
        "organisationName": holder.name,
        "companyNationalIdentificationNumber": holder.siren,
        "firstName": holder.given,
        "lastName": holder.family,
        "email": holder.email,
        "phone": holder.phone,
        "language": "fr_FR",
        "address": {
            "line1": holder.street,
            "zip": holder.postal_code,
            "city": holder.city,
            "country": holder.country,
        },
    }
