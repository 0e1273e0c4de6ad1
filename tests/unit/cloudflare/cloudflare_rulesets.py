# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulesets of the imitation: one for a phase, whole or rule by rule, and what redirects answer.

https://developers.cloudflare.com/ruleset-engine/rulesets-api/ and the published description; codes
that no thread shows are marked so.
"""

from __future__ import annotations

import uuid

import cloudflare_rules_language as language
from cloudflare_record_rules import Refused

ID = "([0-9a-f]{32})"
REDIRECTS = "http_request_dynamic_redirect"
# Of the phases of zones, those that stacks and zones of ours may meet.
PHASES = frozenset(
    {REDIRECTS, "http_request_transform", "http_request_cache_settings", "http_request_origin"}
    | {"http_request_firewall_custom", "http_ratelimit", "http_config_settings"}
)
MOST = {"free": 10, "pro": 25, "business": 50, "enterprise": 125}
STATUSES = frozenset({301, 302, 303, 307, 308})
WHOLE = frozenset({"name", "description", "kind", "phase", "rules"})
RULE = frozenset(
    {"id", "ref", "action", "action_parameters", "expression", "description", "enabled", "logging"}
)
STAMP = "2026-01-01T00:00:00Z"


def rulesets(zone):
    return zone["more"].setdefault("rulesets", {})


def list_rulesets(_fake, zone):
    return [{k: v for k, v in one.items() if k != "rules"} for one in rulesets(zone).values()]


def make_ruleset(fake, zone, body):
    missing = [key for key in ("kind", "name", "phase") if key not in body]
    if missing:
        raise Refused(400, 20007, f"missing {missing[0]}")  # not seen
    if any(one["phase"] == body["phase"] for one in rulesets(zone).values()):
        message = (
            f"'zone' is not a valid value for kind because exceeded maximum number of zone "
            f"rulesets for phase {body['phase']}"
        )
        raise Refused(400, 20217, message)
    return store(fake, zone, uuid.uuid4().hex, body, None)


def store(fake, zone, ruleset_id, body, before):
    refuse_ruleset(body)
    there = (before or {}).get("rules", ())
    rules = [one for given in body.get("rules") or () if (one := rule_of(given, body, there))]
    if len({one["ref"] for one in rules}) < len(rules):
        raise Refused(400, 20127, "rule refs must be unique within a ruleset")  # not seen
    if body["phase"] == REDIRECTS and len(rules) > MOST[fake.plan]:
        message = (
            f"exceeded the maximum number of rules in the phase {REDIRECTS}: {len(rules)} out of "
            f"{MOST[fake.plan]}"
        )
        raise Refused(400, 20217, message)  # text and code not seen
    version = int(before["version"]) + 1 if before else 1
    made = {
        "id": ruleset_id, "name": body.get("name", "default"), "kind": body.get("kind", "zone"),
        "phase": body["phase"], "description": body.get("description", ""),
        "version": str(version), "last_updated": STAMP, "rules": rules,
    }  # fmt: skip
    rulesets(zone)[ruleset_id] = made
    return made


def refuse_ruleset(body):
    for name in sorted(body.keys() - WHOLE):
        raise Refused(400, 20007, f"unknown field {name!r}")  # not seen
    if body.get("kind", "zone") != "zone":
        raise Refused(400, 20217, f"{body['kind']!r} is not a valid value for kind")
    if body["phase"] not in PHASES:
        raise Refused(400, 20217, f"{body['phase']!r} is not a valid value for phase")


def rule_of(given, body, there):
    """One rule as it is kept; it is the one that was there by its id, or by its reference."""
    for name in sorted(given.keys() - RULE):
        raise Refused(400, 20007, f"unknown field {name!r} of a rule")  # not seen
    for name in ("action", "expression"):
        if not isinstance(given.get(name), str):
            raise Refused(400, 20007, f"{name} is required of a rule")  # not seen
    if body["phase"] == REDIRECTS:
        refuse_redirect(given)
    same = "id" if "id" in given else "ref"
    former = next((one for one in there if one[same] == given.get(same)), None)
    if "id" in given and former is None:
        raise Refused(400, 10003, "could not find rule")  # not seen
    found = (former or {}).get("id") or uuid.uuid4().hex
    kept = {"version": "1", "enabled": True, "ref": found, "last_updated": STAMP, **given}
    return {**kept, "id": found}


def refuse_redirect(rule):
    if rule["action"] != "redirect":
        message = f"{rule['action']!r} is not a valid value for action in the phase {REDIRECTS}"
        raise Refused(400, 20016, message)  # code not seen
    parameters = rule.get("action_parameters")
    value = parameters.get("from_value") if isinstance(parameters, dict) else None
    if not isinstance(value, dict) or parameters.keys() != {"from_value"}:
        raise Refused(400, 20078, "from_value is required in the phase " + REDIRECTS)  # not seen
    target = value.get("target_url")
    known = {"target_url", "status_code", "preserve_query_string"}
    if (
        value.keys() - known
        or not isinstance(target, dict)
        or len(target) != 1
        or not target.keys() <= {"value", "expression"}
        or not all(isinstance(one, str) and one for one in target.values())
    ):
        message = "from_value has one target_url, a value or an expression"
        raise Refused(400, 20078, message)  # not seen
    if value.get("status_code", 301) not in STATUSES:
        raise Refused(400, 20079, "status_code is not a valid redirect status")  # not seen
    if not isinstance(value.get("preserve_query_string", False), bool):
        raise Refused(400, 20007, "preserve_query_string is a boolean")  # not seen
    try:
        language.check(rule["expression"])
        if "expression" in target:
            language.check(target["expression"], is_text=True)
    except language.Malformed as error:
        raise Refused(400, 20127, f"the rule's expression is not valid: {error}") from None


def found(zone, ruleset_id):
    try:
        return rulesets(zone)[ruleset_id]
    except KeyError:
        raise Refused(404, 10003, "could not find ruleset") from None


def get_ruleset(_fake, zone, ruleset_id):
    return found(zone, ruleset_id)


def put_ruleset(fake, zone, ruleset_id, body):
    before = found(zone, ruleset_id)
    for name in ("kind", "phase"):
        if body.get(name, before[name]) != before[name]:
            raise Refused(400, 20217, f"{name} of a ruleset does not change")  # not seen
    kept = {name: before[name] for name in ("name", "kind", "phase", "description")}
    return store(fake, zone, ruleset_id, {**kept, **body}, before)


def delete_ruleset(_fake, zone, ruleset_id):
    found(zone, ruleset_id)
    del rulesets(zone)[ruleset_id]


def sent(rules):
    return [{name: rule[name] for name in rule.keys() & RULE} for rule in rules]


def make_rule(fake, zone, ruleset_id, body):
    rules = [*sent(found(zone, ruleset_id)["rules"]), body]
    return put_ruleset(fake, zone, ruleset_id, {"rules": rules})


def edit_rule(fake, zone, ruleset_id, rule_id, body):
    rules = [
        {**one, **body, "id": rule_id} if one["id"] == rule_id else one
        for one in with_rule(zone, ruleset_id, rule_id)
    ]
    return put_ruleset(fake, zone, ruleset_id, {"rules": sent(rules)})


def delete_rule(fake, zone, ruleset_id, rule_id):
    rules = [one for one in with_rule(zone, ruleset_id, rule_id) if one["id"] != rule_id]
    return put_ruleset(fake, zone, ruleset_id, {"rules": sent(rules)})


def with_rule(zone, ruleset_id, rule_id):
    rules = found(zone, ruleset_id)["rules"]
    if not any(one["id"] == rule_id for one in rules):
        raise Refused(404, 10003, "could not find rule")
    return rules


def entrypoint(zone, phase):
    for one in rulesets(zone).values():
        if one["phase"] == phase:
            return one
    raise Refused(404, 10003, "could not find entrypoint ruleset in the "
                  f'"{phase}" phase')  # fmt: skip


def get_entrypoint(_fake, zone, phase):
    return entrypoint(zone, phase)


def put_entrypoint(fake, zone, phase, body):
    if "rules" not in body:
        raise Refused(400, 20007, "rules is required")  # not seen
    if body.get("phase", phase) != phase:
        raise Refused(400, 20217, "the phase is that of the address")  # not seen
    try:
        before = entrypoint(zone, phase)
    except Refused:
        return store(fake, zone, uuid.uuid4().hex, {**body, "phase": phase}, None)
    return put_ruleset(fake, zone, before["id"], body)


def answer_of(_fake, zone, parts):
    """``(status, Location)`` of the first rule that takes a request; None when none does."""
    uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = {
        "http.host": parts.hostname,
        "http.request.uri": uri,
        "http.request.uri.path": parts.path or "/",
        "http.request.full_uri": f"{parts.scheme}://{parts.hostname}{uri}",
        "ssl": parts.scheme == "https",
    }
    for one in rulesets(zone).values():
        for rule in one["rules"] if one["phase"] == REDIRECTS else ():
            if rule["enabled"] and language.matches(rule["expression"], request):
                value = rule["action_parameters"]["from_value"]
                target = value["target_url"]
                to = target.get("value") or language.value(target["expression"], request)
                if value.get("preserve_query_string") and parts.query:
                    to += f"?{parts.query}"
                return value.get("status_code", 301), to
    return None


RULESET_ROUTES = {
    f"/zones/{ID}/rulesets": {"GET": list_rulesets, "POST": make_ruleset},
    f"/zones/{ID}/rulesets/{ID}": {
        "GET": get_ruleset,
        "PUT": put_ruleset,
        "DELETE": delete_ruleset,
    },
    f"/zones/{ID}/rulesets/{ID}/rules": {"POST": make_rule},
    f"/zones/{ID}/rulesets/{ID}/rules/{ID}": {"PATCH": edit_rule, "DELETE": delete_rule},
    f"/zones/{ID}/rulesets/phases/([a-z_]+)/entrypoint": {
        "GET": get_entrypoint,
        "PUT": put_entrypoint,
    },
}
