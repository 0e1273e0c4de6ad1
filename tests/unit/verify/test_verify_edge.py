# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that Cloudflare answers: which they are, and what of the DNS counts as right there."""

from __future__ import annotations

from bastide.verify.dns import _differs
from bastide.verify.web import edge_hosts


def rrset(name, *rdata, **more):
    return {"name": name, "type": "A", "ttl": 3600, "rdata": list(rdata), **more}


def test_only_names_with_nobody_behind_them_are_asked_of_cloudflare():
    sets = [
        rrset("ville-cahors.fr.", "192.0.2.1", proxied=True),
        rrset("www.cahors.fr.", "10.46.0.30", proxied=True),
        rrset("plan.cahors.fr.", "192.0.2.1"),
        {
            "name": "b._domainkey.cahors.fr.",
            "type": "TXT",
            "ttl": 3600,
            "pending": "dkim:cahors.fr",
        },
    ]
    line = {"resources": [{"address": "zone:cahors.fr", "body": {"rrsets": sets}}]}
    assert edge_hosts(line) == {"ville-cahors.fr"}


def test_any_address_is_right_of_a_name_that_goes_through_the_proxy_but_none_is_not():
    proxied, plain = rrset("a.fr.", "192.0.2.1", proxied=True), rrset("a.fr.", "192.0.2.1")
    assert not _differs(proxied, ["192.0.2.1"], ["104.16.0.1"])
    assert _differs(proxied, ["192.0.2.1"], [])
    assert _differs(plain, ["192.0.2.1"], ["104.16.0.1"])
