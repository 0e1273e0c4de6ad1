# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world on this machine: real DNS, web and mail servers, on ports of their own.

Its zones can be signed, its certificates come from an authority of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import socket
import socketserver
import ssl
import struct
import threading
from pathlib import Path

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"


class Names:
    """What the DNS server knows; `broken` names are answered SERVFAIL, `mute` ones never."""

    def __init__(self):
        self.zones = {}
        self.parents = {}
        self.broken = set()
        self.mute = set()
        self.asked = []

    def add(self, origin, text, *, signed=False, registered=True):
        zone = dns.zone.from_text(
            f"$TTL 60\n@ SOA ns.{origin}. root.{origin}. 1 3600 600 86400 60\n{text}",
            origin=f"{origin}.",
            relativize=False,
            check_origin=False,
        )
        if signed:
            self._sign(zone, registered=registered)
        self.zones[zone.origin] = zone
        return zone

    def _sign(self, zone, *, registered):
        key = ec.generate_private_key(ec.SECP256R1())
        record = dns.dnssec.make_dnskey(key.public_key(), "ECDSAP256SHA256", flags=257)
        with zone.writer() as change:
            dns.dnssec.sign_zone(zone, change, keys=[(key, record)], lifetime=86400, dnskey_ttl=60)
        if registered:
            self.parents[zone.origin] = dns.dnssec.make_ds(zone.origin, record, "SHA256").to_text()

    def answer(self, wire, *, tcp):
        query = dns.message.from_wire(wire)
        question = query.question[0]
        self.asked.append((question.name.to_text(), dns.rdatatype.to_text(question.rdtype)))
        name = question.name.to_text(omit_final_dot=True)
        if name in self.mute:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        if name in self.broken:
            reply.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(reply, question, query.ednsflags & dns.flags.DO)
        out = reply.to_wire(max_size=65535)
        if not tcp and len(out) > 1232:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            out = short.to_wire()
        return out

    def _fill(self, reply, question, signatures):
        origins = [o for o in self.zones if question.name.is_subdomain(o)]
        if not origins:
            reply.set_rcode(dns.rcode.REFUSED)
            return
        zone = self.zones[max(origins, key=len)]
        if question.rdtype == dns.rdatatype.DS:
            if question.name in self.parents:
                text = self.parents[question.name]
                reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "DS", text))
            return
        node = zone.get_node(question.name)
        for rtype in (question.rdtype, dns.rdatatype.CNAME):
            found = node and node.get_rdataset(dns.rdataclass.IN, rtype)
            if found:
                reply.answer.append(dns.rrset.from_rdata_list(question.name, 60, list(found)))
                signed = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.RRSIG, rtype)
                if signatures and signed:
                    rrset = dns.rrset.from_rdata_list(question.name, 60, list(signed))
                    reply.answer.append(rrset)
                return
        if node is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        soa = zone.get_rrset(zone.origin, dns.rdatatype.SOA)
        reply.authority.append(soa)


class Authority:
    """An authority and the certificates that it gives."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        self._self = self._build(self._name, self._key.public_key(), authority=True)
        self.file = self._folder / "ca.pem"
        self.file.write_bytes(self._self.public_bytes(Encoding.PEM))

    def _build(self, subject, public, names=(), *, authority=False):
        now = dt.datetime.now(dt.UTC)
        key_id = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id),
                critical=False,
            )
        )
        if authority:
            builder = builder.add_extension(key_id, critical=False)
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def context(self, *names):
        """A server's side of TLS with a certificate for `names`, and the certificate (DER)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._build(subject, key.public_key(), names)
        file = self._folder / f"{names[0]}.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context, certificate


def key_digest(certificate):
    """Data of a TLSA 3 1 1 record."""
    import hashlib

    key = certificate.public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


@contextlib.contextmanager
def serving(server):
    """`server` at work in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False

    def handle_error(self, request, client_address):
        """A client that breaks off is part of the tests."""


@contextlib.contextmanager
def dns_server(names):
    """Port of a DNS server, the same over UDP and TCP."""

    class Udp(socketserver.BaseRequestHandler):
        def handle(self):
            data, channel = self.request
            out = names.answer(data, tcp=False)
            if out is not None:
                channel.sendto(out, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self):
            [length] = struct.unpack("!H", self.rfile.read(2))
            out = names.answer(self.rfile.read(length), tcp=True)
            if out is not None:
                self.wfile.write(struct.pack("!H", len(out)) + out)

    udp, tcp = _on_one_port(Udp, Tcp)
    with serving(udp) as port, serving(tcp):
        yield port


def _on_one_port(udp_handler, tcp_handler):
    """A UDP and a TCP server on the same port: one that is free for the one may not be so for
    the other."""
    while True:
        udp = socketserver.ThreadingUDPServer((HERE, 0), udp_handler)
        udp.daemon_threads = False
        try:
            return udp, _Threads(udp.server_address, tcp_handler)
        except OSError:
            udp.server_close()


@contextlib.contextmanager
def web_server(pages, tls=None):
    """Port of a web server; `pages` maps host and path to a status and a Location or a text.

    `tls` maps a name (SNI) to a context; the first one is for all others.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            host = self.headers["Host"].partition(":")[0]
            status, text = pages.get(f"{host}{self.path}", (404, ""))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", text)
                text = ""
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments):
            """Tests say nothing."""

    server = _Threads((HERE, 0), Handler)
    if tls:
        first = next(iter(tls.values()))

        def choose(channel, name, _context):
            channel.context = tls.get(name, first)

        first.sni_callback = choose
        server.socket = first.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    with serving(server) as port:
        yield port


@contextlib.contextmanager
def mail_server(tls):
    """Port of a mail server that greets and offers STARTTLS, which `tls` answers (None: not)."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.channel, self.secure = self.request, False
            with contextlib.suppress(OSError):
                self.channel.sendall(b"220 mx.example.org ESMTP\r\n")
                while self.obey(read_line(self.channel)):
                    pass
            self.channel.close()

        def obey(self, verb):
            """Answer one command; False ends the session."""
            offered = tls is not None and not self.secure
            if verb.startswith(b"EHLO"):
                offer = b"250-STARTTLS\r\n" if offered else b""
                self.channel.sendall(b"250-mx.example.org\r\n" + offer + b"250 8BITMIME\r\n")
            elif verb == b"STARTTLS" and offered:
                self.channel.sendall(b"220 ready\r\n")
                self.channel = tls.wrap_socket(self.channel, server_side=True)
                self.secure = True
            elif verb == b"QUIT":
                self.channel.sendall(b"221 bye\r\n")
            elif verb:
                self.channel.sendall(b"502 not here\r\n")
            return verb not in {b"", b"QUIT"}

    with serving(_Threads((HERE, 0), Handler)) as port:
        yield port


def read_line(channel):
    """One command in capitals; empty when the client has gone."""
    line = b""
    while not line.endswith(b"\n"):
        byte = channel.recv(1)
        if not byte:
            return b""
        line += byte
    return line.strip().upper()


def closed_port():
    """A port where nobody listens."""
    with socket.socket() as one:
        one.bind((HERE, 0))
        return one.getsockname()[1]
