# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's share of the desired state: one file of JSON lines for each service.

The format is in docs/architecture; the modules on the hosts read it.  A line depends on
one collectivity only, so that a fleet's share is put together from cached lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bastide.desired import dkim
from bastide.desired.resource import Compiled, Service
from bastide.model import Platform
from bastide.model.placement import Placement

FORMAT = 1
# A collectivity may have addresses on a shared domain, that it does not declare.
_OF_REMOTE = ("state", "delivery", "renamed_from")
_OF_MAIL = frozenset({"mail", "groupware"})


def share_header(
    service: Service, host: str, environment: str, facts: Mapping[str, Any] | None = None
) -> bytes:
    """First line of a share, with its newline; `facts` are of the platform, for this host."""
    head = {"format": FORMAT, "service": service, "host": host, "environment": environment}
    return _line({**head, **(facts or {})})


def facts_for(service: Service, host: str, platform: Platform) -> dict[str, Any]:
    """What the header of the share of `service` says to `host` beside whose it is.

    ``proofs``, to name servers, is the zone that the hosts write to, which is no charter's.
    """
    if service == "mail":
        return dkim.facts_for(host, platform)
    if service == "dns" and platform.tls.proofs:
        return {"proofs": platform.tls.proofs}
    return {}


def share_line(compiled: Compiled, service: Service) -> bytes:
    """Line of one collectivity in the share of `service`, with its newline."""
    return _line(
        {
            "collectivity": compiled.slug,
            "siren": compiled.siren,
            "retired": compiled.retired,
            "retired_domains": compiled.retired_domains,
            "domains": compiled.mail_domains if service in _OF_MAIL else compiled.domains,
            "resources": [
                {"address": r.address, "body": r.body} for r in compiled.resources[service]
            ],
        }
    )


def line_on(line: bytes, host: str, placement: Placement) -> bytes:
    """The line of a mail share as `host` gets it, one of several.

    What another host holds is known here all the same, with the way to it; each host signs
    under its own selector.
    """
    entry = json.loads(line)
    holder = placement.holder(entry["collectivity"], entry["siren"])
    if host == holder and host == placement.default:
        return line
    entry["resources"] = [
        {"address": address, "body": body}
        for one in entry["resources"]
        for address, body in [_on(one["address"], one["body"], host, holder, placement)]
    ]
    return _line(entry)


_OF_DESKS = b'"on":"desk"'


def certificates_on(line: bytes, *, desks: bool | None) -> bytes:
    """The line of a tls share for a host of the desks, a web host, or (None) one that is both."""
    if not desks and _OF_DESKS not in line:
        return line
    entry = json.loads(line)
    entry["resources"] = [
        {"address": one["address"], "body": {"names": one["body"]["names"]}}
        for one in entry["resources"]
        if desks is None or (one["body"].get("on") == "desk") is desks
    ]
    return _line(entry)


def _on(
    address: str, body: dict[str, Any], host: str, holder: str, placement: Placement
) -> tuple[str, dict[str, Any]]:
    kind, _, name = address.partition(":")
    if kind == "maildomain" and "selector" in body:
        return address, {**body, "selector": placement.selector(host, body["selector"])}
    if kind != "mailbox" or host == holder:
        return address, body
    kept: dict[str, Any] = {key: body[key] for key in _OF_REMOTE if key in body}
    return f"remote:{name}", {"to": placement.hosts[holder], **kept}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
