# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets the password of one account on a Zimbra server.

SetPasswordRequest of ``soap-admin.txt``.  The server shows an account's ``userPassword`` as
``VALUE-BLOCKED`` when there is one, and not at all when there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bastide.diagnostics import Kind, RunFailed, Severity, declare, diagnose
from bastide.targets.zimbra.entries import ATTRIBUTES, Entry, modification, own_element, read_entry
from bastide.targets.zimbra.soap import Client, Element, Fault, add_attributes, request, selected

HAS_PASSWORD = declare(
    "A568",
    Severity.ERROR,
    en="{address} has a password already on {server}",
    fr="{address} a déjà un mot de passe sur {server}",
    hint_en="for a user who forgot it: bastide mail reset {address}",
    hint_fr="pour qui l'a oublié : bastide mail reset {address}",
)
NOT_OURS = declare(
    "A570",
    Severity.ERROR,
    en="{server} has no account {address} of this collectivity: {why}",
    fr="{server} n'a pas de compte {address} de cette collectivité : {why}",
    hint_en="apply first; an account made by hand is handed over by its zimbraNotes",
    hint_fr="appliquez d'abord ; un compte fait à la main se confie par son zimbraNotes",
)
CLOSED = declare(
    "A571",
    Severity.ERROR,
    en="{address} is {state} on {server}: nobody can log in to it",
    fr="{address} est « {state} » sur {server} : nul ne peut s'y connecter",
    hint_en="write `state: active` in its charter and apply",
    hint_fr="écrivez `state: active` dans sa charte et appliquez",
)
REFUSED = declare(
    "A572",
    Severity.ERROR,
    en="{server} did not take a password for {address}: {code}",
    fr="{server} n'a pas pris de mot de passe pour {address} : {code}",
    hint_en="the administrator needs the right to set passwords (setAccountPassword)",
    hint_fr="l'administrateur doit avoir le droit de fixer les mots de passe (setAccountPassword)",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose password: an `address` in normal form, declared by the collectivity `siren`."""

    address: str
    siren: str
    server: str


def set_password(client: Client, holder: Holder, password: str) -> None:
    """Set `password`, which is in force at once; also on a suspended account, to lock others out.

    Raises:
        RunFailed: The account is not there or not the collectivity's (A570), or the server
            refused (A572).
    """
    _set(client, holder, _account(client, holder), password)


def set_initial_password(client: Client, holder: Holder, password: str, *, renew: bool) -> None:
    """Set `password`, which its user has to change at the first login in the web pages.

    Stopped between the two requests, the account has a password that was shown to nobody.

    Raises:
        RunFailed: As :func:`set_password`; also for an account where nobody can log in (A571)
            and, unless `renew`, for one that has a password (A568).
    """
    entry = _account(client, holder)
    if entry.one("zimbraAccountStatus") not in {"", "active", "lockout"}:
        raise _failure(CLOSED, holder, state=entry.one("zimbraAccountStatus"))
    if entry.one("userPassword") and not renew:
        raise _failure(HAS_PASSWORD, holder)
    _set(client, holder, entry, password)
    # After it: setting a password takes the mark away.
    mark = add_attributes(request("attributes"), [("zimbraPasswordMustChange", "TRUE")])
    _call(client, holder, modification("account", entry, mark))


def _account(client: Client, holder: Holder) -> Entry:
    wanted = ",".join((*ATTRIBUTES, "userPassword"))
    question = selected("Account", "name", holder.address, attrs=wanted, applyCos="0")
    try:
        element = own_element(client.call(question))
    except Fault as fault:
        raise _not_ours(holder, fault.code) from fault
    entry = None if element is None else read_entry(element)
    if entry is None or entry.name != holder.address:
        raise _not_ours(holder, "an alias of another account has this name")
    if entry.siren != holder.siren:
        raise _not_ours(holder, f"zimbraNotes is not bastide:{holder.siren}")
    return entry


def _set(client: Client, holder: Holder, entry: Entry, password: str) -> None:
    children = (("id", entry.id), ("newPassword", password))
    _call(client, holder, request("SetPasswordRequest", *children))


def _call(client: Client, holder: Holder, body: Element) -> None:
    try:
        client.call(body)
    except Fault as fault:  # its reason may hold what was sent
        raise _failure(REFUSED, holder, code=fault.code) from None


def _not_ours(holder: Holder, why: str) -> RunFailed:
    return _failure(NOT_OURS, holder, why=why)


def _failure(kind: Kind, holder: Holder, **facts: str) -> RunFailed:
    told: dict[str, Any] = {"address": holder.address, "server": holder.server, **facts}
    return RunFailed(diagnose(kind, "", **told))
