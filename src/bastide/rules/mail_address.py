# SPDX-License-Identifier: GPL-3.0-or-later
"""The spelling of a mailbox or alias.

Before the @: letters, digits, `.`, `_` and `-`, without a dot at either end or two in a
row, at most 64 octets (RFC 5321 §4.5.3.1.1); that is what the RPNT and every mail program
accept. A first `-` looks like an option to mail servers. A `+` is refused because
`mairie+urbanisme@` is delivered to `mairie@` without being declared. Case makes no
difference: addresses are stored in lower case.

---
La graphie d'une boîte ou d'un alias.

Avant l'@ : lettres, chiffres, `.`, `_` et `-`, sans point aux extrémités ni deux de
suite, 64 octets au plus (RFC 5321 §4.5.3.1.1) ; c'est ce qu'acceptent le RPNT et tous les
logiciels de courrier. Un `-` initial passe pour une option auprès des serveurs. Un `+` est
refusé car `mairie+urbanisme@` arrive chez `mairie@` sans déclaration. La casse ne compte
pas : les adresses sont gardées en minuscules.

Wrong:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie: {kind: classic}
    mairie@cahors_fr: {kind: classic}
    état-civil@cahors.fr: {kind: classic}
    jean..martin@cahors.fr: {kind: classic}
    mairie+urbanisme@cahors.fr: {kind: classic}
    Maire@cahors.fr: {kind: classic}
    mairie!@cahors.fr: {kind: classic}
```

Right:

```yaml
domains: {cahors.fr: {}}
mail:
  accounts:
    mairie@cahors.fr: {kind: classic}
    etat-civil@cahors.fr: {kind: classic}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bastide.diagnostics import Kind, Severity, declare
from bastide.rules.case import Case
from bastide.rules.rule import Finding

MAX_LOCAL = 64
MAX_ADDRESS = 254  # RFC 5321 §4.5.3.1.3: a path of 256 octets with its angle brackets

NO_ADDRESS = declare(
    "R347",
    Severity.ERROR,
    en="`{address}` is no e-mail address",
    fr="« {address} » n'est pas une adresse de courrier",
    hint_en="Write it as `mairie@cahors.fr`.",
    hint_fr="Écrivez-la sous la forme `mairie@cahors.fr`.",
)
BAD_DOMAIN = declare(
    "R348",
    Severity.ERROR,
    en="in `{address}`, `{domain}` is no domain name",
    fr="dans « {address} », « {domain} » n'est pas un nom de domaine",
    hint_en="After the @ stands a domain, for instance `cahors.fr`.",
    hint_fr="Après l'@ vient un domaine, par exemple `cahors.fr`.",
)
ACCENTS = declare(
    "R349",
    Severity.ERROR,
    en="`{local}` has letters that mail servers refuse ({letters})",
    fr="« {local} » comporte des lettres que les serveurs de courrier refusent ({letters})",
    hint_en="Write it without accents, for instance `etat-civil`.",
    hint_fr="Écrivez-la sans accent, par exemple `etat-civil`.",
)
PLUS = declare(
    "R350",
    Severity.ERROR,
    en="`{local}` has a `+`: such an address already leads to `{base}`",
    fr="« {local} » comporte un `+` : une telle adresse mène déjà à « {base} »",
    hint_en="Remove this line: what follows the `+` is chosen freely by who writes. For a mailbox "
    "of its own, use a `.` or `-`.",
    hint_fr="Retirez cette ligne : ce qui suit le `+` est au choix de qui écrit. Pour une boîte à "
    "part, employez `.` ou `-`.",
)
DOTS = declare(
    "R351",
    Severity.ERROR,
    en="`{local}` begins or ends with a dot, or has two in a row",
    fr="« {local} » commence ou finit par un point, ou en a deux de suite",
    hint_en="Keep single dots between letters, digits, `_` or `-`.",
    hint_fr="Gardez des points seuls, entre lettres, chiffres, `_` ou `-`.",
)
CHARACTERS = declare(
    "R352",
    Severity.ERROR,
    en="`{local}` is not allowed before the @",
    fr="« {local} » n'est pas permis avant l'@",
    hint_en="Use letters, digits, `.`, `_` and `-`, and begin with a letter, a digit or `_`.",
    hint_fr="Employez lettres, chiffres, `.`, `_` et `-`, en commençant par une lettre, un chiffre "
    "ou `_`.",
)
LONG_LOCAL = declare(
    "R353",
    Severity.ERROR,
    en="what stands before the @ has {length} characters; at most {most} are allowed",
    fr="ce qui précède l'@ compte {length} caractères ; {most} au plus sont permis",
    hint_en="Shorten it (RFC 5321 §4.5.3.1.1).",
    hint_fr="Raccourcissez-le (RFC 5321 §4.5.3.1.1).",
)
LONG_ADDRESS = declare(
    "R354",
    Severity.ERROR,
    en="the address has {length} characters; at most {most} are allowed",
    fr="l'adresse compte {length} caractères ; {most} au plus sont permis",
    hint_en="Shorten it (RFC 5321 §4.5.3.1.3).",
    hint_fr="Raccourcissez-la (RFC 5321 §4.5.3.1.3).",
)
UPPER_CASE = declare(
    "R355",
    Severity.INFO,
    en="`{address}` is stored as {normal}",
    fr="« {address} » est gardée sous la forme {normal}",
    hint_en="Write {normal}, so that a search in the files finds it.",
    hint_fr="Écrivez {normal}, pour qu'une recherche dans les fichiers la trouve.",
)

_ATOMS = r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*"
# A good address in its normal form, when its domain is one.
_PLAIN = re.compile(_ATOMS + r"@[a-z0-9.-]+\Z")
_LOCAL = re.compile(_ATOMS + r"\Z", re.IGNORECASE)


def check(case: Case) -> Iterator[Finding]:
    """Judge the spelling of every mailbox and alias."""
    for section, written, normal in case.addresses:
        # A short good address is answered at once; 64 characters hold the local part too.
        if normal is not None and len(written) <= MAX_LOCAL and _PLAIN.match(written):
            continue
        fault = fault_of(written, valid=normal is not None) or _case_of(written, normal)
        if fault:
            kind, facts = fault
            facts["address"] = written
            yield Finding(kind, ("mail", section, written), "key", facts)


def fault_of(address: str, *, valid: bool) -> tuple[Kind, dict[str, str]] | None:
    """What is wrong with `address`; `valid` says that it has a local part and a domain."""
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        return NO_ADDRESS, {}
    fault = _local_fault(local)
    if fault:
        return fault
    if not valid:
        return BAD_DOMAIN, {"domain": domain}
    if len(address) > MAX_ADDRESS:
        return LONG_ADDRESS, {"length": str(len(address)), "most": str(MAX_ADDRESS)}
    return None


def _local_fault(local: str) -> tuple[Kind, dict[str, str]] | None:
    facts = {"local": local}
    if not local.isascii():
        facts["letters"] = " ".join(sorted({c for c in local if not c.isascii()}))
        return ACCENTS, facts
    if "+" in local.strip("+"):
        return PLUS, {**facts, "base": local.partition("+")[0]}
    if local.strip(".") != local or ".." in local:
        return DOTS, facts
    if not _LOCAL.match(local):
        return CHARACTERS, facts
    if len(local) > MAX_LOCAL:
        return LONG_LOCAL, {"length": str(len(local)), "most": str(MAX_LOCAL)}
    return None


def _case_of(written: str, normal: str | None) -> tuple[Kind, dict[str, str]] | None:
    if normal is None or written == normal:
        return None
    if written.rpartition("@")[2].isascii():
        return UPPER_CASE, {"normal": normal}
    return None
