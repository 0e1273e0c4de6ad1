# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaleway, through its own library ``scaleway`` (Domains and DNS API v2beta1).

An order answers with a task, which tells what became of it: what was ordered can always be
traced.  The holder's SIREN makes it eligible for .fr; a commune's reserved name needs Afnic's
code beside it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import requests
from scaleway.domain.v2beta1 import (
    ContactExtensionFR,
    ContactExtensionFRCodeAuthAfnicInfo,
    ContactExtensionFRMode,
    ContactLegalForm,
    Domain,
    DomainSummary,
    DomainV2Beta1RegistrarAPI,
    NewContact,
    OrderResponse,
    TaskStatus,
    TaskType,
    TransferInDomainRequestTransferRequest,
)
from scaleway.std.types import LanguageCode
from scaleway_core.api import ScalewayException
from scaleway_core.client import Client

from bastide.registration import paris_date
from bastide.targets.registrars.faults import refused, too_dear, unanswered
from bastide.targets.registrars.port import (
    Holder,
    Holding,
    Offer,
    OrderKind,
    Placed,
    Purchase,
    Trace,
)

URL = "https://api.scaleway.com"
WHO = "Scaleway"
_TIMEOUT = (10.0, 60.0)
_NOT_FOUND, _SERVER_ERROR = 404, 500
_ACTIONS = {"renew": "renew", "register": "create", "transfer": "transfer"}
_TASKS = {
    "renew": TaskType.RENEW_DOMAIN,
    "register": TaskType.CREATE_DOMAIN,
    "transfer": TaskType.TRANSFER_DOMAIN,
}
T = TypeVar("T")


class _Api(DomainV2Beta1RegistrarAPI):  # type: ignore[misc] # it has no type marker
    """The library's API, but for its transport.

    That one waits forever, and hands bodies, codes of authorisation among them, to a logger.
    """

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> requests.Response:
        given = {k: v for k, v in (params or {}).items() if v is not None}
        return requests.request(
            method,
            f"{self.client.api_url}{path}",
            params=given,
            data=None if body is None else json.dumps(body),
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json; charset=utf-8",
                "X-Auth-Token": str(self.client.secret_key),
                **(headers or {}),
            },
            auth=_unchanged,
            timeout=_TIMEOUT,
            allow_redirects=False,
        )


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from adding what ~/.netrc holds."""
    return request


class Scaleway:
    """An account with an API key; `project` owns and pays the names."""

    def __init__(self, access_key: str, secret_key: str, url: str | None, project: str) -> None:
        client = Client(
            access_key=access_key,
            secret_key=secret_key,
            api_url=(url or URL).rstrip("/"),
            default_project_id=project,
        )
        self._project = project
        try:
            self._api = _Api(client)
        except ValueError as error:
            # The library's text would repeat the key.
            raise refused(WHO, "the credentials", "they have not the form of a key") from error

    def holdings(self, domains: Iterable[str]) -> Mapping[str, Holding]:
        """See the port; the project's names, a page at a time."""
        wanted = set(domains)
        if not wanted:
            return {}
        listed = _call("the list of names", self._api.list_domains_all)
        return {one.domain: _holding(one) for one in listed if one.domain in wanted}

    def holding(self, domain: str) -> Holding | None:
        """See the port."""
        try:
            found = _call(domain, lambda: self._api.get_domain(domain=domain), missing=True)
        except LookupError:
            return None
        return _holding(found)

    def offer(self, domain: str) -> Offer:
        """See the port."""
        found = self._search(domain)
        if found is None:
            return Offer(domain, "unknown")
        if not found.available:
            return Offer(domain, "taken")
        return Offer(domain, "available", _price(found.tld, "register"))

    def price(self, domain: str, kind: OrderKind) -> Decimal | None:
        """See the port."""
        if kind == "renew":
            found = _call(domain, lambda: self._api.get_domain(domain=domain))
            return _price(found.tld, kind)
        searched = self._search(domain)
        return _price(searched.tld, kind) if searched else None

    def renew(self, domain: str, at_most: Decimal) -> Placed:
        """See the port."""
        price = self._within(domain, "renew", at_most)
        order = _call(
            domain, lambda: self._api.renew_domains(domains=[domain], duration_in_years=1)
        )
        return _placed(order, price)

    def register(self, purchase: Purchase) -> Placed:
        """See the port."""
        price = self._within(purchase.domain, "register", purchase.at_most)
        contact = _contact(purchase)
        order = _call(
            purchase.domain,
            lambda: self._api.buy_domains(
                domains=[purchase.domain],
                duration_in_years=1,
                project_id=self._project,
                owner_contact=contact,
            ),
            secret=purchase.registry_code,
        )
        return _placed(order, price)

    def transfer_in(self, purchase: Purchase) -> Placed:
        """See the port."""
        price = self._within(purchase.domain, "transfer", purchase.at_most)
        asked = TransferInDomainRequestTransferRequest(purchase.domain, purchase.auth_code or "")
        contact = _contact(purchase)
        order = _call(
            purchase.domain,
            lambda: self._api.transfer_in_domain(
                domains=[asked], project_id=self._project, owner_contact=contact
            ),
            secret=purchase.auth_code,
        )
        return _placed(order, price)

    def trace(self, domain: str, kind: OrderKind, since: dt.datetime) -> Trace:
        """See the port: its task, unless that failed."""
        tasks = _call(domain, lambda: self._api.list_tasks_all(domain=domain, types=[_TASKS[kind]]))
        for task in tasks:
            begun = task.started_at
            if begun and begun >= since and task.status != TaskStatus.ERROR:
                return Placed(task.id)
        return "none"

    def set_auto_renew(self, domain: str, *, on: bool) -> None:
        """See the port."""
        switch = self._api.enable_domain_auto_renew if on else self._api.disable_domain_auto_renew
        _call(domain, lambda: switch(domain=domain))

    def auth_code(self, domain: str) -> str:
        """See the port."""
        return str(_call(domain, lambda: self._api.get_domain_auth_code(domain=domain)).auth_code)

    def close(self) -> None:
        """See the port; every call has a connection of its own."""

    def _search(self, domain: str) -> Any:
        found = _call(
            domain,
            lambda: self._api.search_available_domains(
                domains=[domain], strict_search=True, include_exact_match=True
            ),
        )
        return next((one for one in found.available_domains if one.domain == domain), None) or (
            found.exact_match_domain
        )

    def _within(self, domain: str, kind: OrderKind, at_most: Decimal) -> Decimal:
        price = self.price(domain, kind)
        if price is None:
            raise refused(WHO, domain, f"it has no price for {_ACTIONS[kind]}")
        if price > at_most:
            raise too_dear(WHO, domain, price, at_most)
        return price


