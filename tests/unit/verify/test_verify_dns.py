# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a name server's answer."""

import dns.message
import pytest

from bastide.verify import dns as verify_dns

REFERRAL = """\
id 1
opcode QUERY
rcode NOERROR
flags QR
;QUESTION
acme.info46.com. IN NS
;ANSWER
;AUTHORITY
acme.info46.com. 3600 IN NS ns1.info46.com.
acme.info46.com. 3600 IN NS ns2.info46.com.
"""
SERVERS = ["ns1.info46.com.", "ns2.info46.com."]


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        (REFERRAL, "acme.info46.com.", SERVERS),
        (
            REFERRAL.replace(";ANSWER\n;AUTHORITY", ";AUTHORITY\n;ANSWER"),
            "acme.info46.com.",
            SERVERS,
        ),
        # Refers to the servers of a zone above, or of another one: no answer.
        (REFERRAL, "x.acme.info46.com.", []),
    ],
)
def test_a_delegation_is_seen_at_the_servers_of_either_zone(monkeypatch, text, asked, found):
    answer = dns.message.from_text(text)
    monkeypatch.setattr(verify_dns.dns.query, "udp_with_fallback", lambda *_, **__: (answer, False))
    assert sorted(verify_dns.ask(asked, "NS", "192.0.2.53")) == found
