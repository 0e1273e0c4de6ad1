# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's own DKIM keys on this mail host: made, published, given to Rspamd to sign with.

Beside the private keys lies ``platform.json``: what the header of the share said last, and how far
each generation of keys has come (:mod:`bastide_rotation`).  ``signing.map`` says for each domain
which selectors sign for it; a domain enters it once the world can see its CNAMEs.
"""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils.bastide_bulk import Survey
from ansible.module_utils.bastide_files import HostError, read_or_none, run, words, write_atomic
from ansible.module_utils.bastide_reconcile import Change, change
from ansible.module_utils.bastide_rotation import (
    Generation,
    Generations,
    Pace,
    first,
    from_data,
    is_due,
)
from ansible.module_utils.bastide_share import SIREN, is_domain

STATE = "platform.json"
MAP = Path("/var/lib/bastide/mail/maps/signing.map")
# By which the module arc of Rspamd, which takes one selector for a domain, seals for those that
# have no key of their own: domain and selector, domain and path.
ARC_SELECTORS, ARC_PATHS = "arc_selectors.map", "arc_paths.map"
KIND = "signing:"
# What a place holds that no key has (RFC 6376 §3.6.1).
REVOKED = "v=DKIM1; p="
# What an Ed25519 key in PKCS #8 (RFC 8410 §7) and its public half (§4) have before their 32 bytes.
_ED_PRIVATE = bytes.fromhex("302e020100300506032b657004220420")
_ED_PUBLIC = bytes.fromhex("302a300506032b6570032100")
_ED_BYTES = 32
# A domain that had no CNAMEs is looked at again in the first run of the next day.
LOOK_AGAIN = 20 * 3600


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the header of the share asks for; see ``facts_for`` in src/bastide/desired/dkim.py.

    `selectors` maps an algorithm to those of its two places; times are seconds.
    """

    zone: str
    operator: str
    generation: int
    selectors: Mapping[str, list[str]]
    servers: list[str]
    wait: int
    grace: int

    @property
    def pace(self) -> Pace:
        """How long the steps of a rotation take."""
        return Pace(self.wait, self.grace)

    @property
    def names(self) -> tuple[str, Any]:
        """Under which names the keys are; with others nothing goes on from before."""
        return self.zone, dict(self.selectors)

    @property
    def data(self) -> dict[str, Any]:
        """As the header has it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def in_place(self, place: int) -> dict[str, str]:
        """Algorithm → selector of one of the two places; RSA first, which every verifier knows."""
        return {algorithm: self.selectors[algorithm][place - 1] for algorithm in MAKERS}


@dataclass(slots=True)
class State:
    """What lies in ``platform.json``.

    `wanted` is None once signing is no longer asked for; `looked` is when domains were last looked
    at, in seconds of Unix, and `waiting` those whose CNAMEs were not there.
    """

    wanted: Wanted | None = None
    known: Generations = ()
    looked: int = 0
    waiting: list[str] = field(default_factory=list)

    @property
    def signing(self) -> Generation | None:
        """The generation that mail is signed with, None while there is none."""
        return next((one for one in self.known if one.signing), None)

    @property
    def data(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "wanted": self.wanted.data if self.wanted else None,
            "generations": [one.data for one in self.known],
            "looked": self.looked,
            "waiting": self.waiting,
        }


def wanted_by(share: Path) -> Wanted | None:
    """What the header of a share asks for, None for nothing.

    Raises:
        HostError: When it is no such thing.
    """
    with share.open("rb") as file:
        try:
            return _wanted(json.loads(file.readline()).get("signing"))
        except (ValueError, AttributeError):
            raise HostError("the header of the share is not JSON") from None


def _wanted(data: Any) -> Wanted | None:
    if data is None:
        return None
    try:
        found = Wanted(**data)
    except TypeError:
        raise HostError("signing: other fields than are known") from None
    pairs = found.selectors.values() if isinstance(found.selectors, dict) else ()
    names = [name for pair in pairs if isinstance(pair, list) for name in pair]
    numbers = (found.generation, found.wait, found.grace)
    if (
        not is_domain(found.zone)
        or not SIREN.match(str(found.operator))
        or not all(type(one) is int and one >= 0 for one in numbers)
        or set(found.selectors) != set(MAKERS)
        or len(names) != 2 * len(MAKERS)
        or not all(isinstance(one, str) and dkim.SELECTOR.match(one) for one in names)
        or not isinstance(found.servers, list)
    ):
        raise HostError("signing: what the header of the share asks for is not whole")
    return found


def read() -> State:
    """What this host noted; empty when it never signed, or the note is damaged."""
    try:
        data = json.loads(read_or_none(dkim.KEYS / STATE) or b"{}")
        return State(
            _wanted(data.get("wanted")),
            from_data(data.get("generations") or []),
            int(data.get("looked") or 0),
            [str(one) for one in data.get("waiting") or ()],
        )
    except (ValueError, TypeError, AttributeError, HostError):
        return State()


def save(state: State) -> None:
    """Write the note; nothing that is secret is in it."""
    text = json.dumps(state.data, indent=1, sort_keys=True) + "\n"
    if read_or_none(dkim.KEYS / STATE) != text.encode():
        write_atomic(dkim.KEYS / STATE, text)


def survey(found: Survey, domains: list[str]) -> None:
    """What is asked for now against what was noted, and what this host gives for the zone.

    Args:
        found: Gets a change of ``signing:<zone>``, values, and what there is to go on with.
        domains: Those of the mail directory.
    """
    wanted, state = wanted_by(found.source), read()
    now = int(time.time())
    before = state.wanted
    siren = (wanted or before).operator if wanted or before else ""  # type: ignore[union-attr]
    if not siren or not found.in_scope(siren):
        wanted = before
    elif _told(before) != _told(wanted):
        found.changes += _change(before, wanted)
    elif before != wanted:
        found.repaired.append(str(dkim.KEYS / STATE))
    if wanted is None:
        return
    found.also["signs"] = True
    if before is not None and before.names == wanted.names:
        found.gives |= values(wanted, state.known)
    if before == wanted and _is_due(state, wanted, domains, now):
        found.repaired.append(f"{dkim.KEYS / STATE} ({KIND}{wanted.zone})")


def _told(wanted: Wanted | None) -> object:
    """What a plan shows of it."""
    return wanted and (wanted.names, wanted.generation)


def _change(before: Wanted | None, after: Wanted | None) -> list[Change]:
    changes = []
    if before and (after is None or before.zone != after.zone):
        changes.append(
            change("delete", f"{KIND}{before.zone}", before.operator, _body(before), None)
        )
    if after:
        same = before if before and before.zone == after.zone else None
        action, former = ("update", _body(same)) if same else ("create", None)
        changes.append(change(action, f"{KIND}{after.zone}", after.operator, former, _body(after)))
    return changes


def _body(wanted: Wanted) -> dict[str, Any]:
    return {
        "generation": wanted.generation,
        "selectors": sorted(itertools.chain(*wanted.selectors.values())),
    }


def _is_due(state: State, wanted: Wanted, domains: list[str], now: int) -> bool:
    if is_due(state.known, wanted.generation, now, wanted.pace):
        return True
    unseen = set(domains) - signed_domains().keys()
    return bool(unseen) and state.signing is not None and now - state.looked >= LOOK_AGAIN


def converge(found: Survey) -> None:
    """Note what is asked for; make the first keys.  The rest goes on once the zones are served."""
    wanted, state = wanted_by(found.source), read()
    siren = (wanted or state.wanted).operator if wanted or state.wanted else ""  # type: ignore[union-attr]
    if not siren or not found.in_scope(siren):
        found.gives |= values(state.wanted, state.known) if state.wanted else {}
        return
    if wanted is None:
        # Before the zone loses the keys.
        write_map({})
        state.wanted = None
        save(state)
        return
    if not state.known or state.wanted is None or state.wanted.names != wanted.names:
        # Other names: what they lead to is not seen yet.
        write_map({})
        state = State(wanted, first(wanted.generation, int(time.time())))
        make(wanted, state.known[0])
    state.wanted = wanted
    save(state)
    found.gives |= values(wanted, state.known)


def values(wanted: Wanted, known: Generations) -> dict[str, str]:
    """The TXT value of each name: a public key, or that there is none in this place.

    Returns:
        ``dkim:<selector>.<zone>`` → value, for every name of this host; without those of a
        generation whose keys are not there.
    """
    found = {}
    generation = {one.place: one for one in known}
    for algorithm, pair in wanted.selectors.items():
        for place, selector in enumerate(pair, 1):
            value: str | None = REVOKED
            if place in generation:
                public = read_or_none(key_file(selector).with_suffix(".pub"))
                value = _record(algorithm, public) if public else None
            if value:
                found[f"dkim:{selector}.{wanted.zone}"] = value
    return found


def _record(algorithm: str, public: bytes) -> str:
    return f"v=DKIM1; k={algorithm}; p={public.decode().strip()}"


def key_file(selector: str) -> Path:
    """Where the private key lies that is published under `selector`, which is checked."""
    return dkim.KEYS / f"platform.{selector}.key"


def make(wanted: Wanted, one: Generation) -> None:
    """Make both keys of a generation, over what its place may have held before.

    Raises:
        HostError: openssl refuses.
        OSError: The keys cannot be written.
    """
    for algorithm, selector in wanted.in_place(one.place).items():
        private, public = MAKERS[algorithm]()
        path = key_file(selector)
        path.with_suffix(".pub").unlink(missing_ok=True)
        write_atomic(path, private, dkim.MODE, dkim.GROUP)
        write_atomic(path.with_suffix(".pub"), base64.b64encode(public) + b"\n")


def remove(wanted: Wanted, place: int) -> None:
    """Remove the private keys of a place that is free: nothing is signed or verified with them."""
    for selector in wanted.in_place(place).values():
        key_file(selector).unlink(missing_ok=True)
        key_file(selector).with_suffix(".pub").unlink(missing_ok=True)


def _rsa() -> tuple[bytes, bytes]:
    private = _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{dkim.BITS}")
    return private, _openssl("pkey", "-pubout", "-outform", "DER", text=private)


def _ed25519() -> tuple[bytes, bytes]:
    """Rspamd takes the bare key in base64, and no PEM; records hold it bare too (RFC 8463 §4)."""
    private = _openssl("genpkey", "-algorithm", "ED25519", "-outform", "DER")
    public = _openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", text=private)
    for data, head in ((private, _ED_PRIVATE), (public, _ED_PUBLIC)):
        if not data.startswith(head) or len(data) != len(head) + _ED_BYTES:
            raise HostError("openssl gave an Ed25519 key in a form that is not RFC 8410's")
    return base64.b64encode(private[-_ED_BYTES:]), public[-_ED_BYTES:]


MAKERS = {"rsa": _rsa, "ed25519": _ed25519}


def _openssl(*argv: str, text: bytes = b"") -> bytes:
    done = run(["openssl", *argv], text)
    if done.returncode != 0:
        raise HostError(f"openssl: {words(done)}")
    return bytes(done.stdout)


def signed_domains() -> dict[str, list[str]]:
    """Domain → selectors that sign for it now, as Rspamd reads them."""
    found = {}
    for line in (read_or_none(MAP) or b"").decode(errors="replace").splitlines():
        domain, _, selectors = line.partition(" ")
        if is_domain(domain):
            found[domain] = selectors.split(",")
    return found


def write_map(domains: Mapping[str, list[str]], own: Container[str] = ()) -> bool:
    """Replace Rspamd's map at once, so that no message is signed half in the old way.

    Args:
        domains: Domain → selectors that sign for it.
        own: Those that have a key of their own, which seals for them.

    Returns:
        Whether it is another one than before.
    """
    sealed = {domain: domains[domain][0] for domain in domains if domain not in own}
    path = f"{dkim.KEYS}/platform.$selector.key"
    texts = {
        MAP: {domain: ",".join(selectors) for domain, selectors in domains.items()},
        MAP.with_name(ARC_SELECTORS): sealed,
        MAP.with_name(ARC_PATHS): dict.fromkeys(sealed, path),
    }
    replaced = {file for file, lines in texts.items() if _replaced(file, lines)}
    return bool(replaced)


def _replaced(file: Path, lines: Mapping[str, str]) -> bool:
    text = "".join(f"{domain} {lines[domain]}\n" for domain in sorted(lines)).encode()
    if read_or_none(file) == text or not (text or file.exists()):
        return False
    write_atomic(file, text)
    return True
