# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a hand-written record.

Each type has its own form. A host name with a dot in it is absolute, with or without
final dot; a bare label is below the domain; TXT needs no quotes and is cut into strings of
255 octets by itself. A name, not an address, stands in CNAME, MX, NS, SRV, HTTPS and SVCB. In
the other types a semicolon outside of quotes begins a comment, as in any zone file. An
address of a private network in public DNS helps nobody outside and shows the inside.

---
Le contenu d'un enregistrement écrit à la main.

Chaque type a sa forme. Un nom d'hôte qui contient un point est absolu, avec ou sans point
final ; une étiquette seule se place sous le domaine ; TXT se passe de guillemets et se
découpe de lui-même en chaînes de 255 octets. CNAME, MX, NS, SRV, HTTPS et SVCB portent un
nom, jamais une adresse. Dans les autres types, un point-virgule hors guillemets commence un
commentaire, comme dans tout fichier de zone. Une adresse de réseau privé dans le DNS public
n'aide personne au-dehors et dévoile l'intérieur.

Wrong:

```yaml
domains:
  cahors.fr:
    records:
      - {name: plan, type: A, content: 192.0.2.700}
      - {name: vieux, type: CNAME, content: 192.0.2.7}
      - {name: imprimante, type: A, content: 192.168.1.20}
      - {name: "@", type: CAA, content: 0 issue letsencrypt.org; validationmethods=dns-01}
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
from bastide.model.normal_form import STRING
from bastide.model.rdata import (
    MAY_BE_NULL,
    TARGET_LAST,
    TARGET_SECOND,
    WITH_TARGET,
    canonical_rdata,
    has_comment,
    target_of,
    written_target,
)
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

COMMENT = declare(
    "R460",
    Severity.ERROR,
    en="what follows the semicolon in `{content}` is a comment and would be lost",
    fr="ce qui suit le point-virgule dans « {content} » est un commentaire et serait perdu",
    hint_en="Put the value in double quotes: `{example}`.",
    hint_fr="Mettez la valeur entre guillemets doubles : `{example}`.",
)
LONG_STRING = declare(
    "R461",
    Severity.ERROR,
    en="a string in quotes has {octets} octets; {most} are the most",
    fr="une chaîne entre guillemets compte {octets} octets ; {most} au plus sont permis",
    hint_en="Remove the inner quotes: a TXT content without them is cut by itself.",
    hint_fr="Retirez les guillemets internes : un contenu TXT qui n'en a pas se découpe seul.",
)
ALIAS_WITH_MORE = declare(
    "R465",
    Severity.ERROR,
    en="a {type} record of priority 0 is an alias and takes no parameters",
    fr="un enregistrement {type} de priorité 0 est un alias et ne prend pas de paramètres",
    hint_en="Keep only `0 <name>`, or write a priority from 1 before the parameters.",
    hint_fr="Gardez seulement `0 <nom>`, ou écrivez une priorité d'au moins 1 avant les "
    "paramètres.",
)

EXAMPLES = {
    "A": "192.0.2.7",
    "AAAA": "2001:db8::7",
    "CAA": '0 issue "letsencrypt.org"',
    "CERT": "PKIX 0 0 MIIC…",
    "CNAME": "www.example.fr",
    "DS": "12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "HTTPS": "1 . alpn=h2",
    "LOC": "44 26 51.000 N 1 26 28.000 E 150m",
    "MX": "mx.example.fr",
    "NAPTR": '100 10 "U" "E2U+sip" "!^.*$!sip:accueil@example.fr!" .',
    "NS": "ns1.example.fr",
    "OPENPGPKEY": "mQENBF…",
    "PTR": "www.example.fr",
    "SMIMEA": "3 0 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "SRV": "5 5060 sip.example.fr",
    "SSHFP": "4 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "SVCB": "1 dot.example.fr alpn=dot",
    "TLSA": "3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB",
    "TXT": "any text",
    "URI": '1 "https://www.example.fr/"',
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
_ONLY_TARGET = TARGET_LAST - {"SRV", "NAPTR"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:[0-9]{3}|.)")
_ALIAS = re.compile(r"0+\s+\S+\s+\S")
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
                if kind is LONG_STRING:
                    facts = {"octets": str(_longest_string(content)), "most": str(STRING)}
                yield Finding(kind, zone.path(record, "content"), "value", facts)


def _is_plain(rtype: str, content: str) -> bool:
    """True for contents that are valid beyond doubt, without asking dnspython."""
    if rtype in _FAMILY:
        return _is_address(rtype, content)
    if rtype == "TXT":
        return len(content) <= _SHORT_TXT and not content.startswith('"') and content.isprintable()
    if rtype in _ONLY_TARGET:
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
    known = _known_fault(record)
    if known:
        return known
    if record.priority is None:
        # A missing priority has its own rule.
        record = record._replace(priority=0)
    try:
        canonical_rdata(record, domain)
    except ValueError:
        return SYNTAX
    if record.type in WITH_TARGET:
        host = str(target_of(record, domain))
        null = host == "." and record.type in MAY_BE_NULL
        if not null and not _TARGET.match(host):
            return SYNTAX
    return None


def _known_fault(record: DeclaredRecord) -> Kind | None:
    """A fault that has words of its own."""
    if record.type in WITH_TARGET:
        target = str(written_target(record)).rstrip(".")
        if _is_address("A", target) or _is_address("AAAA", target):
            return ADDRESS
        if record.type in TARGET_SECOND and _ALIAS.match(record.content):
            return ALIAS_WITH_MORE
    elif has_comment(record.content) and not _is_bare_text(record):
        return COMMENT
    elif record.type == "TXT" and _longest_string(record.content) > STRING:
        return LONG_STRING
    return None


def _is_bare_text(record: DeclaredRecord) -> bool:
    return record.type == "TXT" and not record.content.startswith('"')


def _longest_string(content: str) -> int:
    """Octets of the longest string in quotes."""
    found = (_ESCAPE.sub("x", string) for string in _STRING.findall(content))
    return max((len(string.encode()) for string in found), default=0)
