# SPDX-License-Identifier: GPL-3.0-or-later
"""Declared resources of a small town, and ways to look at what the imitation holds."""

from __future__ import annotations

from zimbra_fake import PASSWORD, USER

from bastide.targets.zimbra import Client

CAHORS, FIGEAC = "214600421", "214601023"
ACTIVE = {"state": "active", "delivery": "keep"}


def client_of(zimbra):
    return Client(zimbra, USER, lambda: PASSWORD)


def account(quota=5_000_000_000, cos=None, state="active", delivery="keep"):
    return {"quota": quota, "cos": cos, "state": state, "delivery": delivery}


def town(siren=CAHORS, domain="cahors.fr"):
    """One of everything."""
    return {
        "cos:bastide-2g": (siren, {"quota": 2_000_000_000}),
        f"domain:{domain}": (siren, {}),
        f"account:maire@{domain}": (siren, account()),
        f"account:accueil@{domain}": (siren, account(quota=None, cos="bastide-2g")),
        f"account:ancien@{domain}": (siren, account(state="suspended", delivery="bounce")),
        f"alias:contact@{domain}": (siren, {"account": f"accueil@{domain}"}),
        f"list:conseil@{domain}": (
            siren,
            {"members": [f"accueil@{domain}", f"maire@{domain}", "presse@example.org"]},
        ),
        f"resource:salle@{domain}": (
            siren,
            {"type": "Location", "name": "Salle des fêtes & d'honneur", **ACTIVE},
        ),
    }


def shape(zimbra):
    """What the server holds, without ids: kind and name → attributes."""
    names = {key: one["name"] for key, one in zimbra.directory.entries.items()}
    found = {}
    for one in zimbra.directory.entries.values():
        attributes = {
            name: sorted(names.get(value, value) for value in values)
            for name, values in one["attributes"].items()
            if values
        }
        found[f"{one['kind']}:{one['name']}"] = attributes
    return found


def attributes(zimbra, address):
    return shape(zimbra)[address]


def actions(changes):
    return {one["address"]: one["action"] for one in changes}


def whys(outcome):
    return {one["address"]: one["why"] for one in outcome.left_alone}


def errors(outcome):
    return {one["address"]: one["error"] for one in outcome.failed}


def foreign(zimbra, kind, name, **attrs):
    """Something that somebody else put there."""
    return zimbra.directory.create(kind, name, {n: [v] for n, v in attrs.items()})
