# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a zone signed, does the signature hold, and is its key at the registry (RFC 4035 §5)?

The chain above the zone's DS is the registry's business and taken as it is.
"""

from __future__ import annotations

import dns.dnssec
import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from bastide.conformity.evidence import Found
from bastide.observe.resolver import Resolver

_SECURE_ENTRY_POINT = 0x0001


def is_secure(resolver: Resolver, zone: str) -> bool:
    """True when receivers that check can rely on what the zone says."""
    return not find_dnssec(resolver, zone)


def find_dnssec(resolver: Resolver, zone: str) -> list[Found]:
    """What is wrong with the signature of `zone`."""
    named = ("domain", zone)
    answer = resolver.message(zone, "DNSKEY")
    if isinstance(answer, str):
        return [Found("NOT_ASKED_DNSSEC", raised=False, facts=(("name", f"{zone}: {answer}"),))]
    owner = dns.name.from_text(f"{zone}.")
    keys = _rrset(answer, owner, dns.rdatatype.DNSKEY)
    if keys is None:
        return [Found("DNSSEC_UNSIGNED", raised=True, facts=(named,))]
    fault = _fault(resolver, zone, owner, keys)
    if fault:
        return [Found("DNSSEC_BOGUS", raised=True, facts=(named, ("answer", fault)))]
    entries = [key for key in keys if key.flags & _SECURE_ENTRY_POINT] or list(keys)
    at_registry = resolver.look(zone, "DS").rdata
    if not at_registry:
        line = f"{zone}. IN DS {dns.dnssec.make_ds(owner, entries[0], 'SHA256')}"
        return [Found("DNSSEC_NO_DS", raised=True, facts=(named, ("line", line)))]
    if not any(_is_of(entry, owner, record) for entry in entries for record in at_registry):
        answer_text = "the DS at the registry is of another key"
        return [Found("DNSSEC_BOGUS", raised=True, facts=(named, ("answer", answer_text)))]
    return []


def _fault(resolver: Resolver, zone: str, owner: dns.name.Name, keys: dns.rrset.RRset) -> str:
    """Why the signatures over the keys and the SOA do not hold; empty when they do."""
    for rtype in (dns.rdatatype.DNSKEY, dns.rdatatype.SOA):
        answer = resolver.message(zone, dns.rdatatype.to_text(rtype))
        if isinstance(answer, str):
            return answer
        signed = _rrset(answer, owner, rtype)
        signature = _rrset(answer, owner, dns.rdatatype.RRSIG, rtype)
        if signed is None or signature is None:
            return f"no signature over {dns.rdatatype.to_text(rtype)}"
        try:
            dns.dnssec.validate(signed, signature, {owner: keys})
        except dns.exception.DNSException as error:
            return str(error) or type(error).__name__
    return ""


def _rrset(
    answer: dns.message.Message,
    owner: dns.name.Name,
    rtype: dns.rdatatype.RdataType,
    covers: dns.rdatatype.RdataType = dns.rdatatype.NONE,
) -> dns.rrset.RRset | None:
    return answer.get_rrset(answer.answer, owner, dns.rdataclass.IN, rtype, covers)


def _is_of(key: dns.rdata.Rdata, owner: dns.name.Name, record: str) -> bool:
    """True when the DS `record` is of `key`."""
    digest = {"1": "SHA1", "2": "SHA256", "4": "SHA384"}.get(record.split()[2])
    if digest is None:
        return False
    try:
        made = dns.dnssec.make_ds(owner, key, digest, validating=True)
    except dns.exception.DNSException:
        return False
    return made.to_text().replace(" ", "").lower() == record.replace(" ", "").lower()
