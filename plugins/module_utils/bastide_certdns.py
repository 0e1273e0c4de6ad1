# SPDX-License-Identifier: GPL-3.0-or-later
"""Names proved by DNS (DNS-01, RFC 8555 §8.4) in the one zone that this host may write to.

The proofs are TXT records, added to and removed from the hidden primary by dynamic updates (RFC
2136) that are signed with TSIG (RFC 8945).  Several hosts may prove one name at a time: each adds
its own text beside the others and removes nothing else.  The authority may ask any name server, so
it is called only when all of them give every proof.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_certproofs import Trouble
from ansible.module_utils.bastide_files import read_or_none
from ansible.module_utils.bastide_proofnames import published_at

# Seconds: a cache must not keep a proof for the next one of the same name.
TTL = 1
# Seconds after which no cache gives a proof that was removed.
FORGOTTEN = TTL + 1.0
# Seconds for one update, one question, and until all name servers give what was published.
UPDATE, QUESTION, SPREADING = 10.0, 3.0, 60.0
# Records in one update, far below the 64 KiB of a message; questions at the same time.
RECORDS, AT_ONCE = 200, 16
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0

KEY_FIELD = re.compile(rb'^\s*(?:- )?(id|algorithm|secret):\s*"?([\w.=+/-]+)"?\s*$', re.MULTILINE)
# Kinds of trouble, which the engine tells with a way out.
KEY, SILENT, REFUSED, LATE = "proofs-key", "proofs-silent", "proofs-refused", "proofs-late"

Proof = tuple[str, str]


class NotWritten(Exception):
    """The primary did not take an update."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.trouble = Trouble(kind, why)


