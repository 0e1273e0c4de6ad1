# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the changes of a survey, one transaction for each tenant."""

from __future__ import annotations

import itertools
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from guichet.convergence.bodies import definition_of
from guichet.convergence.reconcile import Change, digest
from guichet.convergence.share import Body, host_of
from guichet.convergence.survey import Survey
from guichet.guide.opened import opened
from guichet.guide.watch import note
from guichet.models import Agent, Charge, Host, Procedure, Tenant, Version
from guichet.procedures import digest_of
from guichet.tenancy.scope import acting_for

# A desk before its procedures, and these before the agents in charge of them.
_ORDER = {"desk": 0, "procedure": 1, "agent": 2}


def converge(found: Survey) -> None:
    """Make the changes; those of a tenant that fails are told, and none of them happens."""
    by_tenant = sorted(found.changes, key=lambda one: str(one["siren"]))
    for siren, group in itertools.groupby(by_tenant, key=lambda one: str(one["siren"])):
        changes = [one for one in group if one["address"] not in found.undone]
        desks = [one for one in found.changes if one["siren"] == siren and _kind(one) == "desk"]
        if any(one["address"] in found.undone for one in desks) and not _exists(siren):
            for one in changes:
                found.fail(one["address"], siren, "its desk could not be made")
            continue
        changes.sort(key=lambda one: (_ORDER[_kind(one)], str(one["address"])))
        try:
            with acting_for(siren):
                for one in changes:
                    _MAKE[_kind(one)](found, siren, one)
        except (DatabaseError, OSError) as error:
            why = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
            for one in changes:
                found.fail(one["address"], siren, why)


def _kind(one: Change) -> str:
    return str(one["address"]).partition(":")[0]


def _exists(siren: str) -> bool:
    return Host.objects.filter(siren=siren).exists()


def _name(one: Change) -> str:
    return str(one["address"]).partition("/")[2]


def _desk(found: Survey, siren: str, one: Change) -> None:
    if one["after"] is None:
        Tenant.objects.filter(siren=siren).update(open=False)
        return
    body = {key: value for key, value in one["after"].items() if key != "host"}
    content, media = found.assets.picture(body.get("banner"))
    host = host_of(one["address"])
    facts: dict[str, Any] = {
        "slug": found.share.collectivities[siren].slug,
        "host": host,
        "name": body["name"],
        "open": True,
        "body": body,
        "banner": content,
        "banner_type": media,
    }
    tenant, _ = Tenant.objects.update_or_create(siren=siren, defaults=facts)
    note(tenant, opened())
    Host.objects.get_or_create(name=host, defaults={"siren": siren})


def _procedure(found: Survey, siren: str, one: Change) -> None:
    del found
    mine = Procedure.objects.filter(tenant=siren, slug=_name(one), origin="yaml")
    if one["after"] is None:
        mine.update(offered=False)
        return
    body: Body = {key: value for key, value in one["after"].items() if key != "digest"}
    facts = {"offered": True, "body": body, "position": body.get("position", 0)}
    row, _ = Procedure.objects.update_or_create(
        tenant_id=siren, slug=_name(one), origin="yaml", defaults=facts
    )
    publish(row, definition_of(body) or {})


def publish(procedure: Procedure, definition: Body) -> Version:
    """Make a definition the current version; the same as before is none anew."""
    found = digest_of(definition)
    current = procedure.current
    if current is not None and current.digest == found:
        return current
    last = Version.objects.filter(procedure=procedure).order_by("-number").first()
    version = Version.objects.create(
        tenant_id=procedure.tenant_id,
        procedure=procedure,
        number=last.number + 1 if last else 1,
        definition=definition,
        digest=found,
        published_at=timezone.now(),
    )
    procedure.current = version
    procedure.save(update_fields=["current"])
    return version


def _agent(found: Survey, siren: str, one: Change) -> None:
    mine = Agent.objects.filter(tenant=siren, email=_name(one), origin="yaml")
    if one["after"] is None:
        for agent in mine:
            agent.active, agent.generation = False, agent.generation + 1
            agent.save(update_fields=["active", "generation"])
        return
    body = one["after"]
    facts = {"active": True, "role": body["role"], "name": body.get("name", "")}
    agent, _ = Agent.objects.update_or_create(
        tenant_id=siren, email=_name(one), origin="yaml", defaults=facts
    )
    Charge.objects.filter(agent=agent, procedure__origin="yaml").delete()
    slugs = body.get("procedures", [])
    rows = Procedure.objects.filter(tenant=siren, slug__in=slugs, origin="yaml")
    known = {one.slug: one for one in rows}
    absent = sorted(set(slugs) - known.keys())
    if absent:
        found.failed[one["address"]] = (siren, f"there is no procedure {', '.join(absent)}")
    for slug in sorted(known):
        Charge.objects.create(tenant_id=siren, agent=agent, procedure=known[slug])


_MAKE = {"desk": _desk, "procedure": _procedure, "agent": _agent}


def outcome(found: Survey, expect: str | None, *, act: bool) -> dict[str, Any]:
    """Act when the plan still holds, and put the result together as all bulk modules do."""
    seen = digest(found.changes)
    stale = bool(expect) and expect != seen
    if act and not stale:
        converge(found)
    undone = found.undone if act and not stale else set()
    changes = [one for one in found.changes if one["address"] not in undone]
    return {
        "changed": not stale and bool(changes),
        "changes": changes,
        "failed_changes": [
            {"address": address, "siren": siren, "error": why}
            for address, (siren, why) in sorted(found.failed.items())
        ],
        "digest": seen,
        "waiting": [],
        "left_alone": sorted(found.left_alone, key=lambda one: (one["siren"], one["address"])),
        "totals": found.totals,
        "values": {},
        "repaired": [],
        "warnings": [],
        "stale": stale,
    }
