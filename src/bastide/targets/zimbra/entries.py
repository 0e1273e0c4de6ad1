# SPDX-License-Identifier: GPL-3.0-or-later
"""How an entry of Zimbra's directory reads as a resource of Bastide, and back.

Addresses and bodies (plain JSON) of what this back end serves:

=================================  ============================================================
``cos:bastide-5g``                 ``{"quota": bytes}``
``domain:cahors.fr``               ``{}``
``account:maire@cahors.fr``        ``{"quota": bytes or None, "cos": name or None, "state":
                                   "active" or "suspended", "delivery": "keep" or "bounce"}``
``alias:contact@cahors.fr``        ``{"account": "maire@cahors.fr"}``
``list:conseil@cahors.fr``         ``{"members": [sorted addresses, here or elsewhere]}``
``resource:salle@cahors.fr``       ``{"type": "Location" or "Equipment", "name": text, "state",
                                   "delivery"}``
=================================  ============================================================

A quota of None is the one of the class of service; a class of None is the domain's.
Attributes: ``zimbra-attrs.xml`` of Zimbra/zm-mailbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from bastide.model.names import normal_address, to_ascii
from bastide.targets.zimbra.soap import ADMIN, Element, add_attributes, local, request

Body = dict[str, Any]
ENTRY_KINDS = {
    "cos": "cos",
    "domain": "domain",
    "account": "account",
    "dl": "list",
    "calresource": "resource",
}
"""Name of the element in an answer → kind of the resource."""
OBJECTS = {
    "cos": "Cos",
    "domain": "Domain",
    "account": "Account",
    "list": "DistributionList",
    "resource": "CalendarResource",
}
"""Kind of the resource → name of the object in requests."""
ATTRIBUTES = (
    "zimbraNotes",
    "zimbraAccountStatus",
    "zimbraMailQuota",
    "zimbraCOSId",
    "zimbraMailAlias",
    "zimbraMailForwardingAddress",
    "zimbraIsSystemAccount",
    "zimbraIsAdminAccount",
    "zimbraCalResType",
    "displayName",
)
"""Everything that is read, and so everything that can differ."""
_MARK = re.compile(r"bastide:([0-9]{9})\Z")
# `lockout` is the server's own answer to wrong passwords and passes by itself.
_STATES = {
    "": ("active", "keep"),
    "active": ("active", "keep"),
    "lockout": ("active", "keep"),
    "locked": ("suspended", "keep"),
    "pending": ("suspended", "bounce"),
    "closed": ("closed", "bounce"),
    "maintenance": ("maintenance", "keep"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the server gave it; `name` is in the normal form, `attributes` are lists."""

    kind: str
    id: str
    name: str
    attributes: Mapping[str, tuple[str, ...]]

    @property
    def address(self) -> str:
        """``account:maire@cahors.fr``."""
        return f"{self.kind}:{self.name}"

    @property
    def siren(self) -> str | None:
        """Whose the entry is; None when it does not bear Bastide's mark, or is the server's."""
        if self.is_system or self.one("zimbraIsAdminAccount") == "TRUE":
            return None
        found = _MARK.match(self.one("zimbraNotes"))
        return found[1] if found else None

    @property
    def is_system(self) -> bool:
        """True for what the server made for itself: spam training, synchronised address lists."""
        return self.one("zimbraIsSystemAccount") == "TRUE"

    @property
    def aliases(self) -> list[str]:
        """Further addresses of the entry, in the normal form, without its own."""
        found = {_address(one) for one in self.attributes.get("zimbraMailAlias", ())}
        return sorted(found - {self.name})

    def one(self, attribute: str) -> str:
        """The value of `attribute`, empty when there is none."""
        return next(iter(self.attributes.get(attribute, ())), "")

    def without_members(self, gone: AbstractSet[str]) -> Entry:
        """The list as it is once the addresses `gone` are no members any more."""
        name = "zimbraMailForwardingAddress"
        rest = tuple(one for one in self.attributes.get(name, ()) if _address(one) not in gone)
        return replace(self, attributes={**self.attributes, name: rest})

    def body(self, classes: Mapping[str, str]) -> Body:
        """The entry as a resource's body; `classes` maps the id of a class to its name."""
        if self.kind == "cos":
            return {"quota": _bytes(self.one("zimbraMailQuota"))}
        if self.kind == "domain":
            return {}
        if self.kind == "list":
            members = self.attributes.get("zimbraMailForwardingAddress", ())
            return {"members": sorted({_address(one) for one in members})}
        status = self.one("zimbraAccountStatus")
        state, delivery = _STATES.get(status, (status, "keep"))
        if self.kind == "resource":
            kind, name = self.one("zimbraCalResType"), self.one("displayName")
            return {"type": kind, "name": name, "state": state, "delivery": delivery}
        cos = self.one("zimbraCOSId")
        return {
            "quota": _bytes(self.one("zimbraMailQuota")),
            "cos": classes.get(cos, cos) or None,
            "state": state,
            "delivery": delivery,
        }


