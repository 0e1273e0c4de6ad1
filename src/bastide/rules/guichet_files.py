# SPDX-License-Identifier: GPL-3.0-or-later
"""A banner or a procedure's file that the desk cannot use.

Files of a collectivity lie in `assets/<department>/<name>/`. A banner is a JPEG, PNG or WebP of
500 kB at most; a procedure of its own is judged with the code of the desk itself.

---
Une image ou un fichier de démarche que le guichet ne peut pas utiliser.

Les fichiers d'une collectivité sont dans `assets/<département>/<nom>/`. Un bandeau est un JPEG, PNG
ou WebP de 500 ko au plus ; une démarche propre est jugée par le code même du guichet.

Wrong:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  banner: {file: assets/bandeau.png, alt: Le pont Valentré}
```

Right:

```yaml
domains: {cahors.fr: {}}
guichet:
  domain: demarches.cahors.fr
  banner: {file: assets/46/cahors/bandeau.png, alt: Le pont Valentré}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bastide.diagnostics import Path, Severity, declare
from bastide.documents import Trouble, read_bytes
from bastide.rules.rule import Finding

if TYPE_CHECKING:
    from bastide.rules.case import Case

# As the desk has it (src/guichet/convergence/assets.py): every page shows it.
LARGEST = 500_000
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

PLACE = declare(
    "R600",
    Severity.ERROR,
    en="`{name}` is not in the folder of this collectivity's files",
    fr="« {name} » n'est pas dans le dossier des fichiers de cette collectivité",
    hint_en="Put it into `assets/{slug}/`.",
    hint_fr="Placez-le dans `assets/{slug}/`.",
)
ABSENT = declare(
    "R601",
    Severity.ERROR,
    en="there is no file `{name}`, or it cannot be read",
    fr="le fichier « {name} » n'existe pas, ou ne peut pas être lu",
    hint_en="Add it to the repository, or correct its name: case counts.",
    hint_fr="Ajoutez-le au dépôt, ou corrigez son nom : la casse compte.",
)
NO_PICTURE = declare(
    "R602",
    Severity.ERROR,
    en="`{name}` is no JPEG, PNG or WebP of at most 500 kB",
    fr="« {name} » n'est pas un JPEG, PNG ou WebP d'au plus 500 ko",
    hint_en="Save it in one of these formats, smaller: 1600 pixels across are enough.",
    hint_fr="Enregistrez-la dans l'un de ces formats, réduite : 1600 pixels de large suffisent.",
)
NO_YAML = declare(
    "R603",
    Severity.ERROR,
    en="`{name}` cannot be read, line {at}: {why_en}",
    fr="« {name} » est illisible, ligne {at} : {why_fr}",
    hint_en="The library under schemas/catalog/procedures/ has examples.",
    hint_fr="La bibliothèque, sous schemas/catalog/procedures/, donne des exemples.",
)
NO_PROCEDURE = declare(
    "R604",
    Severity.ERROR,
    en="`{name}` line {at}, {where}: {why_en}",
    fr="« {name} » ligne {at}, {where} : {why_fr}",
    hint_en="The library under schemas/catalog/procedures/ has examples.",
    hint_fr="La bibliothèque, sous schemas/catalog/procedures/, donne des exemples.",
)


def check(case: Case) -> Iterator[Finding]:
    """Read what the desk of a collectivity names."""
    guichet = case.collectivity.guichet
    if guichet is None:
        return
    if guichet.banner:
        yield from _banner(case, guichet.banner["file"])
    for one in guichet.offered:
        if one.kinds == ("definition",):
            path = ("guichet", "procedures", one.place, "definition")
            yield from _definition(case, one.target, dict(one.told), path)


def _banner(case: Case, name: str) -> Iterator[Finding]:
    path = ("guichet", "banner", "file")
    content = case.context.attachments.read(case.collectivity.slug, name)
    if not isinstance(content, bytes) and content != "large":
        yield _trouble(case, name, content, path)
    elif isinstance(content, str) or len(content) > LARGEST or not _is_picture(content):
        yield Finding(NO_PICTURE, path, "value", {"name": name})


def _is_picture(content: bytes) -> bool:
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return webp or content.startswith(_PICTURES)


def _trouble(case: Case, name: str, why: Trouble, path: Path) -> Finding:
    kind = PLACE if why == "place" else ABSENT
    return Finding(kind, path, "value", {"name": name, "slug": case.collectivity.slug})


def _with_hint(text: str, hint: str) -> str:
    return f"{text} ({hint.rstrip('.')})" if hint else text


def _definition(case: Case, name: str, told: dict[str, Any], path: Path) -> Iterator[Finding]:
    content = case.context.attachments.read(case.collectivity.slug, name)
    if not isinstance(content, bytes):
        yield _trouble(case, name, content, path)
        return
    document, found = read_bytes(content, name)
    if document is None:
        first = found[0]
        facts = {"name": name, "at": str(first.line)}
        facts |= {"why_en": first.message("en"), "why_fr": first.message("fr")}
        yield Finding(NO_YAML, path, "value", facts)
        return
    # Loaded here: few charters have a procedure of their own.
    from guichet.procedures import check as check_definition

    if "service" in told:
        # Whether it is one of `services` is another rule's business.
        told["service"] = {"name": str(told["service"])}
    data = {**document.data, **told} if isinstance(document.data, dict) else document.data
    for problem in check_definition(data):
        facts = {"name": name, "at": str(document.line(problem.path)), "where": problem.where}
        facts["why_en"] = _with_hint(problem.en, problem.hint_en)
        facts["why_fr"] = _with_hint(problem.fr, problem.hint_fr)
        yield Finding(NO_PROCEDURE, path, "value", facts)
