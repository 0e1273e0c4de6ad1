# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a web host as they lie on disk, and what is remembered about them.

One file holds private key and chain, so that a rename replaces both at once; nginx reads it at
each handshake (``ssl_certificate`` with a variable), and a damaged one is its own name's trouble
alone.  Beside the standard library this needs python3-cryptography, which python3-acme brings.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible.module_utils.bastide_files import (
    HostError,
    read_or_none,
    read_state,
    sha256,
    write_atomic,
)

SETTINGS = Path("/etc/bastide/tls/acme.json")
ACCOUNT_KEY = Path("/etc/bastide/tls/acme-account.pem")
FOLDER = Path("/etc/bastide/tls/names")
STATE = Path("/var/lib/bastide/tls/state.json")
LOCK = Path("/var/lib/bastide/tls/lock")
CHALLENGES = Path("/srv/acme")
GROUP = "www-data"
OWN = "_host"
"""The certificate of the host's own names; no domain bears an underscore at its beginning."""

PROOFS_KEY = Path("/etc/bastide/tls/proofs.conf")
"""The key (TSIG) by which this host may write to the zone of proofs, as Knot's keymgr writes it."""

# Let's Encrypt asks for a renewal when a third of the life is left.
RENEW_AFTER = 2 / 3
# From here on a renewal that fails is told by every plan.
ALARM_AFTER = 5 / 6
FIRST_REST, LONGEST_REST = timedelta(minutes=20), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a file says: sorted names, and from when to when (UTC) it is valid."""

    names: tuple[str, ...]
    begins: datetime
    ends: datetime

    def at(self, share: float) -> datetime:
        """The moment at which that share of its life is over."""
        return self.begins + (self.ends - self.begins) * share


@dataclass(slots=True)
class Wanted:
    """A certificate that shall be there: whose it is, and for which names (sorted)."""

    siren: str
    names: list[str]


@dataclass(slots=True)
class Failure:
    """A name that could not be proved: how often in a row, until when it rests, and why."""

    count: int
    until: str
    why: str


@dataclass(slots=True)
class State:
    """What outlives a run.

    Attributes:
        wanted: By the name of the certificate, what was asked for last.
        failures: By name, those that rest after a failure.
        orders: The last week's orders: ``[ISO time, digest of the names, registered domains]``.
        account: Address of the ACME account, by the directory it belongs to.
        proofs: TXT records that were published to prove names by DNS and not removed yet,
            ``[owner, text]``; what a killed run left is removed by the next.

    What files were found to hold is kept beside, by the digest of their content.
    """

    wanted: dict[str, Wanted] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    orders: list[list[Any]] = field(default_factory=list)
    account: dict[str, str] = field(default_factory=dict)
    proofs: list[list[str]] = field(default_factory=list)

    def resting(self, names: Iterable[str], now: datetime) -> dict[str, Failure]:
        """Those of `names` that are not to be asked for yet."""
        return {
            name: self.failures[name]
            for name in names
            if name in self.failures and moment(self.failures[name].until) > now
        }

    def fail(self, name: str, why: str, now: datetime) -> None:
        """Note that `name` was not proved: it rests for a while, then an hour, two, up to a day.

        Not long at first: a zone may be new, and not every name server of it know it yet.  Five
        failures of a name in an hour are the most that Let's Encrypt takes.
        """
        before = self.failures.get(name)
        count = min(before.count + 1 if before else 1, 20)
        rest = min(timedelta(hours=2 ** (count - 2)), LONGEST_REST) if count > 1 else FIRST_REST
        self.failures[name] = Failure(count, (now + rest).isoformat(timespec="seconds"), why)

    def save(self) -> None:
        """Write it, whole."""
        text = json.dumps({**asdict(self), "known": _known_as_json()}, indent=1, sort_keys=True)
        write_atomic(STATE, text + "\n", 0o600)


def moment(text: str) -> datetime:
    """A time out of the state; the beginning of time when it cannot be read."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def load_state() -> State:
    """The state; a damaged one is begun anew: what lies on disk counts."""
    raw: Mapping[str, Any] = read_state(STATE)
    state = State()
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        state.account = {str(k): str(v) for k, v in raw.get("account", {}).items()}
        state.wanted = {k: Wanted(**v) for k, v in raw.get("wanted", {}).items()}
        state.failures = {k: Failure(**v) for k, v in raw.get("failures", {}).items()}
        _remember(raw.get("known", {}))
        state.proofs = [[str(a), str(b)] for a, b in raw.get("proofs", [])]
        state.orders = [[str(a), str(b), [str(d) for d in c]] for a, b, c in raw.get("orders", [])]
    return state


