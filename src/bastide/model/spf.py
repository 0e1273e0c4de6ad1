# SPDX-License-Identifier: GPL-3.0-or-later
"""SPF records (RFC 7208): their terms, the queries they cost, and how they are put together.

Nothing here asks the network: of an ``include`` to outside, only its own query is known.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bastide.model.names import a_labels
from bastide.model.platform import Platform

VERSION = "v=spf1"
# RFC 7208 §4.6.4: more queries than this, or more of them without an answer, and receivers give up.
MOST_QUERIES, MOST_VOID = 10, 2

_MACRO = r"%(?:\{[slodiphcrtv][0-9]{0,3}r?[-.+,/_=]*\}|[%_-])"
# Visible characters but the "/" that begins a prefix length (RFC 7208 §7.1, §12).
_SPEC = rf"(?:[!-$&-.0-~]|{_MACRO})+"
_ENDS_WELL = re.compile(rf"(?:\.[a-z0-9-]*[a-z][a-z0-9-]*\.?|{_MACRO})\Z", re.IGNORECASE)
_PREFIXES = r"(?:/(?:[0-9]|[12][0-9]|3[0-2]))?(?://(?:[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?"
_TERM = re.compile(
    rf"""(?P<qualifier>[-+?~]?)(?P<name>
      all | (?:include|exists):(?P<needed>{_SPEC}) | ptr(?::(?P<named>{_SPEC}))?
      | (?:a|mx)(?::(?P<host>{_SPEC}))?(?P<prefix>{_PREFIXES})
      | ip[46]:(?P<network>[0-9a-f.:/]+)
    )\Z | (?P<modifier>[a-z][a-z0-9_.-]*)=(?P<value>(?:[!-$&-~]|{_MACRO})*)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
# Providers publish theirs below names such as `_spf`, which no host may bear.
_SENDER = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+"
    r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\Z"
)
_QUERYING = frozenset({"include", "a", "mx", "ptr", "exists"})


class Term(NamedTuple):
    """One term: `name` in lower case, `value` a domain or network, `prefix` as ``/24//64``.

    `qualifier` is ``+ - ~ ?`` or empty, as written; a modifier has its name with ``=``.
    """

    text: str
    qualifier: str
    name: str
    value: str = ""
    prefix: str = ""

    @property
    def queries(self) -> bool:
        """True for a term that costs a query wherever it stands."""
        return self.name in _QUERYING


def spf_terms(text: str) -> tuple[Term, ...]:
    """The terms of an SPF record after its version.

    Raises ``ValueError`` with the first term that is none: receivers then drop the whole record
    (permerror, RFC 7208 §4.6).
    """
    version, *words = text.strip().split(" ")
    if version.lower() != VERSION:
        raise ValueError(version)
    terms = tuple(_term(word) for word in words if word)
    for once in ("redirect=", "exp="):
        found = [term for term in terms if term.name == once]
        if len(found) > 1:
            raise ValueError(found[1].text)
    return terms


def _term(word: str) -> Term:
    match = _TERM.match(word)
    if match is None:
        raise ValueError(word)
    if match["modifier"]:
        name = f"{match['modifier'].lower()}="
        if name in {"redirect=", "exp="} and not _ENDS_WELL.search(match["value"]):
            raise ValueError(word)
        return Term(word, "", name, match["value"])
    name = re.split("[:/]", match["name"].lower(), maxsplit=1)[0]
    domain = match["needed"] or match["named"] or match["host"]
    if domain and not _ENDS_WELL.search(domain):
        raise ValueError(word)
    if match["network"] and not _is_network(match["network"], int(name[-1])):
        raise ValueError(word)
    value = domain or match["network"] or ""
    return Term(word, match["qualifier"], name, value, match["prefix"] or "")


def _is_network(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_network(text, strict=False).version == version
    except ValueError:
        return False


def effective(terms: Sequence[Term]) -> list[Term]:
    """The terms that receivers look at: nothing after ``all``, and no ``redirect`` beside it."""
    found: list[Term] = []
    for term in terms:
        if term.name == "all":
            return [one for one in found if one.name != "redirect="]
        found.append(term)
    return found


def count_queries(
    terms: Sequence[Term], known: Callable[[str], str | None], seen: frozenset[str] = frozenset()
) -> int:
    """Queries of a record and of those it includes (RFC 7208 §4.6.4).

    `known` gives the SPF record of a name that we know of, else None: that one counts one.
    """
    count = 0
    for term in effective(terms):
        count += term.queries or term.name == "redirect="
        target = term.value.lower().rstrip(".")
        if term.name in {"include", "redirect="} and target not in seen:
            text = known(target)
            if text is not None:
                try:
                    inner = spf_terms(text)
                except ValueError:
                    continue  # it has a finding of its own
                count += count_queries(inner, known, seen | {target})
    return count


def sender_term(sender: str) -> str | None:
    """The SPF term for a sender: a domain, an address or a network; None when it is none."""
    try:
        network = ipaddress.ip_network(sender, strict=True)
    except ValueError:
        name = a_labels(sender.lower().removesuffix("."))
        return f"include:{name}" if _SENDER.match(name) else None
    text = str(network.network_address) if network.num_addresses == 1 else str(network)
    return f"ip{network.version}:{text}"


def with_senders(text: str, senders: Sequence[str]) -> str:
    """The SPF record `text` with a term for each of `senders`, before what ends it."""
    words = text.split(" ")
    ends = [
        place
        for place, word in enumerate(words)
        if word.lower().lstrip("+-~?") == "all" or ("=" in word and place)
    ]
    place = min(ends, default=len(words))
    there = {word.lower() for word in words}
    more = [term for sender in senders if (term := sender_term(sender)) and term not in there]
    return " ".join([*words[:place], *dict.fromkeys(more), *words[place:]])


def platform_spf(platform: Platform, hosts: Mapping[str, tuple[str, ...]]) -> str:
    """What the platform publishes for a domain whose mail is here; `hosts` are its own names.

    With `spf_flatten` the addresses of ``mx`` and of ``a:<own name>`` stand there instead.  A
    plain ``a`` is a domain's own, and stays; so does an ``mx`` with a host of unknown addresses.
    """
    mail = platform.mail
    if not mail.spf_flatten:
        return mail.spf
    try:
        terms = spf_terms(mail.spf)
    except ValueError:
        return mail.spf  # a rule tells
    exchangers = sorted(mail.mx, key=lambda host: (mail.mx[host], host))
    words = [mail.spf.split(" ")[0]]
    for term in terms:
        names: list[str] = []
        if term.name == "mx" and not term.value:
            names = exchangers
        elif term.name == "a" and term.value:
            names = [term.value.lower().rstrip(".")]
        if names and all(name in hosts for name in names):
            words += [_address_term(term, one) for name in names for one in hosts[name]]
        else:
            words.append(term.text)
    return " ".join(dict.fromkeys(words))


def _address_term(term: Term, address: str) -> str:
    """The address of a host of `term`, with the prefix length that goes with its family."""
    four, _, six = term.prefix.partition("//")
    length = (f"/{six}" if six else "") if ":" in address else four
    qualifier = term.qualifier.replace("+", "")
    return f"{qualifier}ip{6 if ':' in address else 4}:{address}{length}"
