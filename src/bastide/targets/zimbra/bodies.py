# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges declared resources before they reach the server: a bad one fails alone.

The forms are those of :mod:`bastide.targets.zimbra.entries`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bastide.model.names import normal_address
from bastide.targets.zimbra.entries import OBJECTS, Body, normal_name, status_of

# A control character would make a request that is no XML.
_TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]{1,256}\Z")


def wrong(address: str, body: Body) -> str | None:
    """What makes `body` unusable for `address`; None when nothing does."""
    kind, _, name = address.partition(":")
    if kind not in {*OBJECTS, "alias"} or not _TEXT.match(name) or name != normal_name(kind, name):
        return "no such address"
    if kind not in {"cos", "domain"} and normal_address(name) is None:
        return "no such address"
    if body.keys() != _KEYS[kind]:
        return f"it needs exactly: {', '.join(sorted(_KEYS[kind])) or 'nothing'}"
    return _CHECKS[kind](body)


def _domain(_body: Body) -> str | None:
    return None


def _class(body: Body) -> str | None:
    return None if _is_size(body.get("quota")) else "a class of service needs a quota in bytes"


def _account(body: Body) -> str | None:
    if body.get("quota") is not None and not _is_size(body["quota"]):
        return "a quota is a number of bytes"
    if body["cos"] is not None and not _TEXT.match(str(body["cos"])):
        return "a class of service has a name of one line"
    return _state(body)


def _alias(body: Body) -> str | None:
    account = body.get("account")
    if isinstance(account, str) and normal_address(account) == account:
        return None
    return "an alias needs an account"


def _list(body: Body) -> str | None:
    members = body.get("members")
    if members and members == sorted({normal_address(str(one)) or "" for one in members}):
        return None
    return "a list needs members, sorted and in the normal form"


def _resource(body: Body) -> str | None:
    if body.get("type") not in {"Location", "Equipment"}:
        return "a resource is a Location or an Equipment"
    if not _TEXT.match(str(body.get("name", ""))):
        return "a resource needs a name of one line"
    return _state(body)


def _state(body: Body) -> str | None:
    return None if status_of(body) else "no such state"


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_KEYS: dict[str, set[str]] = {
    "cos": {"quota"},
    "domain": set(),
    "account": {"quota", "cos", "state", "delivery"},
    "alias": {"account"},
    "list": {"members"},
    "resource": {"type", "name", "state", "delivery"},
}
_CHECKS: dict[str, Callable[[Body], str | None]] = {
    "domain": _domain,
    "cos": _class,
    "account": _account,
    "alias": _alias,
    "list": _list,
    "resource": _resource,
}