def _call(
    what: str, work: Callable[[], T], *, secret: str | None = None, missing: bool = False
) -> T:
    """`work`, with the library's errors as ours; ``LookupError`` for a 404 where `missing`."""
    try:
        return work()
    except ScalewayException as error:
        status = error.status_code or _SERVER_ERROR
        if missing and status == _NOT_FOUND:
            raise LookupError(what) from error
        if status >= _SERVER_ERROR:
            raise unanswered(WHO, f"HTTP status {status}") from error
        raise refused(WHO, what, _words(error), secret) from error
    except (requests.RequestException, OSError, ValueError, TypeError, KeyError) as error:
        # No connection, or an answer that is not the documented one.
        raise unanswered(WHO, type(error).__name__) from error


def _words(error: ScalewayException) -> str:
    try:
        body = error.response.json()
    except ValueError:
        return f"HTTP status {error.status_code}"
    fields = body.get("fields") or body.get("details") or ""
    return f"{body.get('message', '')} {fields if isinstance(fields, str) else json.dumps(fields)}"


def _placed(order: OrderResponse, price: Decimal) -> Placed:
    return Placed(order.task_id, price)


def _holding(one: Domain | DomainSummary) -> Holding:
    status = str(one.auto_renew_status)
    contact = getattr(one, "owner_contact", None)
    return Holding(
        domain=one.domain,
        expiry=paris_date(one.expired_at) if one.expired_at else None,
        auto_renew={
            "enabled": True,
            "enabling": True,
            "disabled": False,
            "disabling": False,
        }.get(status),
        status=str(one.status),
        holder=contact.company_name if contact else None,
    )


def _price(tld: Any, kind: OrderKind) -> Decimal | None:
    offer = (tld.offers or {}).get(_ACTIONS[kind]) if tld else None
    if offer is None or offer.price is None or offer.price.currency_code != "EUR":
        return None
    return Decimal(offer.price.units) + Decimal(offer.price.nanos).scaleb(-9)


def _contact(purchase: Purchase) -> NewContact:
    holder: Holder = purchase.holder
    mode = ContactExtensionFRMode.COMPANY_IDENTIFICATION_CODE
    extension = ContactExtensionFR(mode=mode)
    if purchase.registry_code:
        extension = ContactExtensionFR(
            mode=ContactExtensionFRMode.CODE_AUTH_AFNIC,
            code_auth_afnic_info=ContactExtensionFRCodeAuthAfnicInfo(purchase.registry_code),
        )
    return NewContact(
        legal_form=ContactLegalForm.OTHER,
        firstname=holder.given,
        lastname=holder.family,
        company_name=holder.name,
        company_identification_code=holder.siren,
        email=holder.email,
        phone_number=holder.phone,
        address_line_1=holder.street,
        zip=holder.postal_code,
        city=holder.city,
        country=holder.country,
        lang=LanguageCode.FR_FR,
        resale=False,
        whois_opt_in=False,
        extension_fr=extension,
    )
