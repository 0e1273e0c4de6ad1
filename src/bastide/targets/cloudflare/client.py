# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of Cloudflare's API through its official client, with what that client leaves to us.

A refusal for want of patience (429) is waited out for as long as Cloudflare says: its block of
five minutes is longer than the official client's patience.  What only reads is tried again when no
answer came; what writes is not, since nobody knows whether it was done: the caller looks again.
Limits: https://developers.cloudflare.com/fundamentals/api/reference/limits/
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bastide.diagnostics import RunFailed, diagnose
from bastide.model.names import to_ascii
from bastide.targets.cloudflare.faults import NO_PACKAGE, REFUSED, UNREACHABLE
from bastide.targets.cloudflare.redirects import MOST_BY_PLAN, PHASE
from bastide.targets.cloudflare.settings import Account

if TYPE_CHECKING:
    import cloudflare

Record = Mapping[str, Any]
Operations = dict[str, list[dict[str, Any]]]
Answer = TypeVar("Answer")

# The most that one page may hold, of zones and of records.
_ZONES, _RECORDS = 50, 5_000_000
# Operations in one batch; all plans but the free one have the larger number.
_BATCH = {"free": 200}
_BATCH_PAID = 3_500
# Below this, asking for zones by their names takes fewer calls than listing the account.
_BY_NAME = 4
_PATIENCE = 40  # waits in a row, of five minutes at most each: beyond that somebody must look
_DEFAULT_WAIT = 30.0
_PAUSES = (0.5, 2.0, 5.0)
_NOT_THERE = 404
_TROUBLE = 500  # from here on the fault is on their side, and the call may have been done


