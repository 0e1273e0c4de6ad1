# SPDX-License-Identifier: GPL-3.0-or-later
"""Which collectivities a run is about: those named, or those that changed since a commit."""

from __future__ import annotations

import difflib
import os
import subprocess

from bastide.diagnostics import InvalidInput, Severity, declare, diagnose
from bastide.documents import ASSETS
from bastide.fleet.fleet import Fleet
from bastide.fleet.source import readable, slug_of

UNKNOWN_SLUG = declare(
    "C811",
    Severity.ERROR,
    en="there is no collectivity {slug}",
    fr="la collectivité {slug} n'existe pas",
    hint_en="did you mean {near}?",
    hint_fr="vouliez-vous dire {near} ?",
)
UNKNOWN_REF = declare(
    "C812",
    Severity.ERROR,
    en="git knows no commit {ref}",
    fr="git ne connaît pas le commit {ref}",
    hint_en="give a branch, a tag or a commit of this repository",
    hint_fr="donnez une branche, une étiquette ou un commit de ce dépôt",
)


def named(fleet: Fleet, names: list[str]) -> list[str]:
    """Slugs for what people type: ``46/cahors``, ``cahors``, or the file's path."""
    return [_slug(fleet, name) for name in names]


def _slug(fleet: Fleet, name: str) -> str:
    plain = slug_of(name.removeprefix("./"))
    if plain in fleet.sources:
        return plain
    same = [slug for slug in fleet.sources if slug.rpartition("/")[2] == plain]
    if len(same) == 1:
        return same[0]
    near = same or difflib.get_close_matches(plain, _names(fleet), 3, 0.5)
    raise InvalidInput(diagnose(UNKNOWN_SLUG, "", slug=name, near=", ".join(near) or "-"))


def _names(fleet: Fleet) -> list[str]:
    return [name for slug in fleet.sources for name in (slug, slug.rpartition("/")[2])]


def changed_since(fleet: Fleet, ref: str) -> list[str]:
    """Slugs of the files that differ from `ref` (from where it parted, as a merge request does).

    Files that are gone are not named: what vanishes is reported, never followed.
    """
    root = str(fleet.repository.root)
    # --end-of-options: a ref never becomes an option of git.
    base = subprocess.run(
        ["git", "-C", root, "merge-base", "--end-of-options", ref, "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    if base.returncode:
        raise InvalidInput(diagnose(UNKNOWN_REF, "", ref=ref))
    names: set[str] = set()
    for arguments in (
        ["diff", "--name-only", "-z", base.stdout.strip(), "--", "collectivities", ASSETS],
        ["ls-files", "-z", "-o", "--exclude-standard", "--", "collectivities", ASSETS],
    ):
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, check=True)
        names.update(readable(os.fsdecode(name)) for name in done.stdout.split(b"\0"))
    slugs = {slug_of(name) for name in names}
    slugs |= {one for name in names for one in _beside(name)}
    return sorted(slugs & fleet.sources.keys())


def _beside(name: str) -> list[str]:
    """The charters that a file of ``assets/`` may belong to."""
    folders = name.split("/")[:-1]
    if folders[:1] != [ASSETS]:
        return []
    return ["/".join(folders[1:end]) for end in range(2, len(folders) + 1)]
