# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tenant puts into the guide: its services, its words, its procedures."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.urls import reverse

import comarquage
from comarquage import Guide, Local, Place, local_of
from guichet.guide.opened import AUDIENCES
from guichet.models import Procedure, Tenant

_HERE = Path(__file__).parents[1]


def said_of(tenant: Tenant) -> Mapping[str, Any]:
    """The section `guide` of what the share says; empty for a tenant that shows none."""
    found: Mapping[str, Any] = tenant.body.get("guide") or {}
    return found


def audiences(tenant: Tenant, guide: Guide) -> tuple[str, ...]:
    """``part`` and ``pro``, as far as the tenant shows them and the release has them."""
    wanted = [AUDIENCES[one] for one in said_of(tenant).get("audiences", ())]
    return tuple(one for one in guide.audiences if one in wanted)


def local_for(tenant: Tenant, guide: Guide, base: str) -> Local:
    """All that is put into a page, the nearest level last; `base` is where the guide stands.

    What cannot be used is left out: the charter's rules have told it.
    """
    said = said_of(tenant)
    places = dict(guide.directory(said["insee"])) if "insee" in said else {}
    if "insee" in said and "mairie" not in places:
        places["mairie"] = (_town_hall(tenant),)
    procedures, sheets = _own_procedures()
    own = {"pivots": said.get("pivots", {}), "enrichments": said.get("enrichments", {})}
    levels = [*said.get("levels", ()), {**own, "procedures": procedures}]
    local, _ = local_of(levels, base=base, directory=places)
    local, _ = guide.moved(local)
    return replace(local, offered=sheets)


def _town_hall(tenant: Tenant) -> Place:
    """The town hall as the charter knows it, where the directory does not say more."""
    contact = tenant.body.get("contact", {})
    return Place(
        name=tenant.name,
        address=(contact["address"],) if "address" in contact else (),
        phone=contact.get("phone", ""),
        email=contact.get("email", ""),
        website=tenant.body.get("site", ""),
    )


def _own_procedures() -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    """Procedures by name, and names by the sheets that they say they are about."""
    rows = Procedure.objects.select_related("current").filter(offered=True, current__isnull=False)
    procedures: dict[str, dict[str, str]] = {}
    sheets: dict[str, tuple[str, ...]] = {}
    for row in rows.order_by("position", "slug"):
        assert row.current is not None  # noqa: S101 - the query says so
        data = row.current.definition
        if data["type"] == "sheet":  # it is the sheet
            continue
        procedures[row.slug] = {
            "title": data["title"],
            "url": reverse("procedure", args=[row.slug]),
        }
        for sheet in data.get("sheets", ()):
            sheets[sheet] = (*sheets.get(sheet, ()), row.slug)
    return procedures, sheets


def version(tenant: Tenant, guide: Guide) -> str:
    """Changes with all that a page of the guide is made of, but for its address."""
    rows = Procedure.objects.filter(offered=True).order_by("position", "slug")
    directory = guide.folder / "directory.sqlite"
    facts = (
        guide.release.name,
        _edition(),
        tenant.pk,
        tenant.name,
        tenant.host,
        tenant.open,
        sorted(tenant.body.items()),
        list(rows.values_list("slug", "current__digest")),
        directory.stat().st_mtime_ns if directory.exists() else 0,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


@functools.cache
def _edition() -> str:
    """Changes with programs, templates and catalogue: another edition says things anew."""
    found = hashlib.sha256()
    for folder in (_HERE, Path(comarquage.__file__).parent):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".py", ".html", ".css", ".mo"}:
                found.update(file.read_bytes())
    return found.hexdigest()
