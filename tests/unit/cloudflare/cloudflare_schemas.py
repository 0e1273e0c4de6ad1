# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds answers of the imitation against what Cloudflare publishes of its own."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import jsonschema
from cloudflare_fake import PREFIX

PUBLISHED = Path(__file__).parents[2] / "data" / "cloudflare" / "cloudflare-openapi-subset.json"
# The types of the official client are newer than the OpenAPI description beside them.
RECORD, RECORDS = "DnsRecordResponse", ["DnsRecordResponse"]
NEWER = {
    "/zones/{zone_id}/dns_records": {"GET": RECORDS, "POST": RECORD},
    "/zones/{zone_id}/dns_records/batch": {"POST": "DnsRecordBatchResponse"},
    "/zones/{zone_id}/dns_records/{dns_record_id}": {"GET": RECORD, "PUT": RECORD, "PATCH": RECORD},
    "/zones/{zone_id}/dnssec": {"GET": "DNSSEC", "PATCH": "DNSSEC"},
    "/zones": {"GET": ["Zone"], "POST": "Zone"},
    "/zones/{zone_id}": {"GET": "Zone", "PATCH": "Zone"},
}
FAILURE = "#/components/schemas/dns-records_api-response-common-failure"


@functools.cache
def published():
    """The document, with OpenAPI's `nullable` said as JSON Schema says it."""
    return json.loads(PUBLISHED.read_text("utf-8"), object_hook=_plain)


def _plain(one):
    if one.pop("nullable", False):
        if isinstance(one.get("type"), str):
            one["type"] = [one["type"], "null"]
        if "enum" in one:
            one["enum"] = [*one["enum"], None]
    return one


def check(method, target, status, body):
    """Raise unless `body` is an answer that Cloudflare's own description allows."""
    path = target.removeprefix(PREFIX).partition("?")[0]
    if status == 429:
        return  # its code is below those that the description knows
    answer = json.loads(body)
    if status != 200:
        validate(answer, {"$ref": FAILURE})
        return
    known = sorted({*published()["paths"], *NEWER}, key=lambda one: one.count("{"))
    template = next((one for one in known if _is(one, path)), None)
    if template is None:
        raise LookupError(f"{method} {path} is not described")
    newer = NEWER.get(template, {}).get(method)
    if newer:
        reference = {"$ref": f"#/x-sdk-schemas/{newer if isinstance(newer, str) else newer[0]}"}
        validate(
            answer["result"],
            reference if isinstance(newer, str) else {"type": "array", "items": reference},
        )
        return
    described = published()["paths"][template][method.lower()]["responses"]
    schema = described.get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema:
        validate(answer, schema)


def _is(template, path):
    return re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path)


def validate(value, schema):
    jsonschema.Draft202012Validator({**published(), **schema}).validate(value)
