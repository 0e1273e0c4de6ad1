# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a resource exists: which line of which file asks for it, and what it holds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bastide.desired import SERVICES, Origin
from bastide.desired.reasons import reason_text
from bastide.diagnostics import InvalidInput, Language, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.model.names import normal_address, to_ascii
from bastide.report.elsewhere import records_to_set

NOT_FOUND = declare(
    "P421",
    Severity.ERROR,
    en="no charter asks for {resource}",
    fr="aucune charte ne demande {resource}",
    hint_en="{near_en}bastide drift tells what is on the servers without a charter",
    hint_fr="{near_fr}bastide drift dit ce qui est en place sans charte",
)


def explain(fleet: Fleet, resource: str, language: Language) -> str:
    """Text about every resource that `resource` names; ``InvalidInput`` when there is none."""
    wanted = _wanted(resource)
    paragraphs = []
    for slug in _holders(fleet, resource):
        origins = fleet.origins(slug)
        bodies = dict(_bodies(fleet, slug))
        shown = [address for address in origins if _matches(address, wanted)]
        paragraphs += [
            _paragraph(fleet, slug, address, origins[address], bodies, language)
            for address in shown
        ]
        if any(address.startswith("zone:") for address in shown):
            paragraphs += [
                f"zone:{name}\n{text}\n"
                for name, text in records_to_set(fleet, slug, language)
                if f"zone:{name}" in shown
            ]
    if not paragraphs:
        raise not_found(fleet, resource)
    return "\n".join(sorted(paragraphs))


def not_found(fleet: Fleet, resource: str) -> InvalidInput:
    """The error for a resource that no charter asks for, with near names when there are any."""
    near = ", ".join(_near(fleet, resource))
    return InvalidInput(
        diagnose(
            NOT_FOUND,
            "",
            resource=resource,
            near_en=f"did you mean {near}? " if near else "",
            near_fr=f"vouliez-vous dire {near} ? " if near else "",
        )
    )


def _wanted(resource: str) -> set[str]:
    """Every address, or beginning of one, that the words may mean."""
    words = resource.split()
    if ":" in words[0] and "://" not in words[0]:
        return {words[0]}
    if "@" in words[0]:
        address = normal_address(words[0]) or words[0]
        kinds = ("mailbox", "alias", "relay", "account")
        return {f"{kind}:{address}" for kind in kinds} | {f"agent:*/{address}"}
    name = to_ascii(words[0]) or words[0].lower().removesuffix(".")
    if len(words) > 1:
        return {f"rrset:{name}./{words[1].upper()}"}
    return {
        f"zone:{name}",
        f"dnssec:{name}",
        f"redirects:{name}",
        f"page:{name}",
        f"redirect:{name}",
        f"maildomain:{name}",
        f"desk:{name}",
        f"procedure:{name}/",
        f"agent:{name}/",
        f"rrset:{name}./",
    }


def _matches(address: str, wanted: set[str]) -> bool:
    return address in wanted or any(
        (one.endswith("/") and address.startswith(one)) or _at_a_desk(address, one)
        for one in wanted
    )


def _at_a_desk(address: str, one: str) -> bool:
    """True for the agent of whichever desk, where only his address was given."""
    return (
        one.startswith("agent:*/")
        and address.startswith("agent:")
        and (address.partition("/")[2] == one.removeprefix("agent:*/"))
    )


def _holders(fleet: Fleet, resource: str) -> list[str]:
    """Slugs whose files can hold it: those of its domain, all where the name says nothing."""
    name = (
        resource.split(maxsplit=1)[0]
        .rpartition(":")[2]
        .rpartition("@")[2]
        .partition("/")[0]
        .rstrip(".")
    )
    domain = fleet.index.domain_holding(to_ascii(name) or name)
    shared = domain in fleet.platform.shared_domains if domain else False
    if domain and not shared:
        return fleet.index.holders_of_domain(domain)
    return list(fleet.sources)


def _bodies(fleet: Fleet, slug: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for service in (*SERVICES, "groupware"):
        text = fleet.share_line_of(slug, service)
        for resource in json.loads(text)["resources"] if text else ():
            body = resource["body"]
            if "rrsets" in body:
                yield resource["address"], {"soa": body["soa"]}
                if body.get("dnssec"):
                    zone = resource["address"].removeprefix("zone:")
                    yield f"dnssec:{zone}", {"dnssec": body["dnssec"]}
                if body.get("redirects"):
                    zone = resource["address"].removeprefix("zone:")
                    yield f"redirects:{zone}", {"redirects": body["redirects"]}
                for rrset in body["rrsets"]:
                    yield f"rrset:{rrset['name']}/{rrset['type']}", rrset
            else:
                yield resource["address"], body


def _paragraph(
    fleet: Fleet,
    slug: str,
    address: str,
    origin: Origin,
    bodies: dict[str, dict[str, Any]],
    language: Language,
) -> str:
    body = bodies.get(address)
    lines = [
        address,
        f"  {origin.file}:{origin.line}  ({slug})",
        f"  {reason_text(origin.reason, language)}",
    ]
    source = _line_of(fleet.repository.root / origin.file, origin.line)
    if source:
        lines.append(f"  | {source}")
    if body is not None:
        lines.append(f"  = {json.dumps(body, ensure_ascii=False, sort_keys=True)}")
    return "\n".join(lines) + "\n"


def _line_of(path: Path, number: int) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return lines[number - 1].rstrip() if 0 < number <= len(lines) else ""


def _near(fleet: Fleet, resource: str) -> list[str]:
    domains = [d for slug in fleet.sources for d in (_facts_domains(fleet, slug))]
    name = resource.split(maxsplit=1)[0].rpartition("@")[2]
    return difflib.get_close_matches(name, domains, 3, 0.7)


def _facts_domains(fleet: Fleet, slug: str) -> list[str]:
    facts = fleet.facts(slug)
    return list(facts.domains) if facts else []
