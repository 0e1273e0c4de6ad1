# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON over HTTPS for APIs without a library of their own: timeouts, limits of rate, no secrets.

Nothing is logged.  A redirection is not followed: credentials go where platform.yml says and
nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from bastide.targets.registrars.faults import unanswered

_TIMEOUT = (10.0, 60.0)
_TRIES = 5
_LONGEST_WAIT = 60.0
_LARGEST = 8 * 1024 * 1024
_TOO_MANY = 429
_SERVER_ERROR = 500


class HeaderAuth(AuthBase):
    """One header, set last: requests would put the contents of ~/.netrc over it."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers[self._name] = self._value
        return request


class NoAuth(AuthBase):
    """No credentials at all, not even those of ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body as JSON (None when empty) and the headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Api:
    """One API at `base`, `who` in messages; `sleep` waits out a limit of rate, in seconds."""

    who: str
    base: str
    auth: AuthBase
    accept: str = "application/json"
    sleep: Callable[[float], None] = time.sleep

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, whatever its status below 500; ``Unanswered`` when there is none.

        A 429 was not carried out, so it is sent again after the time that the server asks for.
        """
        for left in reversed(range(_TRIES)):
            answer = self._once(method, path, params, body, headers)
            if answer.status != _TOO_MANY or not left:
                break
            self.sleep(_wait(answer.headers))
        if answer.status >= _SERVER_ERROR or answer.status == _TOO_MANY:
            raise unanswered(self.who, f"HTTP status {answer.status}")
        return answer

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        try:
            response = requests.request(
                method,
                self.base.rstrip("/") + path,
                params=params,
                json=body,
                headers={"Accept": self.accept, **(headers or {})},
                auth=self.auth,
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            with response:
                data = response.raw.read(_LARGEST + 1, decode_content=True)
                found = dict(response.headers)
        except (requests.RequestException, OSError) as error:
            # The text of the error holds the address, never a body.
            raise unanswered(self.who, type(error).__name__) from error
        if len(data) > _LARGEST:
            raise unanswered(self.who, f"more than {_LARGEST} bytes")
        return Answer(response.status_code, self._json(data, response.status_code), found)

    def _json(self, data: bytes, status: int) -> Any:
        import json

        if not data.strip():
            return None
        try:
            return json.loads(data)
        except ValueError as error:
            if status == _TOO_MANY or status >= _SERVER_ERROR:
                return None
            raise unanswered(self.who, f"HTTP status {status}, and no JSON") from error


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds to wait (RFC 9110 §10.2.3, in its form as a number); one where nobody says."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        seconds = float(lower.get("retry-after", "1"))
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), _LONGEST_WAIT)
