# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain name that DNS cannot carry, or that two spellings hide.

Names are compared in lower case and in A-labels. A label has 1 to 63 letters, digits or
inner hyphens (RFC 1035 §2.3.4, RFC 1123 §2.1), a name at most 253 octets, and a domain
needs at least two labels. In the file a domain stands without final dot.

---
Un nom de domaine que le DNS ne peut pas porter, ou caché par deux graphies.

Les noms sont comparés en minuscules et sous forme ASCII. Une étiquette compte de 1 à 63
lettres, chiffres ou tirets intérieurs (RFC 1035 §2.3.4, RFC 1123 §2.1), un nom au plus 253
octets, et un domaine au moins deux étiquettes. Dans le fichier, un domaine s'écrit sans
point final.

Wrong:

```yaml
domains:
  mairie_cahors.fr: {}
  cahors: {}
  Cahors.fr: {}
  cahors.fr: {}
  cahors-tourisme.fr.: {}
```

Right:

```yaml
domains:
  cahors.fr: {}
  mairie-cahors.fr: {}
```
"""

from __future__ import annotations

from collections.abc import Iterator

import idna

from bastide.diagnostics import Kind, Severity, declare
from bastide.model.names import MAX_NAME, to_ascii
from bastide.rules.case import Case
from bastide.rules.rule import Finding

MAX_LABEL = 63

BAD_LABEL = declare(
    "R312",
    Severity.ERROR,
    en="`{name}` is no domain name: `{label}` may only hold letters, digits and inner hyphens",
    fr="« {name} » n'est pas un nom de domaine : « {label} » ne peut contenir que des lettres, "
    "des chiffres et des tirets intérieurs",
    hint_en="Write the name as it is registered, for instance `cahors.fr`.",
    hint_fr="Écrivez le nom tel qu'il est enregistré, par exemple `cahors.fr`.",
)
LONG_LABEL = declare(
    "R313",
    Severity.ERROR,
    en="in `{name}`, `{label}` takes {length} octets; a label has at most 63",
    fr="dans « {name} », « {label} » occupe {length} octets ; une étiquette en compte au plus 63",
    hint_en="Shorten the part between two dots to 63 octets (RFC 1035 §2.3.4).",
    hint_fr="Raccourcissez la partie entre deux points à 63 octets (RFC 1035 §2.3.4).",
)
LONG_NAME = declare(
    "R314",
    Severity.ERROR,
    en="the domain name takes {length} octets; a name has at most 253",
    fr="le nom de domaine occupe {length} octets ; un nom en compte au plus 253",
    hint_en="Shorten the name to 253 octets (RFC 1035 §2.3.4).",
    hint_fr="Raccourcissez le nom à 253 octets (RFC 1035 §2.3.4).",
)
FINAL_DOT = declare(
    "R315",
    Severity.ERROR,
    en="`{name}` ends with a dot",
    fr="« {name} » se termine par un point",
    hint_en="Remove the final dot: domains of the file are absolute without it.",
    hint_fr="Retirez le point final : les domaines du fichier sont absolus sans lui.",
)
NO_EXTENSION = declare(
    "R316",
    Severity.ERROR,
    en="`{name}` is no domain name: a domain has a name and an extension",
    fr="« {name} » n'est pas un nom de domaine : il faut un nom et une extension",
    hint_en="Write the extension too, for instance `{name}.fr`.",
    hint_fr="Écrivez aussi l'extension, par exemple `{name}.fr`.",
)
UPPER_CASE = declare(
    "R317",
    Severity.INFO,
    en="`{name}` is used as `{ascii}`",
    fr="« {name} » est employé sous la forme `{ascii}`",
    hint_en="Write `{ascii}`, so that a search in the files finds it.",
    hint_fr="Écrivez `{ascii}`, pour qu'une recherche dans les fichiers le trouve.",
)
TWO_SPELLINGS = declare(
    "R318",
    Severity.ERROR,
    en="`{name}` is the domain `{ascii}`, which this file already declares as `{other}`",
    fr="« {name} » est le domaine `{ascii}`, déjà déclaré dans ce fichier sous la forme "
    "« {other} »",
    hint_en="Keep one of the two and move what the other declares into it.",
    hint_fr="Gardez l'un des deux et déplacez-y ce que l'autre déclare.",
)


def check(case: Case) -> Iterator[Finding]:
    """Judge the spelling of every declared domain."""
    seen: dict[str, str] = {}
    for domain in case.collectivity.domains:
        path = ("domains", domain.name)
        if domain.ascii is None:
            kind, facts = fault_of(domain.name)
            yield Finding(kind, path, "key", {"name": domain.name, **facts})
            continue
        if domain.ascii in seen:
            facts = {"name": domain.name, "ascii": domain.ascii, "other": seen[domain.ascii]}
            yield Finding(TWO_SPELLINGS, path, "key", facts)
        elif domain.name != domain.ascii and domain.name.isascii():
            yield Finding(UPPER_CASE, path, "key", {"name": domain.name, "ascii": domain.ascii})
        seen.setdefault(domain.ascii, domain.name)


def fault_of(name: str) -> tuple[Kind, dict[str, str]]:
    """Why `name` is no domain name (:func:`bastide.model.names.to_ascii` gave None)."""
    if name.endswith(".") and to_ascii(name[:-1]):
        return FINAL_DOT, {}
    labels = name.split(".")
    for label in labels:
        octets = _octets(label)
        if octets > MAX_LABEL:
            return LONG_LABEL, {"label": label, "length": str(octets)}
        if to_ascii(f"{label}.fr") is None:
            return BAD_LABEL, {"label": label or ".."}
    if len(name) > MAX_NAME:
        return LONG_NAME, {"length": str(len(name))}
    return NO_EXTENSION, {}


def _octets(label: str) -> int:
    """Octets of a label on the wire."""
    try:
        return len(label if label.isascii() else "xn--" + label.encode("punycode").decode())
    except (UnicodeError, idna.IDNAError):
        return len(label)
