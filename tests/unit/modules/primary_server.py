# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary name server with the zone of proofs, as strict as Knot is by the role's configuration.

It answers questions for TXT over UDP, and takes dynamic updates (RFC 2136) over TCP: signed with
its key (RFC 8945), of TXT records below the name of its zone, of no other zone.  It answers what it
refuses with NOTAUTH and no signature, as Knot does to a key or a zone that it does not know.
"""

import socket
import socketserver
import struct
import threading
from collections import defaultdict

import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsig

ZONE = dns.name.from_text("acme.info46.com.")
SECRET = "4PsLTlCfl0bRJbZ8zVhzVuSwd5eUPsTMK0/wC4C4Zlk="
KEY = (
    f"# a comment\nkey:\n  - id: bastide-proofs\n    algorithm: hmac-sha256\n    secret: {SECRET}\n"
)


class Primary:
    """Runs inside of `with`; `texts` is what the zone holds, `gives` whether it gives that."""

    def __init__(self):
        self.texts = defaultdict(list)
        self.history = []
        self.gives = True
        self._key = {
            dns.name.from_text("bastide-proofs"): dns.tsig.Key("bastide-proofs", SECRET),
        }

    def __enter__(self):
        primary = self

        class Updates(socketserver.StreamRequestHandler):
            def handle(self):
                head = self.rfile.read(2)
                if len(head) == 2:
                    answer = primary.update(self.rfile.read(struct.unpack("!H", head)[0]))
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)

        class Questions(socketserver.BaseRequestHandler):
            def handle(self):
                data, door = self.request
                if answer := primary.answer(data):
                    door.sendto(answer, self.client_address)

        self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Updates)
        self._tcp.daemon_threads = True
        self._udp = socketserver.ThreadingUDPServer(self._tcp.server_address, Questions)
        for server in (self._tcp, self._udp):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"127.0.0.1@{self._tcp.server_address[1]}"
        return self

    def __exit__(self, *_):
        for server in (self._tcp, self._udp):
            server.shutdown()
            server.server_close()

    def answer(self, data):
        query = dns.message.from_wire(data)
        question = query.question[0]
        answer = dns.message.make_response(query)
        found = self.texts[question.name] if self.gives else ()
        if found and question.rdtype == dns.rdatatype.TXT:
            quoted = [f'"{text}"' for text in found]
            answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", "TXT", *quoted))
        return answer.to_wire()

    def update(self, data):
        try:
            message = dns.message.from_wire(data, keyring=self._key)
        except (dns.message.UnknownTSIGKey, dns.tsig.BadSignature):
            return self._refusal(dns.message.from_wire(data, ignore_trailing=True, keyring=False))
        if not message.had_tsig or message.zone[0].name != ZONE:
            return self._refusal(message)
        if not all(map(self._allowed, message.update)):
            return self._refusal(message)
        for rrset in message.update:
            for rdata in rrset:
                self._change(rrset, b"".join(rdata.strings).decode())
        return dns.message.make_response(message).to_wire()

    @staticmethod
    def _refusal(message):
        answer = dns.message.Message(message.id)
        answer.flags = message.flags | 0x8000
        answer.set_rcode(dns.rcode.NOTAUTH)
        return answer.to_wire()

    @staticmethod
    def _allowed(rrset):
        below = rrset.name.is_subdomain(ZONE) and rrset.name != ZONE
        return below and rrset.rdtype == dns.rdatatype.TXT

    def _change(self, rrset, text):
        held = self.texts[rrset.name]
        if rrset.deleting is None:
            held.append(text)
            self.history.append((rrset.name.to_text(), text))
        elif text in held:
            held.remove(text)

    def all(self):
        """Every text that is there."""
        return sorted(text for held in self.texts.values() for text in held)


def nobody():
    """An address at which nobody answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1@{one.getsockname()[1]}"
