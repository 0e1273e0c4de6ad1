# SPDX-License-Identifier: GPL-3.0-or-later
"""What the imitation's provider keeps: zones and records, with Cloudflare's refusals.

One JSON file, locked while it is used, so that several processes may work on it.  Only what stacks
can meet is here; the API itself is imitated in tests/unit/cloudflare.
"""

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path


class Refused(Exception):
    """Cloudflare said no; the words are those that the provider passes on."""

    def __init__(self, status, code, message):
        super().__init__(f'{status}: {{"code":{code},"message":"{message}"}}')


class Cloud:
    """Zones by identifier, each with its records."""

    def __init__(self, file):
        self._file = Path(file)

    @contextlib.contextmanager
    def _open(self):
        with self._file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            data = json.loads(file.read() or '{"zones": {}, "calls": []}')
            try:
                yield data
            finally:
                file.seek(0)
                file.truncate()
                json.dump(data, file, indent=1)
                file.flush()
                os.fsync(file.fileno())

    @property
    def data(self):
        with self._open() as data:
            return data

    @property
    def calls(self):
        """Every writing call, in order."""
        return self.data["calls"]

    def records(self, name):
        """Records of the zone of that name: sorted (type, name, content or data)."""
        for zone in self.data["zones"].values():
            if zone["name"] == name:
                return sorted(
                    (r["type"], r["name"], r.get("content") or json.dumps(r.get("data")))
                    for r in zone["records"].values()
                )
        return None

    def make(self, kind, inputs):
        """Create; gives the identifier."""
        with self._open() as data:
            self._throttle(data)
            data["calls"].append(["create", kind, inputs.get("name", inputs.get("zoneId"))])
            if kind == "Zone":
                return self._make_zone(data, inputs)
            zone = self._zone(data, inputs)
            if kind == "DnsRecord":
                record = {k: v for k, v in inputs.items() if k != "zoneId"}
                self._check(zone, record, None)
                return self._put(data, zone, record)
            zone.setdefault(kind, {})[inputs.get("settingId", "status")] = inputs
            return inputs.get("settingId", inputs["zoneId"])

    def change(self, kind, identifier, inputs):
        """Update in place."""
        with self._open() as data:
            self._throttle(data)
            data["calls"].append(["update", kind, inputs.get("name", inputs.get("zoneId"))])
            if kind == "Zone":
                data["zones"][identifier] |= inputs
                return
            zone = self._zone(data, inputs)
            if kind == "DnsRecord":
                record = {k: v for k, v in inputs.items() if k != "zoneId"}
                self._check(zone, record, identifier)
                zone["records"][identifier] = record
            else:
                zone.setdefault(kind, {})[inputs.get("settingId", "status")] = inputs

    def remove(self, kind, identifier, inputs):
        """Delete; a setting stays as it is, as with the real provider."""
        with self._open() as data:
            self._throttle(data)
            data["calls"].append(["delete", kind, inputs.get("name", inputs.get("zoneId"))])
            if kind == "Zone":
                del data["zones"][identifier]
            elif kind == "DnsRecord":
                if identifier not in self._zone(data, inputs)["records"]:
                    raise Refused("404 Not Found", 81044, "Record does not exist.")
                del self._zone(data, inputs)["records"][identifier]

    def read(self, kind, import_id):
        """``(identifier, inputs)`` of what an import names; None when it is not there."""
        with self._open() as data:
            zone_id, _, record_id = import_id.partition("/")
            zone = data["zones"].get(zone_id)
            if zone is None:
                return None
            if kind == "Zone":
                shown = {k: zone[k] for k in ("name", "account", "type")}
                return zone_id, shown
            record = zone["records"].get(record_id)
            return record and (record_id, {**record, "zoneId": zone_id})

    def throttle(self, count):
        """The next `count` writing calls are answered by 429."""
        with self._open() as data:
            data["throttle"] = count

    @staticmethod
    def _throttle(data):
        if data.get("throttle"):
            data["throttle"] -= 1
            raise Refused("429 Too Many Requests", 971, "Please wait and consider throttling.")

    def _make_zone(self, data, inputs):
        if any(zone["name"] == inputs["name"] for zone in data["zones"].values()):
            raise Refused("400 Bad Request", 1061, f"{inputs['name']} already exists.")
        if inputs["name"].startswith("xn--"):
            raise AssertionError("a zone is named in Unicode")
        identifier = _identifier("zone", inputs["name"])
        data["zones"][identifier] = {**inputs, "records": {}}
        return identifier

    @staticmethod
    def _zone(data, inputs):
        zone = data["zones"].get(inputs["zoneId"])
        if zone is None:
            raise Refused("403 Forbidden", 10000, "Authentication error")
        return zone

    @staticmethod
    def _check(zone, record, identifier):
        others = [r for i, r in zone["records"].items() if i != identifier]
        same_name = [r for r in others if r["name"] == record["name"]]
        value = (record["type"], record.get("content"), record.get("data"))
        if any((r["type"], r.get("content"), r.get("data")) == value for r in same_name):
            raise Refused("400 Bad Request", 81058, "An identical record already exists.")
        if record["type"] == "CNAME" and same_name:
            raise Refused(
                "400 Bad Request",
                81053,
                "An A, AAAA, or CNAME record with that host already exists.",
            )
        if any(r["type"] == "CNAME" for r in same_name):
            raise Refused("400 Bad Request", 81054, "A CNAME record with that host already exists.")
        if record.get("proxied") and record["ttl"] != 1:
            raise Refused("400 Bad Request", 9021, "TTL must be 1 for a proxied record.")

    @staticmethod
    def _put(data, zone, record):
        data["made"] = data.get("made", 0) + 1
        identifier = _identifier("record", data["made"])
        zone["records"][identifier] = record
        return identifier


def _identifier(*facts):
    return hashlib.md5(repr(facts).encode()).hexdigest()
