# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a hand-written record.

Each type has its own form. A host name with a dot in it is absolute, with or without
final dot; a bare label is below the domain; TXT needs no quotes. A name, not an address,
stands in CNAME, MX, NS and SRV. An address of a private network in public DNS helps
nobody outside and shows the inside.

---
Le contenu d'un enregistrement écrit à la main.

Chaque type a sa forme. Un nom d'hôte qui contient un point est absolu, avec ou sans point
final ; une étiquette seule se place sous le domaine ; TXT se passe de guillemets. CNAME,
MX, NS et SRV portent un nom, jamais une adresse. Une adresse de réseau privé dans le DNS
public n'aide personne au-dehors et dévoile l'intérieur.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.700}
      - {name: vieux, type: CNAME, content: 192.0.2.7}
      - {name: imprimante, type: A, content: 192.168.1.20}
```

Right:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.7}
      - {name: vieux, type: CNAME, content: plan}
```
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

from bastide.diagnostics import Kind, Severity, declare
from bastide.model import DeclaredRecord
from bastide.model.rdata import TARGET_LAST, canonical_rdata
from bastide.rules.case import Case
from bastide.rules.rule import Finding

SYNTAX = declare(
    "R333",
    Severity.ERROR,
    en="`{content}` is no content of a {type} record",
    fr="« {content} » n'est pas un contenu d'enregistrement {type}",
    hint_en="A {type} record looks like `{example}`.",
    hint_fr="Un enregistrement {type} ressemble à `{example}`.",
)
ADDRESS = declare(
    "R334",
    Severity.ERROR,
    en="a {type} record leads to a name, not to the address {content}",
    fr="un enregistrement {type} mène à un nom, pas à l'adresse {content}",
    hint_en="Give the address to a name by an A or AAAA record, and write that name here.",
    hint_fr="Donnez l'adresse à un nom par un enregistrement A ou AAAA, et écrivez ce nom ici.",
)
PRIVATE = declare(
    "R335",
    Severity.WARNING,
    en="{content} is an address of a private or local network, published in public DNS",
    fr="{content} est une adresse de réseau privé ou local, publiée dans le DNS public",
    hint_en="Publish a public address, or keep the name in the DNS of the town hall's network.",
    hint_fr="Publiez une adresse publique, ou gardez ce nom dans le DNS du réseau de la mairie.",
)

EXAMPLES = {
    "A": "192.0.2.7",
    "AAAA": "2001:db8::7",
    "CAA": '0 issue "letsencrypt.org"',
    "CNAME": "www.example.fr",
    "DS": "12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "MX": "mx.example.fr",
    "NS": "ns1.example.fr",
    "PTR": "www.example.fr",
    "SRV": "5 5060 sip.example.fr",
    "SSHFP": "4 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "TLSA": "3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "TXT": "any text",
}

_HOST = (
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*"
    r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?\Z"
)
_TARGET = re.compile(_HOST, re.IGNORECASE)
# Quick answers: what matches is valid (a test holds them against dnspython).
_U16 = r"(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3})"
_PLAIN = {
    "CAA": re.compile(
        r'(?:0|128) (?:issue|issuewild|iodef) "[a-z0-9;:/@.= -]{0,200}"\Z', re.IGNORECASE
    ),
    "SRV": re.compile(_U16 + " " + _U16 + " " + _HOST.replace("1,253", "1,200"), re.IGNORECASE),
}
_FAMILY = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}
_SHORT_TXT = 2000
# RFC 1918, 1122 §3.2.1.3, 3927, 6598; RFC 4193, 4291 §2.5.
_PRIVATE = re.compile(
    r"(?:0|10|127)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|"
    r"100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|::1?\Z|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:",
    re.IGNORECASE,
)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PUBLIC = re.compile(rf"(?!{_PRIVATE.pattern}){_OCTET}(?:\.{_OCTET}){{3}}\Z")


def check(case: Case) -> Iterator[Finding]:
    """Judge the content of every hand-written record."""
    for zone in case.zones:
        for _, record in zone.entries:
            rtype, content = record.type, record.content
            if rtype == "A" and _PUBLIC.match(content):
                continue
            if _is_plain(rtype, content):
                if rtype in _FAMILY and _PRIVATE.match(content):
                    facts = {"content": content}
                    yield Finding(PRIVATE, zone.path(record, "content"), "value", facts)
                continue
            kind = _fault_of(record, zone.name)
            if kind:
                facts = {"content": content, "type": rtype, "example": EXAMPLES.get(rtype, "…")}
                yield Finding(kind, zone.path(record, "content"), "value", facts)


def _is_plain(rtype: str, content: str) -> bool:
    """True for contents that are valid beyond doubt, without asking dnspython."""
    if rtype in _FAMILY:
        return _is_address(rtype, content)
    if rtype == "TXT":
        return len(content) <= _SHORT_TXT and not content.startswith('"') and content.isprintable()
    if rtype in TARGET_LAST and rtype != "SRV":
        return bool(_TARGET.match(content)) and not content.rstrip(".")[-1].isdigit()
    pattern = _PLAIN.get(rtype)
    return bool(pattern and pattern.match(content) and not content[-1].isdigit())


def _is_address(rtype: str, content: str) -> bool:
    try:
        socket.inet_pton(_FAMILY[rtype], content)
    except (OSError, ValueError):
        return False
    return True


def _fault_of(record: DeclaredRecord, domain: str) -> Kind | None:
    """Kind of the fault of a content that is not plain; None when dnspython accepts it."""
    target = record.content.strip().rpartition(" ")[2].rstrip(".")
    if record.type in TARGET_LAST and (_is_address("A", target) or _is_address("AAAA", target)):
        return ADDRESS
    if record.priority is None:
        # A missing priority has its own rule.
        record = DeclaredRecord(
            record.name, record.type, record.content, record.ttl, 0, record.place, record.line
        )
    try:
        canonical = canonical_rdata(record, domain)
    except ValueError:
        return SYNTAX
    if record.type in TARGET_LAST:
        host = canonical.rpartition(" ")[2]
        null = host == "." and record.type in {"MX", "SRV"}
        if not null and not _TARGET.match(host):
            return SYNTAX
    return None
