# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a mailbox a new password: the charter must hold it, the host must know it."""

from __future__ import annotations

from dataclasses import dataclass

from bastide.fleet import Fleet
from bastide.model.names import normal_address
from bastide.report.explain import not_found
from bastide.report.on_zimbra import (
    give_initial_password,
    give_zimbra_password,
    owner_on_zimbra,
)
from bastide.targets.hosts import Hosts
from bastide.targets.invitations import Invitation, link, new_secret, note_invitation
from bastide.targets.passwords import new_password, set_passwords


def give_password(fleet: Fleet, address: str) -> str:
    """Set a new random password on `address`, where its mailbox is, and return it."""
    normal = declared_mailbox(fleet, address)
    siren = owner_on_zimbra(fleet, normal)
    if siren:
        return give_zimbra_password(fleet, normal, siren)
    password = new_password()
    for host in holders(fleet, normal):
        set_passwords(fleet.repository, host, {normal: password})
    return password


@dataclass(frozen=True, slots=True)
class Access:
    """What a user gets, once, to come to a password of their own.

    Either `secret` is a link that works until `until` (ISO 8601 in UTC), or it is a password
    that has to be changed at the first login on the web address `web`.
    """

    secret: str
    until: str = ""
    web: str = ""


def give_access(fleet: Fleet, address: str, hours: int, *, renew: bool) -> Access:
    """A link on which the user of `address` chooses a password; on Zimbra an initial password.

    `renew` is for a mailbox that may have a password already; with a link that one goes on
    until another is chosen.
    """
    normal = declared_mailbox(fleet, address)
    siren = owner_on_zimbra(fleet, normal)
    if siren:
        password, web = give_initial_password(fleet, normal, siren, renew=renew)
        return Access(password, web=web)
    secret, digest = new_secret()
    wanted = Invitation(normal, digest, hours, renew)
    until = ""
    for host in holders(fleet, normal):
        until = note_invitation(fleet.repository, host, wanted)
    return Access(link(_page_of(fleet, normal), secret), until)


def declared_mailbox(fleet: Fleet, address: str) -> str:
    """Normal form of an address that a charter declares as a mailbox; else ``InvalidInput``."""
    normal = normal_address(address) or ""
    if fleet.index.kind_of_address(normal) != "account":
        raise not_found(fleet, address)
    return normal


def _page_of(fleet: Fleet, normal: str) -> str:
    """Name of the host that serves the page where a password is chosen: the holder's."""
    mail = fleet.platform.mail
    if mail.placement:
        return mail.placement.hosts[holders(fleet, normal)[0]]
    return min(mail.mx, key=lambda name: (mail.mx[name], name))


def holders(fleet: Fleet, normal: str) -> list[str]:
    """Mail hosts that hold the mailbox `normal`: one where there are several, else all.

    An address that left its charter is where its domain's collectivity is.
    """
    placement = fleet.platform.mail.placement
    if placement is None:
        return mail_hosts(fleet)
    index = fleet.index
    slugs = index.holders_of_address(normal) or index.holders_of_domain(normal.rpartition("@")[2])
    facts = fleet.facts(slugs[0]) if slugs else None
    return [placement.holder(facts.slug, facts.siren) if facts else placement.default]


def mail_hosts(fleet: Fleet) -> list[str]:
    """Names of the mail hosts of the environment."""
    repository = fleet.repository
    name = repository.relative(repository.inventory / "hosts.yml")
    return Hosts.read(repository.inventory, name, fleet.platform).of("mail")
