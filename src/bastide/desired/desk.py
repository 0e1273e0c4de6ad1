# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk compiler: a collectivity's desk, its procedures and who works there.

Bodies are those of docs/architecture; the desk judges them once more before it takes them.
"""

from __future__ import annotations

import hashlib
from typing import Any

from bastide.desired.resource import Compiled, Origin, Resource
from bastide.documents import Attachments, read_bytes
from bastide.model import Collectivity, Platform
from bastide.model.guichet import Guichet, Offered
from bastide.model.platform import Desks
from bastide.reference import Commune, Epci, by_siren, region_of

_OF_RECEIVER = ("name", "email", "phone")


def compile_desk(
    collectivity: Collectivity,
    title: str,
    platform: Platform,
    attachments: Attachments,
    out: Compiled,
) -> None:
    """Add the desk of `collectivity`, named `title`, to `out`; none where nobody serves desks."""
    guichet, desks = collectivity.guichet, platform.guichet
    if guichet is None or desks is None or guichet.host is None:
        return
    file = collectivity.file
    body = _desk(collectivity, guichet, desks, title)
    if guichet.banner:
        content = attachments.read(collectivity.slug, guichet.banner["file"])
        if isinstance(content, bytes):
            digest = hashlib.sha256(content).hexdigest()
            body["banner"] = {"sha256": digest, "alt": guichet.banner["alt"]}
    _add(out, f"desk:{guichet.host}", body, Origin(file, guichet.line, "guichet"))
    for position, one in enumerate(guichet.offered):
        procedure = _procedure(collectivity, guichet, one, attachments)
        if procedure is not None:
            address = f"procedure:{guichet.host}/{one.slug}"
            _add(
                out,
                address,
                {**procedure, "position": position},
                Origin(file, one.line, "procedure"),
            )
    for agent in guichet.agents:
        if agent.normal is None:
            continue
        facts: dict[str, Any] = {"role": agent.role}
        if agent.name:
            facts["name"] = agent.name
        if agent.procedures:
            facts["procedures"] = sorted(agent.procedures)
        address = f"agent:{guichet.host}/{agent.normal}"
        _add(out, address, facts, Origin(file, agent.line, "agent"))


def _desk(collectivity: Collectivity, guichet: Guichet, desks: Desks, title: str) -> dict[str, Any]:
    body: dict[str, Any] = {"name": title, "sender": desks.sender}
    if collectivity.site and collectivity.site.host:
        body["site"] = f"https://{collectivity.site.host}/"
    where = collectivity.address
    contact = {
        "email": collectivity.contact_email,
        "phone": collectivity.contact_phone,
        "address": f"{where.street}, {where.postal_code} {where.city}" if where else None,
    }
    if any(contact.values()):
        body["contact"] = {key: value for key, value in contact.items() if value}
    if privacy := dict(guichet.privacy or desks.privacy):
        body["privacy"] = privacy
    if guichet.colours:
        body["colours"] = dict(guichet.colours)
    if guichet.comarquage:
        guide: dict[str, Any] = {"audiences": list(guichet.comarquage)}
        if guichet.enrichments:
            guide["enrichments"] = guichet.enrichments
        if guichet.pivots:
            guide["pivots"] = guichet.pivots
        body["guide"] = {**guide, **_reach(collectivity)}
    return body


def _reach(collectivity: Collectivity) -> dict[str, Any]:
    """Of which place the guide is: a commune's code, or the communes that a level above covers."""
    place = by_siren(collectivity.siren)
    if isinstance(place, Commune):
        return {"insee": place.insee}
    department = collectivity.slug.partition("/")[0]
    if isinstance(place, Epci):
        return {"level": "epci", "covers": list(place.member_insee)}
    if collectivity.kind == "department":
        return {"level": "department", "covers": [department]}
    if collectivity.kind == "region":
        return {"level": "region", "covers": list(region_of(department))}
    return {}


def _procedure(
    collectivity: Collectivity, guichet: Guichet, one: Offered, attachments: Attachments
) -> dict[str, Any] | None:
    """Body of one procedure, without its position; None when it cannot be read."""
    told = dict(one.told)
    if "service" in told:
        receiver = next((r for r in guichet.receivers if r.slug == told["service"]), None)
        facts = receiver._asdict() if receiver else {}
        told["service"] = {key: facts[key] for key in _OF_RECEIVER if facts.get(key)}
    if one.kind == "library":
        return {"library": one.target, **({"set": told} if told else {})}
    if one.kind == "link":
        return {"definition": {"type": "link", "url": one.target, **told}}
    if one.kind == "sheet":
        return {"definition": {"type": "sheet", "sheet": one.target, **told}}
    content = attachments.read(collectivity.slug, one.target)
    if not isinstance(content, bytes):
        return None
    document, _ = read_bytes(content, one.target)
    if document is None or not isinstance(document.data, dict):
        return None
    return {"definition": {**document.data, **told}}


def _add(out: Compiled, address: str, body: dict[str, Any], origin: Origin) -> None:
    out.resources["desk"].append(Resource(address, body))
    out.origins[address] = origin