class ByDns:
    """The zone of proofs, written to at its primary and seen at its name servers."""

    challenge = "dns-01"
    at_once = False

    def __init__(self, settings: dict[str, Any], state: store.State) -> None:
        """Take the part ``dns`` of the host's settings.

        Args:
            settings: ``zone``; ``primary``, an address as ``192.0.2.10`` or ``192.0.2.10@5353``;
                ``servers``, name → addresses of each public name server.
            state: What is published is noted there, before it is.
        """
        self._zone: str = settings["zone"]
        self._primary: str = settings["primary"]
        self._servers: dict[str, list[str]] = settings["servers"]
        self._state = state
        self._placed: list[Proof] = []
        self._left: Trouble | None = None
        # Addresses that gave no answer, of servers that have others.
        self._mute: set[str] = set()
        # Where another proof stood before, and since when it is gone: caches still give that one.
        self._gone: dict[str, float] = {}

    def sweep(self) -> None:
        """Remove what is noted as published; what cannot be removed stays noted."""
        self._left = self._remove([(owner, text) for owner, text in self._state.proofs])

    def place(self, name: str, token: str, text: str) -> None:
        """Take a proof, to be published with all others."""
        self._placed.append((published_at(name, self._zone), text))

    def show(self) -> Trouble | None:
        """Publish what was placed and wait, for a while, until every name server gives it."""
        if self._left is not None:
            return self._left  # where nothing can be removed nothing is added
        self._state.proofs += [list(one) for one in self._placed]
        self._state.save()
        try:
            self._update(self._placed, add=True)
        except NotWritten as error:
            return error.trouble
        late = self._wait()
        former = [self._gone[owner] for owner, _ in self._placed if owner in self._gone]
        if former:
            time.sleep(max(0.0, max(former) + FORGOTTEN - time.monotonic()))
        return late

    def clear(self) -> None:
        """Remove what was placed, also what nobody knows whether it was published."""
        self._remove(self._placed)
        self._gone |= {owner: time.monotonic() for owner, _ in self._placed}
        self._placed.clear()

    def _remove(self, proofs: list[Proof]) -> Trouble | None:
        noted = [list(one) for one in proofs if list(one) in self._state.proofs]
        try:
            # Of another zone than the settings now name nobody can remove anything any more.
            ours = [(owner, text) for owner, text in noted if owner.endswith(f".{self._zone}.")]
            self._update(ours, add=False)
        except NotWritten as error:
            return error.trouble  # it stays noted: the next run tries again
        if noted:
            self._state.proofs = [one for one in self._state.proofs if one not in noted]
            self._state.save()
        return None

    def _update(self, proofs: list[Proof], *, add: bool) -> None:
        """Have the primary add or remove these texts.

        Raises:
            NotWritten: With the kind of trouble, and whose words.
        """
        key = read_key() if proofs else None
        for start in range(0, len(proofs), RECORDS):
            message = dns.update.UpdateMessage(f"{self._zone}.", keyring=key)
            for owner, text in proofs[start : start + RECORDS]:
                if add:
                    message.add(dns.name.from_text(owner), TTL, "TXT", f'"{text}"')
                else:
                    message.delete(dns.name.from_text(owner), "TXT", f'"{text}"')
            self._send(message)

    def _send(self, message: dns.update.UpdateMessage) -> None:
        address, port = split(self._primary)
        try:
            answer = dns.query.tcp(message, address, timeout=UPDATE, port=port)
        except (dns.tsig.PeerError, dns.tsig.BadTime, dns.tsig.BadSignature) as error:
            raise NotWritten(REFUSED, f"{self._primary}: {_words(error)}") from None
        except dns.exception.FormError:
            why = f"{self._primary} answers without a signature, as when it has no {self._zone}"
            raise NotWritten(REFUSED, why) from None
        except (dns.exception.DNSException, OSError, ValueError, NotImplementedError) as error:
            raise NotWritten(SILENT, f"{self._primary}: {_words(error)}") from None
        if answer.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(answer.rcode())
            raise NotWritten(REFUSED, f"{self._primary} refuses to write to {self._zone}: {code}")

    def _wait(self) -> Trouble | None:
        """Ask every name server for every proof, again and again; who is late, and for what."""
        deadline, pause = time.monotonic() + SPREADING, _FIRST_PAUSE
        missing = {(name, proof) for name in self._servers for proof in self._placed}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                asked = sorted(missing)
                given = pool.map(self._given, asked)
                missing = {one for one, there in zip(asked, given, strict=True) if not there}
                if not missing:
                    return None
                if time.monotonic() >= deadline:
                    break
                time.sleep(pause)  # the DNS tells nobody when a zone has arrived
                pause = min(pause * 2, _LONGEST_PAUSE)
        names = sorted({name for name, _ in missing})
        told = ", ".join(f"{name} ({', '.join(self._servers[name])})" for name in names)
        why = f"{told} did not give what {self._primary} was told within {SPREADING:.0f} seconds"
        return Trouble(LATE, why)

    def _given(self, question: tuple[str, Proof]) -> bool:
        """Whether a name server gives a proof.

        By one of its addresses at least, and by no other one without it: this host may have no way
        to some of them, as by IPv6.
        """
        name, (owner, text) = question
        asked = [one for one in self._servers[name] if one not in self._mute]
        answers = {one: _texts(one, owner) for one in asked}
        heard = [found for found in answers.values() if found is not None]
        if heard:
            self._mute |= {one for one, found in answers.items() if found is None}
        return bool(heard) and all(text in found for found in heard)


def read_key() -> dns.tsig.Key:
    """The key of the zone of proofs, as this host holds it.

    Raises:
        NotWritten: It is not there, or damaged.
    """
    fields = dict(KEY_FIELD.findall(read_or_none(store.PROOFS_KEY) or b""))
    try:
        name, secret, algorithm = (fields[one].decode() for one in (b"id", b"secret", b"algorithm"))
        return dns.tsig.Key(name, secret, f"{algorithm}.")
    except (LookupError, ValueError, dns.exception.DNSException):
        raise NotWritten(KEY, f"{store.PROOFS_KEY} is missing or damaged") from None


def split(address: str) -> tuple[str, int]:
    """Address and port of ``192.0.2.10`` or ``192.0.2.10@5353``."""
    host, _, port = address.partition("@")
    return host, int(port or 53)


def _texts(server: str, owner: str) -> list[str] | None:
    """The TXT records of `owner` at one address, no cache between; None without an answer."""
    query = dns.message.make_query(owner, "TXT")
    query.flags &= ~dns.flags.RD
    address, port = split(server)
    try:
        answer, _ = dns.query.udp_with_fallback(query, address, timeout=QUESTION, port=port)
    except (dns.exception.DNSException, OSError, ValueError):
        return None
    return list(_strings(answer.answer))


def _strings(rrsets: Iterable[Any]) -> Iterator[str]:
    for rrset in rrsets:
        if rrset.rdtype == dns.rdatatype.TXT:
            yield from (b"".join(rdata.strings).decode(errors="replace") for rdata in rrset)


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:200]
