# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verdict rests on: the declaration, the DNS of the mail, the answers of the site.

The same values are made from the charters (prediction) and by asking (observation), so that
one grader judges both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Facts = tuple[tuple[str, str], ...]

Home = Literal["own", "shared", "elsewhere", "none"]
"""Whose a domain is: the collectivity's, one that many share, another's; none is none."""


class Declared(NamedTuple):
    """What stands, or shall stand, on the annuaire of Service-Public, and where it comes from.

    `site` is a web address, `email` an address; empty when there is none.  `file` and the lines
    are those of the charter, for messages.
    """

    email: str
    site: str
    email_home: Home
    site_home: Home
    file: str
    email_line: int
    site_line: int


class Why(NamedTuple):
    """Why something is not known: a word of :data:`bastide.conformity.issues.UNKNOWN`."""

    reason: str
    name: str


class Answer(NamedTuple):
    """What came for one web address.

    `hops` are the addresses visited, the last one answered with `status`; `certificate` says
    what is wrong with the first certificate that is not right, at hop `certificate_hop`;
    `fault` says why nothing came.
    """

    hops: tuple[str, ...]
    status: int
    certificate: str = ""
    certificate_hop: int = -1
    fault: str = ""

    @property
    def last(self) -> str:
        """The address where the way ended."""
        return self.hops[-1]


class MxHost(NamedTuple):
    """A mail exchanger; `countries` of its addresses (ISO 3166), None when nobody knows."""

    preference: int
    name: str
    addresses: tuple[str, ...]
    countries: tuple[str, ...] | None


class MailDns(NamedTuple):
    """The DNS of the domain of the declared e-mail.

    `fault` says why the DNS could not be asked.  `spf` and `dmarc` are the texts that begin as
    such a record does; `spf_lookups` counts the queries of SPF, those of includes as well
    (RFC 7208 §4.6.4), None when they are not known.
    """

    domain: str
    mx: tuple[MxHost, ...] = ()
    spf: tuple[str, ...] = ()
    dmarc: tuple[str, ...] = ()
    spf_lookups: int | None = None
    fault: str = ""


class Found(NamedTuple):
    """An issue that is there (`raised`), or that nobody can tell about (not `raised`)."""

    issue: str
    raised: bool
    facts: Facts = ()


Web = dict[str, Answer]
"""By variant of the declared address: ``http``, ``https``, ``http_apex``, ``https_apex``; the
last two only where the declared name begins with ``www.``."""

Basis = Literal["predicted", "observed"]


class Evidence(NamedTuple):
    """Everything a report is made from; plain values, so that a cache can keep them.

    `elsewhere` are the domains whose DNS may be somebody else's, each with its mode.
    """

    declared: Declared
    web: Web | Why
    mail: MailDns | Why
    beside: tuple[Found, ...]
    basis: Basis = "predicted"
    elsewhere: Mapping[str, str] = {}

    def pack(self) -> tuple[Any, ...]:
        """As plain values; :meth:`unpack` is the way back."""
        web, mail = self.web, self.mail
        return (
            tuple(self.declared),
            tuple(web) if isinstance(web, Why) else {name: tuple(a) for name, a in web.items()},
            tuple(mail)
            if isinstance(mail, Why)
            else (mail.domain, tuple(tuple(host) for host in mail.mx), *mail[2:]),
            tuple(tuple(one) for one in self.beside),
            self.basis,
            dict(self.elsewhere),
        )

    @classmethod
    def unpack(cls, packed: tuple[Any, ...]) -> Evidence:
        """Evidence out of :meth:`pack`."""
        declared, web, mail, beside, basis, elsewhere = packed
        return cls(
            Declared(*declared),
            {name: Answer(*a) for name, a in web.items()} if isinstance(web, dict) else Why(*web),
            MailDns(mail[0], tuple(MxHost(*host) for host in mail[1]), *mail[2:])
            if len(mail) == len(MailDns._fields)
            else Why(*mail),
            tuple(Found(*one) for one in beside),
            basis,
            elsewhere,
        )
