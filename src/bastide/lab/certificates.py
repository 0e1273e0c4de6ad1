# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own certification authority, and one certificate per host.

Under .bastide/lab/tls: `ca.pem` and `ca.key`, `<host>.pem` and `<host>.key`.  Clients that are to
trust the lab are given `ca.pem`; `acme.pem` has beside it the roots of the lab's ACME authority.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bastide.lab.files import write_private
from bastide.lab.layout import Host, Lab

_AUTHORITY_LIFE = dt.timedelta(days=3650)
# The longest that clients accept from any authority.
_HOST_LIFE = dt.timedelta(days=397)
_RENEW_BEFORE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def ensure_certificates(lab: Lab) -> None:
    """Make what is missing, near its end, or no longer says the host's names."""
    folder = lab.files / "tls"
    authority = _load(folder, "ca")
    if authority is None or _ends_soon(authority.certificate):
        authority = _make_authority(lab)
        _save(folder, "ca", authority)
    for host in lab.hosts:
        pair = _load(folder, host.name)
        if pair is None or not _fits(pair.certificate, host, authority.certificate):
            _save(folder, host.name, _make_host(host, authority))


def keep_roots(lab: Lab, roots: str) -> None:
    """Keep `acme.pem`: whom clients trust for names with a certificate of the lab's ACME authority.

    `roots` (PEM) are those that it made; the lab's own authority is trusted for the hosts' names.
    """
    folder = lab.files / "tls"
    write_private(folder / "acme.pem", (folder / "ca.pem").read_text(encoding="ascii") + roots)


def fingerprint(lab: Lab, host: Host) -> str:
    """Hexadecimal SHA-256 of the host's certificate, which must exist."""
    path = lab.files / "tls" / f"{host.name}.pem"
    return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex()


def _make_authority(lab: Lab) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Bastide lab authority ({lab.name})")]
    )
    certificate = (
        _builder(name, name, key, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(certificate, key)


def _make_host(host: Host, authority: _Pair) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host.names[0])])
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _builder(subject, authority.certificate.subject, key, _HOST_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(signer, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Pair(certificate, key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour back: the clocks of two machines are never quite the same.
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _names(host: Host) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in host.names]
    return [*names, x509.IPAddress(ipaddress.IPv4Address(host.address))]


def _fits(certificate: x509.Certificate, host: Host, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
        said = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return list(said) == _names(host) and not _ends_soon(certificate)


def _ends_soon(certificate: x509.Certificate) -> bool:
    left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    return left < _RENEW_BEFORE


def _load(folder: Path, name: str) -> _Pair | None:
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except (OSError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    if key.public_key() != certificate.public_key():  # killed between the two writes
        return None
    return _Pair(certificate, key)


def _save(folder: Path, name: str, pair: _Pair) -> None:
    key = pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(folder / f"{name}.key", key)
    write_private(folder / f"{name}.pem", pair.certificate.public_bytes(serialization.Encoding.PEM))
