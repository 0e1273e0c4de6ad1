# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands for one address do where a Zimbra server holds its mailbox."""

from __future__ import annotations

import json

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.model.groupware import Zimbra
from bastide.model.platform import Clients
from bastide.targets.groupware import server_of
from bastide.targets.passwords import new_password
from bastide.targets.zimbra import Client
from bastide.targets.zimbra.passwords import Holder, set_initial_password, set_password

NOT_HERE = declare(
    "A569",
    Severity.ERROR,
    en="the mail of {address} may be on {server}, where `{do}` is not for Bastide",
    fr="le courrier de {address} est peut-être sur {server}, où « {do} » n'est pas pour Bastide",
    hint_en="there: zmmailbox -z -m {address} getRestURL '//?fmt=tgz' > archive.tgz",
    hint_fr="là-bas : zmmailbox -z -m {address} getRestURL '//?fmt=tgz' > archive.tgz",
)


def owner_on_zimbra(fleet: Fleet, normal: str) -> str | None:
    """SIREN of the collectivity that declares `normal` as an account of the Zimbra server.

    None for every other address, and where the platform has no such server.
    """
    if fleet.platform.mail.zimbra is None:
        return None
    for slug in fleet.index.holders_of_address(normal):
        if f"account:{normal}" in fleet.origins(slug):
            return str(json.loads(fleet.share_line_of(slug, "groupware"))["siren"])
    return None


def may_be_on_zimbra(fleet: Fleet, normal: str) -> bool:
    """True for an account of the Zimbra server, and for what no charter declares any more."""
    if fleet.platform.mail.zimbra is None:
        return False
    declared = fleet.index.kind_of_address(normal) == "account"
    return not declared or owner_on_zimbra(fleet, normal) is not None


def give_zimbra_password(fleet: Fleet, normal: str, siren: str) -> str:
    """Set a new random password on the account `normal` and return it."""
    client, holder = _door(fleet, normal, siren)
    password = new_password()
    set_password(client, holder, password)
    return password


def give_initial_password(fleet: Fleet, normal: str, siren: str, *, renew: bool) -> tuple[str, str]:
    """A password that has to be changed at the first login, and the web address of that login.

    No link: the page on which users choose a password is on a mail host, which faces the
    world and must not hold what it takes to set passwords on another server.
    """
    client, holder = _door(fleet, normal, siren)
    password = new_password()
    set_initial_password(client, holder, password, renew=renew)
    return password, web_address(_zimbra(fleet))


def not_here(fleet: Fleet, do: str, normal: str) -> RunFailed:
    """The error for what is done with mail of the mail hosts alone."""
    server = _zimbra(fleet).server
    return RunFailed(diagnose(NOT_HERE, "", do=do, address=normal, server=server))


def zimbra_settings(zimbra: Zimbra) -> Clients:
    """What mail programs of its users need; nothing sets them up by itself."""
    return Clients(setup="", server=zimbra.server, webmail=web_address(zimbra))


def web_address(zimbra: Zimbra) -> str:
    """Where its users log in with a browser."""
    return f"https://{zimbra.server}/"


def _zimbra(fleet: Fleet) -> Zimbra:
    zimbra = fleet.platform.mail.zimbra
    if zimbra is None:
        raise RuntimeError("the platform has no Zimbra server")
    return zimbra


def _door(fleet: Fleet, normal: str, siren: str) -> tuple[Client, Holder]:
    zimbra = _zimbra(fleet)
    client = Client.of(server_of(fleet.repository.root, zimbra))
    return client, Holder(normal, siren, zimbra.host)
