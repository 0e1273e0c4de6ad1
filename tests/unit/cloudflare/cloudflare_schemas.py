# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds answers of the imitation against what Cloudflare publishes of its own."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import jsonschema
from cloudflare_fake import PREFIX
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_NAME = "urn:cloudflare:v4"
PUBLISHED = Path(__file__).parents[2] / "data" / "cloudflare" / "cloudflare-openapi-subset.json"
_SDK, _LISTS = "#/x-sdk-schemas/", "/accounts/{account_id}/rules/lists"
RECORD, ZONE, LIST = f"{_SDK}DnsRecordResponse", f"{_SDK}Zone", "#/components/schemas/lists_list"
OPERATION = "#/components/schemas/lists_operation"
# What a result is, where the description of 2024 lacks it or is older than the types of the
# official client, or contradicts itself (a list that is an array and an object).
RESULTS = {
    "/zones/{zone_id}/dns_records": {"GET": [RECORD], "POST": RECORD},
    "/zones/{zone_id}/dns_records/batch": {"POST": f"{_SDK}DnsRecordBatchResponse"},
    "/zones/{zone_id}/dns_records/{dns_record_id}": {"GET": RECORD, "PUT": RECORD, "PATCH": RECORD},
    "/zones/{zone_id}/dnssec": {"GET": f"{_SDK}DNSSEC", "PATCH": f"{_SDK}DNSSEC"},
    "/zones": {"GET": [ZONE], "POST": ZONE},
    "/zones/{zone_id}": {"GET": ZONE, "PATCH": ZONE},
    _LISTS: {"GET": [LIST], "POST": LIST},
    _LISTS + "/{list_id}": {"GET": LIST, "PUT": LIST},
    _LISTS + "/bulk_operations/{operation_id}": {"GET": OPERATION},
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
    known = sorted({*published()["paths"], *RESULTS}, key=lambda one: one.count("{"))
    template = next((one for one in known if _is(one, path)), None)
    if template is None:
        raise LookupError(f"{method} {path} is not described")
    result = RESULTS.get(template, {}).get(method)
    if result:
        schema = {"$ref": result if isinstance(result, str) else result[0]}
        validate(
            answer["result"],
            schema if isinstance(result, str) else {"type": "array", "items": schema},
        )
        return
    if template.startswith("/accounts/"):
        return
    described = published()["paths"][template][method.lower()]["responses"]
    schema = described.get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema:
        validate(answer, schema)


def _is(template, path):
    return re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path)


@functools.cache
def registry():
    resource = Resource.from_contents(published(), default_specification=DRAFT202012)
    return Registry().with_resource(_NAME, resource).crawl()


def validate(value, schema):
    """Raise unless `value` is of `schema`, whose references are into the published document."""
    named = json.loads(json.dumps(schema).replace('"#/', f'"{_NAME}#/'))
    jsonschema.Draft202012Validator(named, registry=registry()).validate(value)