def read_settings() -> dict[str, Any]:
    """What the role tls wrote for this host.

    Raises:
        HostError: It was not, or not whole.
    """
    try:
        settings = json.loads(read_or_none(SETTINGS) or b"")
    except ValueError:
        raise HostError(f"{SETTINGS} is missing or damaged: run playbooks/platform.yml") from None
    return dict(settings)


def pem_file(stem: str) -> Path:
    """Where the certificate called `stem` lies, key and chain."""
    return FOLDER / f"{stem}.pem"


def read_certificate(stem: str) -> Certificate | None:
    """What lies there; None when nothing does, or nothing that could be served."""
    raw = read_or_none(pem_file(stem))
    return parse(raw) if raw else None


# Digest of a file's content → what it holds.  To load a private key takes milliseconds, since it is
# checked: for 300 towns a second, for a country minutes, in each plan.
_KNOWN: dict[str, Certificate] = {}
_USED: set[str] = set()


def parse(raw: bytes) -> Certificate | None:
    """A key with its chain, in PEM; None when they do not go together or cannot be read."""
    digest = sha256(raw)
    known = _KNOWN.get(digest) or _parse(raw)
    if known:
        _KNOWN[digest] = known
        _USED.add(digest)
    return known


def _known_as_json() -> dict[str, list[Any]]:
    """What this process has come across."""
    return {
        digest: [one.names, one.begins.isoformat(), one.ends.isoformat()]
        for digest in _USED
        for one in [_KNOWN[digest]]
    }


def _remember(found: Mapping[str, list[Any]]) -> None:
    for digest, (names, begins, ends) in found.items():
        dates = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
        _KNOWN[digest] = Certificate(tuple(names), *dates)


def _parse(raw: bytes) -> Certificate | None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(raw, None).public_key()
        leaf = x509.load_pem_x509_certificate(raw)
        said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if key.public_bytes(*form) != leaf.public_key().public_bytes(*form):
            return None
        names = tuple(sorted(said.get_values_for_type(x509.DNSName)))
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return None
    return Certificate(names, _utc(leaf, "not_valid_before"), _utc(leaf, "not_valid_after"))


def _utc(leaf: Any, field_name: str) -> datetime:
    """A time of a certificate; Debian 12's cryptography gives it without its zone, UTC."""
    newer: datetime | None = getattr(leaf, f"{field_name}_utc", None)
    if newer is not None:
        return newer
    older: datetime = getattr(leaf, field_name)
    return older.replace(tzinfo=UTC)


def install(stem: str, key: str, chain: str) -> None:
    """Put a certificate in place, key and chain in one file that nginx's workers can read."""
    write_atomic(pem_file(stem), key.rstrip("\n") + "\n" + chain, 0o640, GROUP)


def remove(stem: str) -> None:
    """Take a certificate away; its names are no longer served by it."""
    pem_file(stem).unlink(missing_ok=True)


def stems() -> set[str]:
    """Names of all certificates that lie there, but the host's own."""
    with contextlib.suppress(OSError):
        return {path.stem for path in FOLDER.glob("*.pem") if not path.name.startswith((".", "_"))}
    return set()
