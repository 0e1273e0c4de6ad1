# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile that sets up mail on Apple devices, for one address.

Payloads: Apple, Configuration Profile Reference, `com.apple.mail.managed`, and for a user of
the Zimbra server those of CalDAV and CardDAV.  No password goes in: the device asks for it.
"""

from __future__ import annotations

import plistlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.fleet import Fleet
from bastide.model.platform import Clients
from bastide.report.on_zimbra import owner_on_zimbra, zimbra_settings
from bastide.report.sheet import mail_settings, require_account

NOT_SIGNED = declare(
    "C841",
    Severity.ERROR,
    en="the profile cannot be signed with {certificate} and {key}: {error}",
    fr="le profil ne peut être signé avec {certificate} et {key} : {error}",
    hint_en="Both are PEM; the first holds the certificate of the key, then its chain.",
    hint_fr="Les deux sont en PEM ; le premier contient le certificat de la clé, puis sa chaîne.",
)


def profile(fleet: Fleet, address: str) -> bytes:
    """Property list of the profile for `address`; ``InvalidInput`` when it is no account."""
    normal = require_account(fleet, address)
    zimbra = fleet.platform.mail.zimbra if owner_on_zimbra(fleet, normal) else None
    clients = zimbra_settings(zimbra) if zimbra else mail_settings(fleet.platform)
    provider = fleet.platform.operator_name
    mail: dict[str, Any] = {
        **_payload("com.apple.mail.managed", f"{clients.server}.mail.{normal}", "Courrier"),
        "EmailAccountDescription": normal,
        "EmailAddress": normal,
        "EmailAccountType": "EmailTypeIMAP",
        "IncomingMailServerHostName": clients.server,
        "IncomingMailServerPortNumber": 993,
        "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": normal,
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": clients.server,
        "OutgoingMailServerPortNumber": 465,
        "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": normal,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    whole = {
        **_payload("Configuration", f"{clients.server}.{normal}", f"Courrier {normal}"),
        "PayloadOrganization": provider,
        "PayloadContent": [mail, *(_dav(normal, clients) if zimbra else ())],
    }
    return plistlib.dumps(whole)


def _dav(address: str, clients: Clients) -> Iterator[dict[str, Any]]:
    """Calendars and address books of the Zimbra server (`com.apple.caldav.account`, …)."""
    for kind, prefix, shown in (
        ("com.apple.caldav.account", "CalDAV", "Agendas"),
        ("com.apple.carddav.account", "CardDAV", "Contacts"),
    ):
        yield {
            **_payload(kind, f"{clients.server}.{prefix}.{address}", shown),
            f"{prefix}AccountDescription": f"{shown} {address}",
            f"{prefix}HostName": clients.server,
            f"{prefix}Port": 443,
            f"{prefix}UseSSL": True,
            f"{prefix}Username": address,
            f"{prefix}PrincipalURL": f"/principals/users/{address}/",
        }


def sign(data: bytes, certificate: Path, key: Path) -> bytes:
    """`data` inside a signature (CMS, DER), as a device shows it as verified.

    Raises:
        InvalidInput: the files cannot be read, or do not belong together (C841).
    """
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
        private = _key_of(chain[0], key)
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        builder = builder.add_signer(chain[0], private, hashes.SHA256())
        for other in chain[1:]:
            builder = builder.add_certificate(other)
        return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        told = diagnose(NOT_SIGNED, "", certificate=certificate, key=key, error=error)
        raise InvalidInput(told) from error


def _key_of(
    certificate: x509.Certificate, path: Path
) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    private = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(private, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise TypeError("neither an RSA nor an EC key")
    if private.public_key() != certificate.public_key():
        raise ValueError("the key is not that of the certificate")
    return private


def _payload(kind: str, identity: str, shown: str) -> dict[str, Any]:
    """What every payload has; made again it is the same one, which a device then replaces."""
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identity,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{kind}.{identity}")).upper(),
        "PayloadDisplayName": shown,
    }
