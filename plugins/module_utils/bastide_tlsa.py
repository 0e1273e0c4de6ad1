# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE of this mail host: the digest of the key that Postfix shows on port 25, and of the next one.

The next certificate is to be made with ``next-key.pem``, whose digest is published long before;
senders that check (RFC 7672) then know it from the first connection.  Once it is in use, another
one is made.  A certificate renewed with the key of before needs nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_files import HostError, read_or_none, run, words, write_atomic
from ansible.module_utils.bastide_share import is_domain

NEXT = Path("/etc/bastide/tls/next-key.pem")
# The certificate's own key, by SHA-256, whoever signed it (RFC 7672 §3.1.1).
FORM = "3 1 1"
# Between the records of one value; bastide_zones takes them apart.
BETWEEN = ", "


def survey(found: Survey) -> None:
    """Give by which keys this host is recognised, when the header of the share asks for it."""
    if _is_wanted(found.source):
        _tell(found)


def converge(found: Survey) -> None:
    """Make the next key where there is none but the one in use; give both."""
    if not _is_wanted(found.source):
        return
    try:
        following, used = _next(), _in_use()[1]
        if following is None or following in used:
            write_atomic(NEXT, _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", _CURVE), 0o600)
    except HostError:
        pass  # told by what follows
    _tell(found)


_CURVE = "ec_paramgen_curve:P-256"


def _tell(found: Survey) -> None:
    try:
        name, used = _in_use()
        following = _next()
    except HostError as error:
        found.warnings.append(f"no TLSA record for this host: {error}")
        return
    if following is None or following in used:
        found.repaired.append(str(NEXT))
    digests = sorted({*used, *([following] if following else [])})
    found.gives[f"tlsa:{name}"] = BETWEEN.join(f"{FORM} {digest}" for digest in digests)


def _is_wanted(share: Path) -> bool:
    with share.open("rb") as file:
        try:
            return json.loads(file.readline()).get("dane") is True
        except (ValueError, AttributeError):
            raise HostError("the header of the share is not JSON") from None


def _in_use() -> tuple[str, set[str]]:
    """The name of this host, and the digests of the keys of its certificates.

    Postfix may have one chain of each kind of key (postconf(5), smtpd_tls_chain_files).
    """
    settings = ("myhostname", "smtpd_tls_chain_files", "smtpd_tls_cert_file")
    done = run(["postconf", "-xh", *settings])
    if done.returncode != 0:
        raise HostError(f"postconf: {words(done)}")
    name, chains, one = (line.strip() for line in done.stdout.decode().split("\n")[:3])
    name = name.lower()
    if not is_domain(name):
        raise HostError(f"{name!r} is no name of a host")
    files = [Path(file) for file in re.split(r"[,\s]+", chains or one) if file]
    shown = [file for file in files if b"BEGIN CERTIFICATE" in (read_or_none(file) or b"")]
    if not shown:
        raise HostError("Postfix has no certificate")
    return name, {_digest(_openssl("x509", "-noout", "-pubkey", "-in", str(f))) for f in shown}


def _next() -> str | None:
    private = read_or_none(NEXT)
    return _digest(_openssl("pkey", "-pubout", text=private)) if private else None


def _digest(public: bytes) -> str:
    """SHA-256 of a public key in PEM as a certificate has it (SubjectPublicKeyInfo)."""
    der = _openssl("pkey", "-pubin", "-outform", "DER", text=public)
    return hashlib.sha256(der).hexdigest()


def _openssl(*argv: str, text: bytes = b"") -> bytes:
    done = run(["openssl", *argv], text)
    if done.returncode != 0:
        raise HostError(f"openssl: {words(done)}")
    return bytes(done.stdout)
