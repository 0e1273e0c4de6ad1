# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation's provider, calling Cloudflare's API as the real one: one call for each change.

Used where CLOUDFLARE_BASE_URL is set, with the imitation of the API in tests/unit/cloudflare.
"""

import json
import urllib.error
import urllib.request

from pulumi_cloud import Refused


class ApiCloud:
    """The account that the token opens."""

    def __init__(self, url, token):
        self._url, self._token = url, token

    def make(self, kind, inputs):
        if kind == "Zone":
            return self._call("POST", "/zones", inputs)["id"]
        zone = f"/zones/{inputs['zoneId']}"
        if kind == "DnsRecord":
            return self._call("POST", f"{zone}/dns_records", record(inputs))["id"]
        if kind == "Ruleset":
            return self._call("POST", f"{zone}/rulesets", ruleset(inputs))["id"]
        self.change(kind, "", inputs)
        return inputs.get("settingId", inputs["zoneId"])

    def change(self, kind, identifier, inputs):
        if kind == "Zone":
            raise AssertionError("nothing of a zone changes in place")
        zone = f"/zones/{inputs['zoneId']}"
        if kind == "DnsRecord":
            self._call("PUT", f"{zone}/dns_records/{identifier}", record(inputs))
        elif kind == "Ruleset":
            self._call("PUT", f"{zone}/rulesets/{identifier}", ruleset(inputs))
        elif kind == "ZoneDnssec":
            self._call("PATCH", f"{zone}/dnssec", {"status": inputs["status"]})
        else:
            self._call(
                "PATCH", f"{zone}/settings/{inputs['settingId']}", {"value": inputs["value"]}
            )

    def remove(self, kind, identifier, inputs):
        if kind == "Zone":
            raise AssertionError("no run deletes a zone")
        if kind == "DnsRecord":
            self._call("DELETE", f"/zones/{inputs['zoneId']}/dns_records/{identifier}")
        elif kind == "Ruleset":
            self._call("DELETE", f"/zones/{inputs['zoneId']}/rulesets/{identifier}")
        elif kind == "ZoneDnssec":
            self._call("PATCH", f"/zones/{inputs['zoneId']}/dnssec", {"status": "disabled"})

    def read(self, kind, import_id):
        # ``zones/ZONE/RULESET``, where other kinds have ``ZONE/IDENTIFIER``.
        zone, _, number = import_id.removeprefix("zones/").partition("/")
        try:
            if kind == "Zone":
                found = self._call("GET", f"/zones/{zone}")
                shown = {"name": found["name"], "type": found["type"]}
                return zone, {**shown, "account": {"id": found["account"]["id"]}}
            if kind == "Ruleset":
                found = self._call("GET", f"/zones/{zone}/rulesets/{number}")
                return number, {"zoneId": zone, **shown_ruleset(found)}
            found = self._call("GET", f"/zones/{zone}/dns_records/{number}")
        except Refused:
            return None
        inputs = {"zoneId": zone, **{k: found[k] for k in ("name", "type", "ttl")}}
        if "data" in found:
            inputs["data"] = {camel(k): v for k, v in found["data"].items()}
        else:
            inputs["content"] = found["content"]
        given = {k: found[k] for k in ("priority", "comment", "proxied") if found.get(k)}
        return number, inputs | given

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            with error:
                found = json.loads(error.read())["errors"][0]
            raise Refused(f"{error.code} {error.reason}", found["code"], found["message"]) from None


def camel(name):
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def snake(name):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def ruleset(inputs):
    return snake_keys({k: v for k, v in inputs.items() if k != "zoneId"})


def shown_ruleset(found):
    """Inputs that leave a ruleset as it is."""
    shown = {k: found[k] for k in ("kind", "name", "phase", "description") if found.get(k)}
    computed = {"id", "version", "last_updated"}
    rules = [{k: v for k, v in one.items() if k not in computed} for one in found["rules"]]
    return {**shown, "rules": camel_keys(rules)}


def camel_keys(value):
    return keys(value, camel)


def snake_keys(value):
    return keys(value, snake)


def keys(value, change):
    if isinstance(value, dict):
        return {change(k): keys(v, change) for k, v in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [keys(one, change) for one in value] if isinstance(value, list) else value


def record(inputs):
    """The body of a request: whole numbers as such, names as the API has them."""
    body = {snake(k): v for k, v in inputs.items() if k != "zoneId"}
    if "data" in body:
        body["data"] = {snake(k): v for k, v in body["data"].items()}
    return body
