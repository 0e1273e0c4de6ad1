# SPDX-License-Identifier: GPL-3.0-or-later
"""The e-administration desk that a collectivity declares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

ProcedureKind = Literal["library", "link", "sheet", "definition"]
KINDS: tuple[ProcedureKind, ...] = ("library", "link", "sheet", "definition")

ADJUSTABLE = ("title", "description", "service", "delay", "retention_months")
"""What a charter may say differently of a procedure of the library."""

_LONGEST = 60

# As the desk has them (src/guichet/convergence/share.py), which refuses a share with other names.
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_TEXT = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(
    rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@)(?!-){_TEXT}+(?:\.{_TEXT}+)*@(?:{_LABEL}\.)+{_LABEL}\Z"
)


class Offered(NamedTuple):
    """One entry of `guichet.procedures`, in the order of the file.

    `kinds` are those that it names: exactly one, unless a rule tells; `target` is what goes with
    the first of them: a name of the library, a web address, a national sheet, a file.
    `told` is what it says beside: title, description, service, delay, retention_months.
    """

    kinds: tuple[ProcedureKind, ...]
    target: str
    slug: str
    told: Mapping[str, Any]
    place: int
    line: int

    @property
    def kind(self) -> ProcedureKind:
        """Which of the kinds it is."""
        return self.kinds[0]


class Receiver(NamedTuple):
    """A service of the town hall that receives requests; `email` is the address of a function."""

    slug: str
    name: str
    email: str | None
    phone: str | None
    line: int


class Agent(NamedTuple):
    """Who works at the desk: the address of a function, never a person's name."""

    address: str
    normal: str | None
    role: Literal["manager", "officer", "reader"]
    procedures: tuple[str, ...]
    name: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Guichet:
    """The desk; `domain` as written, `host` in A-labels.

    `banner` is a file below ``assets/`` with its alternative text; `colours` are ``primary`` and
    ``accent``; `enrichments` map a sheet, a folder or ``pivot:…`` to what is said there, `pivots` a
    kind of public service to what is known of the town's own.
    """

    domain: str
    host: str | None
    offered: tuple[Offered, ...]
    comarquage: tuple[str, ...]
    line: int
    banner: Mapping[str, str] | None = None
    banner_line: int = 0
    colours: Mapping[str, str] = field(default_factory=dict)
    receivers: tuple[Receiver, ...] = ()
    agents: tuple[Agent, ...] = ()
    enrichments: Mapping[str, Any] = field(default_factory=dict)
    pivots: Mapping[str, Any] = field(default_factory=dict)
    privacy: Mapping[str, str] = field(default_factory=dict)


def is_name(slug: str) -> bool:
    """True for what can be the last part of a procedure's address."""
    return len(slug) <= _LONGEST and _NAME.match(slug) is not None


def can_be_invited(address: str | None) -> bool:
    """True for an address in normal form that the desk mails links to."""
    return address is not None and _ADDRESS.match(address) is not None


def slug_from(text: str) -> str:
    """The name under which a procedure with this title is reached: ``dossier-d-urbanisme``.

    Empty when no letter of it is Latin; at most sixty characters, beginning with a letter.
    """
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    slug = "-".join(words)[:_LONGEST].strip("-")
    return slug if slug[:1].isalpha() else f"n-{slug}"[:_LONGEST].strip("-") if slug else ""
