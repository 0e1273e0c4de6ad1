# SPDX-License-Identifier: GPL-3.0-or-later
"""One local government and what it declares, as values that nobody changes.

Built from a document that its schema accepts; nothing here is judged, the rules do that.
`line` is the 1-based line of the key in the collectivity's file, 0 when unknown.  What
a fleet holds by the hundred thousand is a named tuple: it is made in a third of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from bastide.model.guichet import Guichet

Mode = Literal["managed", "transfer", "external", "shared"]
SiteKind = Literal["cms", "minisite", "holding"]


class DeclaredRecord(NamedTuple):
    """A record written by hand, beside those that the services bring."""

    name: str
    type: str
    content: str
    ttl: int | None
    priority: int | None
    place: int
    line: int


class DeclaredNotice(NamedTuple):
    """What was written about the renewal of a name; the day as written, to be judged."""

    kind: Literal["non_renewal", "withdrawal", "renewal"]
    received_on: str
    channel: Literal["letter", "registered", "email"]
    evidence: str


class Deliberation(NamedTuple):
    """What the council decided about a name; the day as written."""

    about: Literal["registration", "transfer", "renewal", "non_renewal"]
    adopted_on: str
    evidence: str


class Domain(NamedTuple):
    """A domain name that the collectivity declares; `name` as written, `ascii` compared.

    `senders` are who else sends its mail, as written: domains, addresses, networks.
    """

    name: str
    ascii: str | None
    mode: Mode
    registrar: str | None
    renewal: str | None
    redirect_to: str | None
    retired: bool
    records: tuple[DeclaredRecord, ...]
    line: int
    senders: tuple[str, ...] = ()
    senders_line: int = 0
    notices: tuple[DeclaredNotice, ...] = ()
    deliberations: tuple[Deliberation, ...] = ()


class Mailbox(NamedTuple):
    """An account.  `quota` in bytes; None when none is written or it cannot be read.

    `keep_copy` goes with an alias of the same address; `renamed_from` is as written, and
    `new_holder` the day from which the address has another holder.
    """

    address: str
    normal: str | None
    kind: Literal["classic", "collaborative"]
    quota_text: str | None
    quota: int | None
    suspended: bool
    delivery: Literal["keep", "bounce"]
    line: int
    keep_copy: bool = False
    renamed_from: str | None = None
    new_holder: str | None = None


class Alias(NamedTuple):
    """A pure redirection to one address or more, inside or outside."""

    address: str
    normal: str | None
    targets: tuple[str, ...]
    line: int


class Moved(NamedTuple):
    """A page of the site that has moved: its path, perhaps with a query, and where it leads."""

    path: str
    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Site:
    """The web site; `domain` as written, `host` in A-labels.

    `functions` are those turned on, `functions_off` those turned off; `redirects` are pages that
    have moved.
    """

    kind: SiteKind
    domain: str
    host: str | None
    model: str | None
    palette: str | None
    functions: tuple[str, ...]
    functions_off: tuple[str, ...]
    line: int
    redirects: tuple[Moved, ...] = ()

    @property
    def shows_guide(self) -> bool:
        """Whether the desk's guide is to be seen in it (schemas/catalog/functions.yml)."""
        return "comarquage" in self.functions


@dataclass(frozen=True, slots=True)
class Convention:
    """The agreement with the operator; dates in ISO form."""

    signed_on: str | None
    ends_on: str | None
    modules: tuple[str, ...]
    line: int


class PostalAddress(NamedTuple):
    """Where the holder of the names gets letters."""

    street: str
    postal_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Collectivity:
    """Everything one file declares.

    `slug` is ``46/cahors``, `file` is for messages, `state_line` is where it says that it is
    retired.  `webmail` asks for a webmail name under each of its domains that has mail;
    `contact_line` is where the contact stands.
    """

    slug: str
    file: str
    kind: str
    siren: str
    retired: bool
    contact_email: str | None
    contact_phone: str | None
    convention: Convention | None
    domains: tuple[Domain, ...]
    mailboxes: tuple[Mailbox, ...]
    aliases: tuple[Alias, ...]
    site: Site | None
    guichet: Guichet | None
    state_line: int = 1
    webmail: bool = False
    webmail_line: int = 0
    contact_line: int = 0
    address: PostalAddress | None = None

    @property
    def live_domains(self) -> tuple[Domain, ...]:
        """Domains with a usable name that are not retired."""
        return tuple(d for d in self.domains if d.ascii and not d.retired)
