# SPDX-License-Identifier: GPL-3.0-or-later
"""Each expected record set against the DNS that is: nine statuses, and the line that mends it.

The vocabulary is that of the State's mail service (suitenumerique/messages):

- correct: there is what shall be;
- missing: nothing of this type and kind is there;
- duplicate: several records where receivers take one only;
- incomplete: a part of what shall be is there;
- insecure: valid, but weaker than what shall be;
- invalid: it cannot be read as what it claims to be;
- conflicting: what shall be is there, beside something that works against it;
- incorrect: something else is there;
- error: the DNS gave no answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from bastide.conformity.dmarc import Dmarc, parse_dmarc
from bastide.conformity.spf import Spf, parse_spf
from bastide.conformity.zone import text_of
from bastide.diagnostics import Language, Text
from bastide.model.rdata import quote_txt

Status = Literal[
    "correct",
    "missing",
    "duplicate",
    "incomplete",
    "insecure",
    "invalid",
    "conflicting",
    "incorrect",
    "error",
]

WORDS: dict[str, Text] = {
    "correct": Text("correct", "correct"),
    "missing": Text("missing", "manquant"),
    "duplicate": Text("duplicate", "en double"),
    "incomplete": Text("incomplete", "incomplet"),
    "insecure": Text("insecure", "peu sûr"),
    "invalid": Text("invalid", "invalide"),
    "conflicting": Text("conflicting", "en conflit"),
    "incorrect": Text("incorrect", "incorrect"),
    "error": Text("error", "erreur"),
}
_ADD = Text("add: {line}", "ajoutez : {line}")
_REMOVE = Text("remove: {line}", "retirez : {line}")
_NOBODY_KNOWS = Text(
    "the key is not known yet: run bastide apply first",
    "la clé n'est pas encore connue : lancez d'abord bastide apply",
)
_ASK_AGAIN = Text(
    "the DNS gave no answer ({reason}): check the delegation and the name servers, ask again",
    "le DNS n'a pas répondu ({reason}) : vérifiez la délégation et les serveurs, recommencez",
)

# What a TXT record claims to be, by how it begins: only one of each kind may stand at a name.
_KINDS = ("v=spf1", "v=DMARC1", "v=STSv1", "v=TLSRPTv1", "v=DKIM1")
_WEAKER = {"none": 0, "quarantine": 1, "reject": 2}
_LAST = {"": 0, "+": 0, "?": 1, "~": 2, "-": 3}
_DKIM_TAG = re.compile(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)")


class Expected(NamedTuple):
    """A record set that shall be: `rdata` in canonical text, empty while no host gave it."""

    name: str
    rtype: str
    ttl: int
    rdata: tuple[str, ...]
    file: str = ""
    line: int = 0


class RecordStatus(NamedTuple):
    """The status of one record set, what was found, and what to add and to remove.

    `add` and `remove` are lines of a zone file; `reason` says why the DNS gave no answer.
    """

    expected: Expected
    status: Status
    found: tuple[str, ...]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    reason: str = ""

    def fixes(self, language: Language) -> list[str]:
        """What to do, a line each; nothing where all is correct."""
        if self.status == "correct":
            return []
        if self.status == "error":
            return [_ASK_AGAIN.format(language, {"reason": self.reason})]
        if not self.expected.rdata:
            return [_NOBODY_KNOWS.format(language, {})]
        return [
            *(_REMOVE.format(language, {"line": line}) for line in self.remove),
            *(_ADD.format(language, {"line": line}) for line in self.add),
        ]


def status_of(
    expected: Expected, found: Sequence[str], alias: str = "", reason: str = ""
) -> RecordStatus:
    """Compare what shall be with the rdata `found` under the same name and type.

    `alias` is the target of a CNAME that stands there instead; `reason` is given when the DNS
    did not answer.
    """
    there = tuple(sorted(found))
    if reason:
        return RecordStatus(expected, "error", there, reason=reason)
    if alias and expected.rtype != "CNAME":
        there = (_line(expected, f"{alias}.", "CNAME"),)
        return RecordStatus(expected, "conflicting", (f"{alias}.",), _lines(expected), there)
    if expected.rtype == "TXT":
        return _text_status(expected, there)
    wanted = set(expected.rdata)
    extra = [one for one in there if one not in wanted]
    lacking = [one for one in expected.rdata if one not in there]
    add, remove = _lines(expected, lacking), _lines(expected, extra)
    if not lacking and not extra:
        status: Status = "correct"
    elif not there:
        status = "missing"
    elif not lacking:
        # More authorities, or a second alias, work against what shall be; so does any other.
        status = "duplicate" if expected.rtype == "CNAME" else "conflicting"
    else:
        status = "incorrect" if extra else "incomplete"
    return RecordStatus(expected, status, there, add, remove)


def _text_status(expected: Expected, there: tuple[str, ...]) -> RecordStatus:
    """Of TXT records those that claim to be the same kind are compared; others are let be."""
    texts = {rdata: text_of(rdata) for rdata in there}
    if not expected.rdata:  # a key that no host gave yet
        return RecordStatus(expected, "missing", there)
    parts = []
    for rdata in expected.rdata:
        wanted = text_of(rdata)
        kind = next((one for one in _KINDS if wanted.startswith(one)), "")
        if kind:
            same = [one for one, text in texts.items() if text.lower().startswith(kind.lower())]
        else:
            same = [one for one, text in texts.items() if text == wanted]
        parts.append(_kind_status(expected, rdata, wanted, tuple(same), texts))
    wrong = [part for part in parts if part.status != "correct"]
    return RecordStatus(
        expected,
        wrong[0].status if wrong else "correct",
        tuple(one for part in parts for one in part.found),
        tuple(line for part in wrong for line in part.add),
        tuple(line for part in wrong for line in part.remove),
    )


def _kind_status(
    expected: Expected, rdata: str, wanted: str, same: tuple[str, ...], texts: dict[str, str]
) -> RecordStatus:
    others = [one for one in same if texts[one] != wanted]
    remove = _lines(expected, others)
    if not same:
        return RecordStatus(expected, "missing", same, (_line(expected, rdata),))
    if len(same) > 1:
        add = () if len(others) < len(same) else (_line(expected, rdata),)
        return RecordStatus(expected, "duplicate", same, add, remove)
    if not others:
        return RecordStatus(expected, "correct", same)
    status = _compare(wanted, texts[same[0]])
    if status == "correct":
        return RecordStatus(expected, status, same)
    return RecordStatus(expected, status, same, (_line(expected, rdata),), remove)


def _compare(wanted: str, found: str) -> Status:
    """How one record differs from what shall be."""
    if wanted.startswith("v=spf1"):
        return _compare_spf(wanted, found)
    if wanted.startswith("v=DMARC1"):
        return _compare_dmarc(wanted, found)
    if wanted.startswith("v=DKIM1"):
        return _compare_dkim(wanted, found)
    return "incorrect"


def _compare_spf(wanted: str, found: str) -> Status:
    want, have = parse_spf(wanted), parse_spf(found)
    if isinstance(have, str):
        return "invalid"
    if isinstance(want, Spf) and _LAST[have.last] < _LAST[want.last] and not have.follows:
        return "insecure"
    terms = {term.lower() for term in wanted.split()[:-1]}
    return "incorrect" if terms <= {t.lower() for t in found.split()} else "incomplete"


def _compare_dmarc(wanted: str, found: str) -> Status:
    want, have = parse_dmarc(wanted), parse_dmarc(found)
    if isinstance(have, str):
        return "invalid"
    if isinstance(want, Dmarc):
        weaker = _WEAKER[have.policy] < _WEAKER[want.policy]
        if weaker or have.is_weak or have.leaves_subdomains:
            return "insecure"
        if "rua" in want.tags and "rua" not in have.tags:
            return "incomplete"
    return "incorrect"


def _compare_dkim(wanted: str, found: str) -> Status:
    want, have = dict(_DKIM_TAG.findall(wanted)), dict(_DKIM_TAG.findall(found))
    if "p" not in have:
        return "invalid"
    same_key = _key(want) == _key(have)
    if same_key and "y" in have.get("t", "").split(":"):
        return "insecure"
    return "correct" if same_key else "incorrect"


def _key(tags: dict[str, str]) -> tuple[str, str]:
    return tags.get("k", "rsa").strip(), re.sub(r"\s", "", tags.get("p", ""))


def _lines(expected: Expected, rdata: Sequence[str] | None = None) -> tuple[str, ...]:
    chosen = expected.rdata if rdata is None else rdata
    return tuple(_line(expected, one) for one in chosen)


def _line(expected: Expected, rdata: str, rtype: str = "") -> str:
    """A line of a zone file."""
    return f"{expected.name} {expected.ttl} IN {rtype or expected.rtype} {rdata}"


def pending_rdata(value: str) -> tuple[str, ...]:
    """Rdata of a TXT record whose text only a host could give."""
    return (quote_txt(value),)
