# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording what a collectivity decided about a name: a letter, or a deliberation.

What goes into the charter is a day and the SHA-256 of the file; the file itself bears names and
signatures, and stays where the operator keeps its letters.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bastide.diagnostics import Diagnostic, InvalidInput, Severity, declare, diagnose, has_errors
from bastide.documents import with_item, write_atomically
from bastide.fleet import Fleet
from bastide.model.names import to_ascii

NO_SUCH_DOMAIN = declare(
    "C860",
    Severity.ERROR,
    en="no charter declares {domain} as a name that the operator renews",
    fr="aucune charte ne déclare {domain} comme nom que l'opérateur renouvelle",
    hint_en="bastide renewals lists those that are",
    hint_fr="bastide renewals en donne la liste",
)
LETTER_IN_GIT = declare(
    "C861",
    Severity.ERROR,
    en="{letter} lies in the repository: a letter bears names and does not belong into git",
    fr="{letter} se trouve dans le dépôt : une lettre porte des noms et n'a rien à faire dans git",
    hint_en="keep it where the operator keeps its letters, and give that path",
    hint_fr="gardez-la où l'opérateur range ses courriers, et donnez ce chemin",
)
NO_LETTER = declare(
    "C862",
    Severity.ERROR,
    en="{letter} cannot be read: {reason}",
    fr="{letter} est illisible : {reason}",
    hint_en="give the file of the letter, a scan for instance",
    hint_fr="donnez le fichier de la lettre, un scan par exemple",
)

List = Literal["notices", "deliberations"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: the file's name, and the digest of the letter."""

    file: str
    evidence: str


def record(
    fleet: Fleet, domain: str, where: List, act: Mapping[str, str], letter: Path
) -> Recorded:
    """Add `act`, with the digest of `letter`, to the charter that declares `domain`.

    ``InvalidInput`` when there is none, the letter lies in the repository, or the charter would
    have an error then; in each case nothing was written.
    """
    slug, name = _declared(fleet, domain)
    source = fleet.sources[slug]
    file = fleet.workshop.name_of(source)
    evidence = digest_of(letter, fleet.repository.root)
    schema = fleet.workshop.schemas.collectivity
    editors = f"{'../' * file.count('/')}schemas/{schema.name}.schema.json"
    text, found = with_item(
        source.path.read_bytes(),
        file,
        ("domains", name, "registration", where),
        {**act, "evidence": evidence},
        schema.key_order(),
        editors,
    )
    if text is None:
        raise InvalidInput(*found)
    faults = [d for d in _judged(fleet, text, file) if d.path.startswith(f"domains.{name}.")]
    if has_errors(faults):
        raise InvalidInput(*faults)
    write_atomically(source.path, text)
    return Recorded(file, evidence)


def digest_of(letter: Path, root: Path) -> str:
    """``sha256:…`` of the file at `letter`, which must not lie below `root`."""
    try:
        where = letter.resolve()
        if where.is_relative_to(root):
            raise InvalidInput(diagnose(LETTER_IN_GIT, str(letter), letter=letter))
        with where.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(
            diagnose(NO_LETTER, str(letter), letter=letter, reason=reason)
        ) from error


def _declared(fleet: Fleet, domain: str) -> tuple[str, str]:
    """Slug of the charter that declares `domain`, and the name as it is written there."""
    wanted = to_ascii(domain) or domain
    for slug in fleet.index.holders_of_domain(wanted):
        facts = fleet.facts(slug)
        if facts and wanted in facts.registrations:
            return slug, facts.registrations[wanted][0]
    raise InvalidInput(diagnose(NO_SUCH_DOMAIN, "", domain=domain))


def _judged(fleet: Fleet, text: str, file: str) -> list[Diagnostic]:
    """What the fleet would say about the charter `file` with this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(file).name
        path.write_text(text, encoding="utf-8")
        return fleet.examine_file(path, file)