class Refusal(Exception):
    """Cloudflare said no; the text is its own words, with its codes, `status` that of HTTP."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


class Lost(Exception):
    """No answer came to something that writes: it may have been done or not."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of the account; `name` is in A-labels, `batch` the operations that one call takes.

    `rules` is how many redirect rules its plan allows, None where that is not known.
    """

    id: str
    name: str
    batch: int
    rules: int | None = None


class Client:
    """One account.  `requests` counts the calls, also those that were refused."""

    def __init__(
        self,
        account: Account,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self.account = account
        self.requests = 0
        self._sleep, self._on_wait = sleep, on_wait
        self._api = _official(account)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._api.close()

    def zones(self, names: Collection[str] | None = None) -> dict[str, Zone]:
        """Zones of the account by name (A-labels); with `names`, perhaps no others."""
        if names is not None and len(names) <= _BY_NAME:
            # The API keeps names with their accents.
            found = [one for name in names for one in self._zones(name=_unicode(name))]
        else:
            found = [*self._zones()]
        return {zone.name: zone for zone in found}

    def _zones(self, **filters: str) -> Iterator[Zone]:
        found = self._pages(
            "list the zones",
            self._api.zones.with_raw_response.list,
            account={"id": self.account.id},
            per_page=_ZONES,
            **filters,
        )
        # Of the same name there may be others, that answer nobody or belong to another provider.
        return (_zone(one) for one in found if one.get("type", "full") == "full")

    def records(self, zone: Zone) -> list[Record]:
        """Every record of `zone`, in one request."""
        found = self._pages(
            f"list the records of {zone.name}",
            self._api.dns.records.with_raw_response.list,
            zone_id=zone.id,
            per_page=_RECORDS,
        )
        return list(found)

    def _pages(self, what: str, call: Callable[..., Any], **params: Any) -> Iterator[Record]:
        number, pages = 1, 1
        while number <= pages:
            answer = self._read(what, call, page=number, **params)
            pages = int((answer.get("result_info") or {}).get("total_pages") or 1)
            yield from answer["result"]
            number += 1

    def dnssec(self, zone: Zone) -> str:
        """``active``, ``pending`` (till the registry has the DS), ``disabled`` or ``error``."""
        answer = self._read(
            f"read DNSSEC of {zone.name}",
            self._api.dns.dnssec.with_raw_response.get,
            zone_id=zone.id,
        )
        return str(answer["result"]["status"])

    def setting(self, zone: Zone, name: str) -> Any:
        """Value of one setting of `zone`."""
        answer = self._read(
            f"read {name} of {zone.name}",
            self._api.zones.settings.with_raw_response.get,
            setting_id=name,
            zone_id=zone.id,
        )
        return answer["result"]["value"]

    def entrypoint(self, zone: Zone) -> Record | None:
        """The ruleset of the redirects of `zone`, None where it never had any."""
        answer = self._read(
            f"read the redirects of {zone.name}",
            self._api.rulesets.phases.with_raw_response.get,
            absent=True,
            ruleset_phase=PHASE,
            zone_id=zone.id,
        )
        return answer.get("result")

    def redirects(self, zone: Zone) -> list[Record]:
        """The redirect rules of `zone`, whoever wrote them."""
        return list((self.entrypoint(zone) or {}).get("rules") or ())

    def set_redirects(self, zone: Zone, rules: list[dict[str, Any]]) -> None:
        """Write all redirect rules of `zone`, in this order; what is not among them goes."""
        # As they are: those of others may hold what the client's types do not know.
        self._write(
            self._api.rulesets.phases.with_raw_response.update,
            ruleset_phase=PHASE,
            zone_id=zone.id,
            extra_body={"rules": rules},
        )

    def make_zone(self, name: str) -> Zone:
        """Make the zone `name` (A-labels), which is empty.  ``Refusal`` or ``Lost``."""
        answer = self._write(
            self._api.zones.with_raw_response.create,
            account={"id": self.account.id},
            name=_unicode(name),
            type="full",
        )
        return _zone(answer["result"])

    def batch(self, zone: Zone, operations: Operations) -> Mapping[str, list[Record]]:
        """Carry out `operations`, all or none; the records as they are then.

        `operations` maps ``deletes``, ``patches`` and ``posts`` to what the API takes of each.
        """
        # As it is: the client would try each record against the types of all twenty-one kinds,
        # which takes longer than the request.
        answer = self._write(
            self._api.dns.records.with_raw_response.batch, zone_id=zone.id, extra_body=operations
        )
        return {name: found or [] for name, found in (answer["result"] or {}).items()}

    def sign(self, zone: Zone) -> None:
        """Turn DNSSEC on."""
        self._write(self._api.dns.dnssec.with_raw_response.edit, zone_id=zone.id, status="active")

    def set(self, zone: Zone, name: str, value: str | int) -> None:
        """Give a setting of `zone` a value."""
        self._write(
            self._api.zones.settings.with_raw_response.edit,
            setting_id=name,
            zone_id=zone.id,
            value=value,
        )

    def _read(
        self, what: str, call: Callable[..., Any], *, absent: bool = False, **params: Any
    ) -> dict[str, Any]:
        """The answer to a call that changes nothing; ``RunFailed`` when there is none.

        With `absent`, what is not there (404) is an empty answer.
        """
        reason = ""
        for pause in (*_PAUSES, None):
            try:
                return self._once(call, params)
            except Refusal as refusal:
                if absent and refusal.status == _NOT_THERE:
                    return {}
                raise RunFailed(diagnose(REFUSED, "", what=what, words=str(refusal))) from None
            except Lost as lost:
                reason = str(lost)
            if pause is not None:
                self._sleep(pause)
        raise RunFailed(diagnose(UNREACHABLE, "", url=self.account.base_url, reason=reason))

    def _write(self, call: Callable[..., Any], **params: Any) -> dict[str, Any]:
        return self._once(call, params)

    def _once(self, call: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
        import cloudflare as api

        for _ in range(_PATIENCE):
            self.requests += 1
            try:
                answer: dict[str, Any] = call(**params).http_response.json()
            except api.RateLimitError as error:
                seconds = _wait(error.response.headers)
                self._on_wait(seconds)
                self._sleep(seconds)
                continue
            except api.APIStatusError as error:
                if error.status_code >= _TROUBLE:
                    raise Lost(f"HTTP {error.status_code}") from None
                words = _words(error.body, error.status_code)
                raise Refusal(words, error.status_code) from None
            except (api.APIError, ValueError) as error:
                raise Lost(_cause(error)) from None
            if not answer.get("success", True):
                raise Refusal(_words(answer, 200))
            return answer
        raise Lost("it asks to wait again and again (429)")


def _official(account: Account) -> cloudflare.Cloudflare:
    """The official client, with the token and nothing else that the environment may hold."""
    try:
        import cloudflare
    except ImportError:
        raise RunFailed(diagnose(NO_PACKAGE, "")) from None
    # It tells every address that it asks, at level INFO.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    client = cloudflare.Cloudflare(
        api_token=account.token(),
        base_url=account.base_url,
        timeout=account.timeout,
        max_retries=0,
    )
    # Left alone it takes CLOUDFLARE_EMAIL and its like from the environment, before the token.
    client.api_key = client.api_email = client.user_service_key = None
    return client


def _zone(found: Mapping[str, Any]) -> Zone:
    plan = str((found.get("plan") or {}).get("legacy_id") or "free")
    name = str(found["name"])
    batch, rules = _BATCH.get(plan, _BATCH_PAID), MOST_BY_PLAN.get(plan)
    return Zone(str(found["id"]), to_ascii(name) or name, batch, rules)


def _unicode(name: str) -> str:
    """A zone's name as the API wants it: with its accents."""
    import idna

    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds that a refusal asks to wait, with one more: clocks differ."""
    try:
        return max(0.0, float(headers.get("retry-after", ""))) + 1
    except ValueError:
        return _DEFAULT_WAIT


def _words(body: object, status: int) -> str:
    """The errors of an answer with their codes, and what is behind each."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    told = [_error(one) for one in errors or () if isinstance(one, Mapping)]
    return "; ".join(told) or f"HTTP {status}"


def _error(one: Mapping[str, Any]) -> str:
    chain = [_error(cause) for cause in one.get("error_chain") or ()]
    return ": ".join([f"{one.get('message')} ({one.get('code')})", *chain])


def _cause(error: BaseException) -> str:
    """The innermost words about a connection that broke."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
