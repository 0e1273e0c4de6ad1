# SPDX-License-Identifier: GPL-3.0-or-later
"""Record content as operators write it, and the one text that hosts compare.

Zone-file habits that trip people are settled here: a target with a dot in it is absolute
whether or not a final dot is written, a bare label is below the domain, TXT needs no
quotes and is split at 255 octets (RFC 1035 §3.3.14).  The text that comes out is that of
:mod:`bastide.model.normal_form`.
"""

from __future__ import annotations

import re

from bastide.model.collectivity import DeclaredRecord
from bastide.model.names import a_labels
from bastide.model.normal_form import PRINTABLE_FIRST, PRINTABLE_LAST, normal_rdata, quote_txt

__all__ = [
    "DECLARABLE",
    "MAY_BE_NULL",
    "PRINTABLE_FIRST",
    "PRINTABLE_LAST",
    "TARGET_LAST",
    "TARGET_SECOND",
    "WITH_PRIORITY",
    "WITH_TARGET",
    "absolute_target",
    "canonical_rdata",
    "has_comment",
    "normal_rdata",
    "quote_txt",
    "target_of",
    "text_of",
    "written_target",
]

# What both Knot and Cloudflare serve; in the order of the schema.
DECLARABLE = (
    *("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA", "NS", "TLSA", "SSHFP"),
    *("CERT", "DS", "HTTPS", "LOC", "NAPTR", "OPENPGPKEY", "PTR", "SMIMEA", "SVCB", "URI"),
)
# Types whose last field is a host name (RFC 1035, 2782, 3403); in others it is the second one
# (RFC 9460).
TARGET_LAST = frozenset({"CNAME", "NS", "MX", "SRV", "PTR", "NAPTR"})
TARGET_SECOND = frozenset({"HTTPS", "SVCB"})
WITH_TARGET = TARGET_LAST | TARGET_SECOND
# Those whose target may be ".": no such service (RFC 7505, 2782), the owner itself (RFC 9460),
# or nothing to go on to (RFC 3403).
MAY_BE_NULL = frozenset({"MX", "SRV", "NAPTR"}) | TARGET_SECOND
WITH_PRIORITY = frozenset({"MX", "SRV", "URI"})

MAX_OCTET = 255
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\([0-9]{3}|.)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\\.')


def canonical_rdata(record: DeclaredRecord, domain: str) -> str:
    """Canonical rdata text of a hand-written `record` of `domain` (A-labels).

    Raises ``ValueError`` with the library's words when the content is not of its type.
    """
    content = record.content.strip()
    if record.type == "TXT" and not content.startswith('"'):
        return quote_txt(content)
    if has_comment(content):
        raise ValueError("what follows a semicolon is a comment")
    fields = _fields(record.type, content)
    if fields:
        before, target, after = fields
        content = f"{before} {absolute_target(target, domain)} {after}".strip()
    if record.type in WITH_PRIORITY:
        if record.priority is None:
            raise ValueError("a priority is needed")
        content = f"{record.priority} {content}"
    return normal_rdata(record.type, content)


def has_comment(content: str) -> bool:
    """True when a zone file would drop the end of `content`: ``;`` outside of quotes."""
    return ";" in content and ";" in _QUOTED.sub("", content)


def text_of(content: str) -> str:
    """What a TXT content says, its strings put together; as written when it has no quotes."""
    if not content.startswith('"'):
        return content
    found = _STRING.findall(content)
    return "".join(_ESCAPE.sub(lambda match: _unescaped(match[1]), string) for string in found)


def _unescaped(escape: str) -> str:
    return chr(int(escape)) if escape.isdigit() and int(escape) <= MAX_OCTET else escape[-1]


def written_target(record: DeclaredRecord) -> str | None:
    """The host name in the content of `record` as it is written; None in a type without one."""
    fields = _fields(record.type, record.content.strip())
    return fields[1] if fields else None


def target_of(record: DeclaredRecord, domain: str) -> str | None:
    """The absolute name that `record` of `domain` leads to; None in a type without one."""
    target = written_target(record)
    return None if target is None else absolute_target(target, domain)


def _fields(rtype: str, content: str) -> tuple[str, str, str] | None:
    """What stands before the target, the target, and what stands behind it."""
    if rtype in TARGET_LAST:
        before, _, target = content.rpartition(" ")
        return before, target, ""
    if rtype in TARGET_SECOND:
        before, _, rest = content.partition(" ")
        target, _, after = rest.strip().partition(" ")
        return before, target, after
    return None


def absolute_target(target: str, domain: str) -> str:
    """Host name with final dot that a target means inside `domain`."""
    name = target.lower() if target.isascii() else a_labels(target.lower())
    if name == "@":
        return f"{domain}."
    if name.endswith("."):
        return name
    return f"{name}." if "." in name else f"{name}.{domain}."
