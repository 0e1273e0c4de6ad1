# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of tests/data/rules, read and judged as a run does.

Each folder has a small fleet, perhaps its own platform.yml, and in expected.json every
diagnostic with its place and both messages.  Run this file to write them anew, then read
the difference in git.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from bastide.documents import Attachments, read_file
from bastide.fleet.examine import Examiner, to_diagnostics
from bastide.model import Index, build_platform
from bastide.rules import check_fleet, check_platform
from bastide.schema import Schemas

TODAY = dt.date(2026, 6, 1)
CASES = Path(__file__).parents[2] / "data" / "rules"
SCHEMAS = Schemas.load(Path(__file__).parents[3] / "schemas")


def folders():
    return sorted(path for path in CASES.iterdir() if path.is_dir())


def judge(folder):
    """Every diagnostic on the fleet in `folder`, as expected.json holds it."""
    own = folder / "platform.yml"
    document, found = read_file(own if own.exists() else CASES / "platform.yml", "platform.yml")
    found += SCHEMAS.check_platform(document)
    platform = build_platform("platform.yml", document.data)
    examiner = Examiner(SCHEMAS, platform, lambda _siren: None, Attachments(folder))
    members = {}
    for path in sorted((folder / "fleet").rglob("*.yml")):
        slug = path.relative_to(folder / "fleet").with_suffix("").as_posix()
        name = f"collectivities/{slug}.yml"
        examined = examiner.examine(slug, path, name)
        found += examined.diagnostics
        if examined.facts:
            members[slug] = (examined.facts, read_file(path, name)[0])
    index = Index(platform.shared_domains, lambda slug: members[slug][0])
    for facts, _ in members.values():
        index.add(facts)
    for facts, charter in members.values():
        found += to_diagnostics(charter, check_fleet(facts, index, TODAY))
    if own.exists():
        found += to_diagnostics(document, check_platform(platform, index))
    return [shown(one) for one in sorted(found)]


def shown(one):
    return {
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "code": one.code,
        "severity": one.severity.value,
        "path": one.path,
        "en": one.message("en"),
        "fr": one.message("fr"),
    }


def expected(folder):
    return json.loads((folder / "expected.json").read_text())


def write():
    for folder in folders():
        text = json.dumps(judge(folder), indent=2, ensure_ascii=False)
        (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    write()
