# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of the imitation: one by one, and in batches that are done whole or not at all."""

from __future__ import annotations

import copy
import datetime as dt
import math
import uuid

from cloudflare_record_rules import Refused, checked, refuse_apart_from_ns, refuse_conflicts

MOST_OPERATIONS = {"free": 200}


class Records:
    """What the imitation does with records; `plan` is that of its zones."""

    plan: str

    def list_records(self, zone, query):
        found = list(zone["records"].values())
        for key in ("type", "content", "comment"):
            if wanted := query.get(key) or query.get(f"{key}.exact"):
                found = [one for one in found if str(one.get(key)).lower() == wanted.lower()]
        if wanted := query.get("name") or query.get("name.exact"):
            found = [one for one in found if one["name"] == wanted.lower().rstrip(".")]
        if wanted := query.get("search"):
            found = [one for one in found if wanted in f"{one['name']} {one['content']}"]
        found.sort(key=lambda one: (one[query.get("order", "type")], one["name"], one["content"]))
        return page(found, query, 100, 5, 5_000_000)

    def add(self, zone, given, *, check=True):
        """Store one record; with `check`, what stands beside it is looked at as well."""
        record = checked(zone["ascii"], self.plan, given)
        refuse_conflicts(record, zone["records"].values())
        if len(zone["records"]) >= self.quota:
            raise Refused(400, 81045, "Record quota exceeded.")
        stamp = now()
        stamps = {"meta": {}, "created_on": stamp, "modified_on": stamp}
        if record["comment"]:
            stamps["comment_modified_on"] = stamp
        record = {"id": uuid.uuid4().hex, **record, **stamps}
        zone["records"][record["id"]] = record
        if check:
            self._all_or_nothing(zone, lambda: zone["records"].pop(record["id"]))
        return record

    def _all_or_nothing(self, zone, undo):
        try:
            refuse_apart_from_ns(zone["ascii"], zone["records"].values())
        except Refused:
            undo()
            raise

    def make_record(self, zone, body):
        return self.add(zone, body)

    def _record(self, zone, record_id):
        try:
            return zone["records"][record_id]
        except KeyError:
            raise Refused(404, 81044, "Record does not exist.") from None

    def get_record(self, zone, record_id):
        return self._record(zone, record_id)

    def put_record(self, zone, record_id, body, *, check=True):
        missing = [key for key in ("name", "type", "ttl") if key not in body]
        if missing:
            raise Refused(400, 9207, f"{missing[0]} is a required field.")  # not seen
        return self._replace(zone, self._record(zone, record_id), body, check=check)

    def patch_record(self, zone, record_id, body, *, check=True):
        before = self._record(zone, record_id)
        return self._replace(zone, before, {**before, **body}, check=check)

    def _replace(self, zone, before, given, *, check):
        if before["meta"].get("read_only"):
            raise Refused(400, 1043, "This record is read only")  # not seen
        record = checked(zone["ascii"], self.plan, given)
        others = [one for one in zone["records"].values() if one["id"] != before["id"]]
        refuse_conflicts(record, others)
        kept = {key: before[key] for key in ("id", "meta", "created_on")}
        after = {**record, **kept, "modified_on": now()}
        zone["records"][before["id"]] = after
        if check:
            self._all_or_nothing(zone, lambda: zone["records"].update({before["id"]: before}))
        return after

    def delete_record(self, zone, record_id, *, check=True):
        record = self._record(zone, record_id)
        del zone["records"][record_id]
        if check:
            self._all_or_nothing(zone, lambda: zone["records"].update({record_id: record}))
        return {"id": record_id}

    def batch(self, zone, body):
        """Deletes, patches, puts, posts, all or nothing; the first error is the answer."""
        names = ("deletes", "patches", "puts", "posts")
        todo = {name: list(body.get(name) or ()) for name in names}
        most = MOST_OPERATIONS.get(self.plan, 3500)
        if sum(map(len, todo.values())) > most:
            message = f"The batch has more than {most} operations."  # not seen
            raise Refused(400, 1004, "DNS Validation Error", (9500, message))
        before = copy.copy(zone["records"])
        steps = {
            "deletes": lambda one: self.delete_record(zone, one["id"], check=False),
            "patches": lambda one: self.patch_record(zone, one["id"], one, check=False),
            "puts": lambda one: self.put_record(zone, one["id"], one, check=False),
            "posts": lambda one: self.add(zone, one, check=False),
        }
        try:
            done = {}
            for name in names:
                deleted = [before.get(one.get("id")) for one in todo[name]]
                answers = [steps[name](one) for one in todo[name]]
                done[name] = deleted if name == "deletes" else answers
            refuse_apart_from_ns(zone["ascii"], zone["records"].values())
        except Refused:
            zone["records"] = before
            raise
        return {name: list(done[name]) for name in names if todo[name]}


def page(found, query, default, least, most):
    try:
        number, size = int(query.get("page", 1)), int(query.get("per_page", default))
    except ValueError:
        raise Refused(400, 1004, "Invalid value for page or per_page") from None  # not seen
    if not least <= size <= most or number < 1:
        message = f"per_page must be between {least} and {most}"  # not seen
        raise Refused(400, 1004, message)
    part = found[(number - 1) * size : number * size]
    return part, {
        "page": number,
        "per_page": size,
        "count": len(part),
        "total_count": len(found),
        "total_pages": math.ceil(len(found) / size),
    }


def now():
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