def read_entry(element: Element) -> Entry | None:
    """The entry that `element` of an answer tells of; None for an element that is none."""
    kind = ENTRY_KINDS.get(local(element))
    if kind is None:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for child in element:
        text = child.text or ""
        if local(child) == "a":
            name = child.get("n", "")
        elif local(child) == "dlm":  # GetDistributionList gives members so, a search as attribute
            name = "zimbraMailForwardingAddress"
        else:
            continue
        found[name] = (*found.get(name, ()), text)
    return Entry(kind, element.get("id", ""), normal_name(kind, element.get("name", "")), found)


def normal_name(kind: str, name: str) -> str:
    """The name as resources bear it: the server gives domains with their accents (IDN)."""
    if kind == "cos":
        return name
    if kind == "domain":
        return to_ascii(name) or name.lower()
    return _address(name)


def attributes_of(kind: str, siren: str, body: Body, classes: Mapping[str, str]) -> Element | None:
    """The ``<a>`` children that bring an entry to `body`, in an element to take them from.

    None when the class of service is unknown; `classes` maps a name to its id.  An empty
    value removes the attribute.
    """
    pairs = [("zimbraNotes", f"bastide:{siren}")]
    if kind == "cos":
        pairs.append(("zimbraMailQuota", str(body["quota"])))
    if kind == "list":
        # Otherwise every new member is told by mail which folders the list may see.
        pairs.append(("zimbraDistributionListSendShareMessageToNewMembers", "FALSE"))
    if kind == "resource":
        pairs += [("zimbraCalResType", body["type"]), ("displayName", body["name"])]
    if kind in {"account", "resource"}:
        pairs.append(("zimbraAccountStatus", status_of(body) or "active"))
    if kind == "account":
        cos = body["cos"]
        if cos is not None and cos not in classes:
            return None
        pairs.append(("zimbraMailQuota", "" if body["quota"] is None else str(body["quota"])))
        pairs.append(("zimbraCOSId", "" if cos is None else classes[cos]))
    return add_attributes(request("attributes"), pairs)


def creation(kind: str, name: str, attributes: Element) -> Element:
    """The request that makes an entry; without password, so that nobody can log in yet."""
    body = request(f"Create{OBJECTS[kind]}Request", ("name", name))
    # An account has no attribute to remove.
    body.extend(child for child in attributes if child.text)
    return body


def modification(kind: str, entry: Entry, attributes: Element) -> Element:
    """The request that changes the attributes of `entry`."""
    body = request(f"Modify{OBJECTS[kind]}Request", ("id", entry.id))
    body.extend(attributes)
    return body


def members(action: str, entry_id: str, addresses: list[str]) -> Element:
    """The request that adds (``Add``) or removes (``Remove``) members of a list."""
    children = [("dlm", one) for one in addresses]
    return request(f"{action}DistributionListMemberRequest", ("id", entry_id), *children)


def alias(action: str, entry_id: str, address: str) -> Element:
    """The request that gives (``Add``) an alias to an account or takes it away (``Remove``)."""
    return request(f"{action}AccountAliasRequest", ("id", entry_id), ("alias", address))


def own_element(answer: Element) -> Element | None:
    """The one entry in the answer to a creation or a question; None when there is none."""
    return next((one for one in answer if one.tag.startswith(f"{{{ADMIN}}}")), None)


def status_of(body: Body) -> str | None:
    """The zimbraAccountStatus that `body` asks for; None when it asks for no state there is."""
    if body.get("state") == "active":
        return "active"
    if body.get("state") != "suspended":
        return None
    # Never `closed`, which takes the address out of every list.
    return {"keep": "locked", "bounce": "pending"}.get(str(body.get("delivery")))


def _address(written: str) -> str:
    return normal_address(written) or written.lower()


def _bytes(written: str) -> int | None:
    return int(written) if written.isdecimal() else None
