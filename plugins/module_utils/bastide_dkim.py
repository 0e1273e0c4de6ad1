# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM keys of the mail domains: made once on the host, never remade, never removed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible.module_utils.bastide_files import (
    HostError,
    explain,
    read_or_none,
    run,
    words,
    write_atomic,
)

KEYS = Path("/var/lib/bastide/mail/dkim")
# Rspamd reads them as this group; a host without it keeps root's.
GROUP = "_rspamd"
MODE = 0o640
# RFC 8301 §3.2: signers use at least 1024 and should use 2048 bits.
BITS = 2048
# A key takes a fifth of a second of one core; the mail host has other work too.
AT_ONCE = 2

SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_PUBLIC = re.compile(rb"[A-Za-z0-9+/]{200,2000}={0,2}\n?\Z")


def key_file(domain: str, selector: str) -> Path:
    """Where the private key lies; both names are checked."""
    return KEYS / f"{domain}.{selector}.key"


def value_name(domain: str, selector: str) -> str:
    """Under which the zones ask for the public key.

    A host beside the default one has a selector of its own, ``<selector>--<host>``, since
    private keys never leave a host.
    """
    return f"dkim:{selector}.{domain}" if "--" in selector else f"dkim:{domain}"


def make_keys(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Make the key of each ``(domain, selector)`` that has none.

    Returns:
        For each domain whose key could not be made, why.
    """
    missing = [pair for pair in pairs if not key_file(*pair).exists()]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        objections = pool.map(_make, missing)
        return {domain: why for (domain, _), why in zip(missing, objections, strict=True) if why}


def _make(pair: tuple[str, str]) -> str | None:
    argv = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{BITS}"]
    try:
        made = run(argv)
        if made.returncode != 0:
            return f"openssl: {words(made)}"
        public = _public_of(made.stdout)
        path = key_file(*pair)
        write_atomic(path, made.stdout, MODE, GROUP)
        write_atomic(path.with_suffix(".pub"), public, 0o644)
    except HostError as error:
        return str(error)
    except OSError as error:
        return explain(error)
    return None


def _public_of(private: bytes) -> bytes:
    done = run(["openssl", "pkey", "-pubout", "-outform", "DER"], private)
    if done.returncode != 0:
        raise HostError(f"openssl: {words(done)}")
    return base64.b64encode(done.stdout) + b"\n"


def published(selectors: Mapping[str, str], *, write: bool) -> dict[str, str]:
    """The TXT value of each domain that has a key (RFC 6376 §3.6.1).

    Args:
        selectors: Domain → selector in use.
        write: Keep a public key that had to be worked out, so that the next run reads it.

    Returns:
        ``dkim:…`` (see :func:`value_name`) → ``v=DKIM1; k=rsa; p=…``.
    """
    values = {}
    for domain, selector in selectors.items():
        path = key_file(domain, selector)
        public = read_or_none(path.with_suffix(".pub"))
        if public is None or not _PUBLIC.match(public) or not path.exists():
            private = read_or_none(path)
            if private is None:
                continue
            public = _public_of(private)
            if write:
                write_atomic(path.with_suffix(".pub"), public, 0o644)
        values[value_name(domain, selector)] = f"v=DKIM1; k=rsa; p={public.decode().strip()}"
    return values
