# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to the DNS, each asked once in a run."""

from __future__ import annotations

import threading
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

from bastide.model.rdata import normal_rdata

_TIMEOUT = 3.0
_MOST_ALIASES = 8
_SILENT_AFTER = 3
# EDNS0 size that passes without fragments (DNS flag day 2020).
_PAYLOAD = 1232


class Reply(NamedTuple):
    """What the DNS says of one name and type.

    `rdata` in canonical text; `alias` is the target of a CNAME that stands there instead, without
    final dot; `fault` says why there was no answer.  A name that is not there has neither.
    """

    rdata: tuple[str, ...] = ()
    alias: str = ""
    fault: str = ""


class Server(NamedTuple):
    """A name server or resolver."""

    address: str
    port: int = 53


def system_servers() -> list[Server]:
    """Those that the system asks."""
    try:
        found = dns.resolver.Resolver()
    except dns.exception.DNSException:
        return []
    return [Server(str(address), found.port) for address in found.nameservers]


class Resolver:
    """Asks `servers` in their order until one answers; safe to share between threads."""

    def __init__(self, servers: list[Server], timeout: float = _TIMEOUT) -> None:
        self._servers = servers
        self._timeout = timeout
        self._known: dict[tuple[str, str], dns.message.Message | str] = {}
        self._silences: dict[Server, int] = dict.fromkeys(servers, 0)
        self._lock = threading.Lock()

    def look(self, name: str, rtype: str) -> Reply:
        """What stands at `name` (without final dot) itself."""
        answer = self.message(name, rtype)
        if isinstance(answer, str):
            return Reply(fault=answer)
        owner = dns.name.from_text(f"{name}.")
        wanted = dns.rdatatype.from_text(rtype)
        rdata: list[str] = []
        alias = ""
        for rrset in answer.answer:
            if rrset.name != owner:
                continue
            if rrset.rdtype == wanted:
                rdata += [normal_rdata(rtype, one.to_text()) for one in rrset]
            elif rrset.rdtype == dns.rdatatype.CNAME:
                alias = rrset[0].to_text().lower().removesuffix(".")
        return Reply(tuple(sorted(rdata)), alias)

    def find(self, name: str, rtype: str) -> Reply:
        """What `name` leads to, CNAMEs followed (RFC 1034 §3.6.2)."""
        reply = self.look(name, rtype)
        for _ in range(_MOST_ALIASES):
            if not reply.alias or reply.rdata or reply.fault:
                break
            reply = self.look(reply.alias, rtype)
        return reply

    def addresses(self, host: str) -> tuple[str, ...]:
        """IPv4 and IPv6 addresses of a host; none when the DNS does not answer."""
        return self.find(host, "A").rdata + self.find(host, "AAAA").rdata

    def zone_of(self, name: str) -> str:
        """The zone that `name` lies in (RFC 1034 §4.2.1), itself when nobody says."""
        start = name
        while "." in name:
            answer = self.message(name, "SOA")
            if not isinstance(answer, str):
                for rrset in (*answer.answer, *answer.authority):
                    if rrset.rdtype == dns.rdatatype.SOA:
                        return rrset.name.to_text(omit_final_dot=True).lower()
            name = name.partition(".")[2]
        return start

    def message(self, name: str, rtype: str) -> dns.message.Message | str:
        """The whole answer, signatures included; why there is none, in words."""
        key = (name, rtype)
        with self._lock:
            if key in self._known:
                return self._known[key]
        answer = self._ask(name, rtype)
        with self._lock:
            return self._known.setdefault(key, answer)

    def _ask(self, name: str, rtype: str) -> dns.message.Message | str:
        fault = "no name server is known"
        try:
            query = dns.message.make_query(f"{name}.", rtype, want_dnssec=True, payload=_PAYLOAD)
        except dns.exception.DNSException as error:
            return str(error)
        for server in self._servers:
            if self._silences[server] >= _SILENT_AFTER:
                fault = f"{server.address} is silent"
                continue
            try:
                # TCP follows a truncated answer (RFC 7766).
                answer, _ = dns.query.udp_with_fallback(
                    query, server.address, timeout=self._timeout, port=server.port
                )
            except (dns.exception.DNSException, OSError) as error:
                fault = f"{server.address}: {str(error) or type(error).__name__}"
                self._silences[server] += isinstance(error, (dns.exception.Timeout, OSError))
                continue
            self._silences[server] = 0
            if answer.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
                return answer
            fault = f"{server.address}: {dns.rcode.to_text(answer.rcode())}"
        return fault
