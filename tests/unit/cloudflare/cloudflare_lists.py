# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk redirects of the imitation: lists of an account, whose items change asynchronously."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from cloudflare_fake_records import now
from cloudflare_record_rules import Refused

ID = "([0-9a-f]{32})"
KINDS = frozenset({"ip", "redirect", "hostname", "asn"})


class Lists:
    """The lists of one account, their items, and what is still being done to them.

    An operation is told `pending` once, and is carried out when it is asked for again.
    """

    def __init__(self):
        self.lists = {}
        self.items = {}
        self.operations = {}

    def get(self, list_id):
        try:
            return {**self.lists[list_id], "num_items": len(self.items[list_id])}
        except KeyError:
            raise Refused(404, 10001, "could not find list") from None

    def begin(self, list_id, work):
        self.get(list_id)
        operation = uuid.uuid4().hex
        self.operations[operation] = [work, "pending"]
        return {"operation_id": operation}


def list_lists(fake, account):
    lists = of(fake, account)
    return [lists.get(one) for one in lists.lists]


def make_list(fake, account, body):
    lists = of(fake, account)
    if body.get("kind") not in KINDS or not body.get("name"):
        raise Refused(400, 10024, "invalid list")  # not seen
    if any(one["name"] == body["name"] for one in lists.lists.values()):
        raise Refused(400, 10025, "a list with this name already exists")  # not seen
    stamp, key = now(), uuid.uuid4().hex
    lists.lists[key] = {
        "id": key,
        "kind": body["kind"],
        "name": body["name"],
        "description": body.get("description", ""),
        "num_referencing_filters": 0,
        "created_on": stamp,
        "modified_on": stamp,
    }
    lists.items[key] = {}
    return lists.get(key)


def get_list(fake, account, list_id):
    return of(fake, account).get(list_id)


def edit_list(fake, account, list_id, body):
    lists = of(fake, account)
    lists.get(list_id)
    lists.lists[list_id]["description"] = body.get("description", "")
    return lists.get(list_id)


def delete_list(fake, account, list_id):
    lists = of(fake, account)
    lists.get(list_id)
    del lists.lists[list_id], lists.items[list_id]
    return {"id": list_id}


def list_items(fake, account, list_id):
    lists = of(fake, account)
    lists.get(list_id)
    return list(lists.items[list_id].values()), {"cursors": {}}


def add_items(fake, account, list_id, listed):
    lists = of(fake, account)
    new = [item(one) for one in listed]

    def work():
        kept = {source(one): one for one in lists.items[list_id].values()}
        kept |= {source(one): one for one in new}
        lists.items[list_id] = {one["id"]: one for one in kept.values()}

    return lists.begin(list_id, work)


def put_items(fake, account, list_id, listed):
    lists = of(fake, account)
    new = {one["id"]: one for one in map(item, listed)}
    return lists.begin(list_id, lambda: lists.items.update({list_id: new}))


def delete_items(fake, account, list_id, body):
    lists = of(fake, account)
    gone = [one["id"] for one in body.get("items") or ()]
    return lists.begin(list_id, lambda: [lists.items[list_id].pop(one, None) for one in gone])


def get_operation(fake, account, operation):
    lists = of(fake, account)
    try:
        work, status = lists.operations[operation]
    except KeyError:
        raise Refused(404, 10001, "could not find operation") from None
    if status == "pending":
        lists.operations[operation][1] = "completed"
        return {"id": operation, "status": "pending"}
    if work:
        work()
        lists.operations[operation][0] = None
    return {"id": operation, "status": "completed", "completed": now()}


def item(given):
    redirect = given.get("redirect")
    if redirect is not None:
        parts = urlsplit("//" + redirect.get("source_url", "").partition("://")[2])
        bare = urlsplit("//" + redirect.get("source_url", ""))
        if not (parts.path or bare.path) or not redirect.get("target_url"):
            raise Refused(400, 10026, "source_url needs a path, target_url an address")  # not seen
    kept = {key: given[key] for key in given.keys() & {"redirect", "ip", "hostname", "asn"}}
    if len(kept) != 1:
        raise Refused(400, 10026, "an item has one value")  # not seen
    stamp = now()
    stamps = {"created_on": stamp, "modified_on": stamp}
    return {"id": uuid.uuid4().hex, **kept, "comment": given.get("comment", ""), **stamps}


def source(one):
    return str(one.get("redirect", {}).get("source_url") or one)


def of(fake, account):
    if account != fake.account:
        raise Refused(403, 9109, "Unauthorized to access requested resource")
    return fake.lists


_LISTS = f"/accounts/{ID}/rules/lists"
LIST_ROUTES = {
    _LISTS: {"GET": list_lists, "POST": make_list},
    f"{_LISTS}/{ID}": {"GET": get_list, "PUT": edit_list, "DELETE": delete_list},
    f"{_LISTS}/{ID}/items": {
        "GET": list_items,
        "POST": add_items,
        "PUT": put_items,
        "DELETE": delete_items,
    },
    f"{_LISTS}/bulk_operations/{ID}": {"GET": get_operation},
}
