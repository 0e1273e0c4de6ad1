# SPDX-License-Identifier: GPL-3.0-or-later
"""Small shares of the desired state, put together by hand."""

from __future__ import annotations

import json

CAHORS, ALBAS, OPERATOR = "214600421", "214600017", "284600012"

SOA = {
    "mname": "ns1.lab.test.",
    "rname": "hostmaster.lab.test.",
    "refresh": 3600,
    "retry": 600,
    "expire": 86400,
    "minimum": 300,
    "ttl": 3600,
}


def collectivity(siren, domains, resources=(), *, retired=False, retired_domains=()):
    """One line of a share; `resources` maps addresses to bodies."""
    return {
        "collectivity": f"46/c{siren}",
        "siren": siren,
        "retired": retired,
        "retired_domains": sorted(retired_domains),
        "domains": sorted(domains),
        "resources": [{"address": a, "body": b} for a, b in sorted(dict(resources).items())],
    }


def share(service, *lines):
    """The text of a share."""
    header = {"format": 1, "service": service, "host": "h", "environment": "lab"}
    return "".join(json.dumps(one, sort_keys=True) + "\n" for one in (header, *lines))


def rrset(name, rtype, *rdata, ttl=3600):
    return {"name": name, "type": rtype, "ttl": ttl, "rdata": list(rdata)}


def zone(*rrsets, soa=None):
    return {"rrsets": list(rrsets), "soa": soa or SOA}


def by_address(result):
    """Actions of a result by address."""
    return {one["address"]: one["action"] for one in result["changes"]}
