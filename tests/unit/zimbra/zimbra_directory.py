# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the imitated Zimbra: entries, one space of names, and what it refuses.

Written from store/docs/soap-admin.txt and the handlers of Zimbra/zm-mailbox; where releases
differ (members that a list has already) the stricter one can be asked for.
"""

from __future__ import annotations

import re
import uuid


class Refused(Exception):
    """A fault: Zimbra's code and a sentence."""

    def __init__(self, code, reason):
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


STATUSES = {"active", "closed", "locked", "lockout", "maintenance", "pending"}
_FLAG = re.compile(r"TRUE|FALSE")
_NUMBER = re.compile(r"[0-9]+")
_ANY = re.compile(r".{1,1024}", re.DOTALL)
_STATUS = re.compile("|".join(sorted(STATUSES)))
_COMMON = {"zimbraNotes": _ANY, "description": _ANY, "displayName": _ANY}
_ACCOUNT = _COMMON | {
    "zimbraAccountStatus": _STATUS,
    "zimbraMailQuota": _NUMBER,
    "zimbraCOSId": _ANY,
    "zimbraIsSystemAccount": _FLAG,
    "zimbraIsAdminAccount": _FLAG,
    "zimbraPasswordMustChange": _FLAG,
}
SCHEMA = {
    "cos": _COMMON | {"zimbraMailQuota": _NUMBER},
    "domain": _COMMON
    | {"zimbraDomainStatus": re.compile("active|maintenance|locked|closed|suspended|shutdown")},
    "account": _ACCOUNT,
    "calresource": _ACCOUNT | {"zimbraCalResType": re.compile("Location|Equipment")},
    "dl": _COMMON | {"zimbraDistributionListSendShareMessageToNewMembers": _FLAG},
}
"""Attributes that may be written, by the name of the element, with the form of their value."""
GONE = {
    "cos": "account.NO_SUCH_COS",
    "domain": "account.NO_SUCH_DOMAIN",
    "account": "account.NO_SUCH_ACCOUNT",
    "calresource": "account.NO_SUCH_CALENDAR_RESOURCE",
    "dl": "account.NO_SUCH_DISTRIBUTION_LIST",
}
_MULTIPLE = {"zimbraMailAlias", "zimbraMailForwardingAddress"}
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class Directory:
    """Entries by id: ``{"kind", "name", "attributes": {name: [values]}, "password"}``."""

    def __init__(self, *, strict_members=False):
        self.entries = {}
        self.strict_members = strict_members

    def create(self, kind, name, attributes, password=""):
        name = name.strip().lower() if kind != "cos" else name.strip()
        if not name:
            raise Refused("service.INVALID_REQUEST", "missing required attribute: name")
        attributes = self._checked(kind, attributes)
        if kind == "calresource":
            for needed in ("displayName", "zimbraCalResType"):
                if needed not in attributes:
                    raise Refused("service.INVALID_REQUEST", f"missing {needed}")
        if kind in {"cos", "domain"}:
            if self.named(kind, name):
                raise Refused(f"account.{kind.upper()}_EXISTS", f"exists: {name}")
        else:
            self._claim(name, "account.ACCOUNT_EXISTS")
            if kind != "dl":
                attributes.setdefault("zimbraAccountStatus", ["active"])
        made = {"kind": kind, "name": name, "attributes": attributes, "password": password}
        key = str(uuid.uuid4())
        self.entries[key] = made
        return key

    def modify(self, kind, key, attributes):
        entry = self.get(kind, "id", key)[1]
        self._open_domain(entry)
        for name, values in self._checked(kind, attributes, removing=True).items():
            if values == [""]:
                entry["attributes"].pop(name, None)
            else:
                entry["attributes"][name] = values
        if "closed" in attributes.get("zimbraAccountStatus", []):
            self._out_of_lists({entry["name"], *entry["attributes"].get("zimbraMailAlias", [])})

    def set_password(self, key, password):
        """An administrator's: rules for passwords do not bind it, and it ends `must change`."""
        entry = self.get("account", "id", key)[1]
        self._open_domain(entry)
        entry["password"] = password
        entry["attributes"].pop("zimbraPasswordMustChange", None)
        entry["attributes"]["zimbraPasswordModifiedTime"] = ["20260101000000Z"]

    def delete_list(self, key):
        entry = self.get("dl", "id", key)[1]
        self._open_domain(entry)
        del self.entries[key]
        self._out_of_lists({entry["name"], *entry["attributes"].get("zimbraMailAlias", [])})

    def add_alias(self, key, alias):
        entry = self.get("account", "id", key)[1]
        alias = alias.strip().lower()
        # Also for an alias that the account has already.
        self._claim(alias, "account.ACCOUNT_EXISTS")
        entry["attributes"].setdefault("zimbraMailAlias", []).append(alias)

    def remove_alias(self, key, alias):
        entry = self.get("account", "id", key)[1]
        have = entry["attributes"].get("zimbraMailAlias", [])
        if alias not in have:
            raise Refused("account.NO_SUCH_ALIAS", f"no such alias: {alias}")
        have.remove(alias)
        self._out_of_lists({alias})
        if not have:
            del entry["attributes"]["zimbraMailAlias"]

    def add_members(self, key, addresses):
        entry = self.get("dl", "id", key)[1]
        have = entry["attributes"].setdefault("zimbraMailForwardingAddress", [])
        for address in addresses:
            if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
                raise Refused("service.INVALID_REQUEST", f"no address: {address}")
            if address.lower() == entry["name"]:
                raise Refused("service.INVALID_REQUEST", "cannot add self as a member")
            if self.strict_members and address.lower() in have:
                raise Refused("account.MEMBER_EXISTS", f"is a member: {address}")
        have += sorted({one.lower() for one in addresses} - {*have})

    def remove_members(self, key, addresses):
        entry = self.get("dl", "id", key)[1]
        have = entry["attributes"].get("zimbraMailForwardingAddress", [])
        for address in addresses:  # one that is none: nothing is removed
            if address.lower() not in have:
                raise Refused("account.NO_SUCH_MEMBER", f"no member: {address}")
        self._out_of_lists({one.lower() for one in addresses}, only=entry)

    def get(self, kind, by, value):
        """``(id, entry)``; an account answers to its aliases."""
        for key, entry in self.entries.items():
            if entry["kind"] != kind:
                continue
            names = {entry["name"], *entry["attributes"].get("zimbraMailAlias", [])}
            if (by == "id" and key == value) or (by == "name" and value.lower() in names):
                return key, entry
        raise Refused(GONE[kind], f"no such {kind}: {value}")

    def named(self, kind, name):
        """The entry of this very name, or None."""
        found = (one for one in self.entries.values() if one["kind"] == kind)
        return next((one for one in found if one["name"] == name), None)

    def holder(self, address):
        """Kind and name of the entry that answers to `address`, or None."""
        for entry in self.entries.values():
            if entry["kind"] in {"cos", "domain"}:
                continue
            if address in {entry["name"], *entry["attributes"].get("zimbraMailAlias", [])}:
                return entry["kind"], entry["name"]
        return None

    def _claim(self, address, code):
        local, _, domain = address.rpartition("@")
        if not _LOCAL.fullmatch(local):
            raise Refused("service.INVALID_REQUEST", f"invalid email address: {address}")
        there = self.named("domain", domain)
        if there is None:
            raise Refused("account.NO_SUCH_DOMAIN", f"no such domain: {domain}")
        self._open_domain({"kind": "account", "name": address})
        if self.holder(address):
            raise Refused(code, f"email address already exists: {address}")

    def _open_domain(self, entry):
        if entry["kind"] in {"cos", "domain"}:
            return
        domain = self.named("domain", entry["name"].rpartition("@")[2])
        status = (domain or {"attributes": {}})["attributes"].get("zimbraDomainStatus", ["active"])
        if status[0] in {"suspended", "shutdown", "closed"}:
            raise Refused("service.PERM_DENIED", f"domain is {status[0]}")

    def _checked(self, kind, attributes, *, removing=False):
        for name, values in attributes.items():
            if name not in SCHEMA[kind]:
                raise Refused("account.INVALID_ATTR_NAME", f"invalid attr name: {name}")
            if removing and values == [""]:
                continue
            if len(values) > 1 and name not in _MULTIPLE:
                raise Refused("account.INVALID_ATTR_VALUE", f"{name} is single-valued")
            for value in values:
                if not SCHEMA[kind][name].fullmatch(value):
                    raise Refused("account.INVALID_ATTR_VALUE", f"{name}: {value!r}")
            if name == "zimbraCOSId" and self.entries.get(values[0], {}).get("kind") != "cos":
                raise Refused("account.NO_SUCH_COS", f"no such cos: {values[0]}")
        return {name: list(values) for name, values in attributes.items()}

    def _out_of_lists(self, addresses, only=None):
        lists = [only] if only else [e for e in self.entries.values() if e["kind"] == "dl"]
        for one in lists:
            have = one["attributes"].get("zimbraMailForwardingAddress", [])
            one["attributes"]["zimbraMailForwardingAddress"] = [
                member for member in have if member not in addresses
            ]
