# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the reference of communes and EPCIs from the npm package that publishes them.

Run ``python tools/build_reference.py`` (needs npm), or give it the package already
fetched.  The same package gives the same bytes.  The form of the result is described in
``src/bastide/reference/store.py``, which reads it; sources and licences are in
``src/bastide/reference/LICENCE.md``.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bastide.reference.places import department_of

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
# The registry's own figures for this version; a package that differs is refused.
INTEGRITY = (
    "sha512-XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/"
    "7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ=="
)
# Version 6 of the package describes the country on this day (table in its README).
DATED = "2026-01-01"
LICENCE = "MIT (compilation, Etalab); Licence Ouverte 2.0 (data: INSEE, DGCL, La Poste)"
TARGET = Path(__file__).parents[1] / "src/bastide/reference/france-2026.tsv"
TABLES = ("departements", "communes", "epci")

Row = dict[str, Any]


class UnexpectedDataError(Exception):
    """The source breaks something that the reference relies upon."""


def fetch(directory: Path) -> bytes:
    """The package as npm gives it, written below `directory`."""
    subprocess.run(
        ["npm", "pack", f"{PACKAGE}@{VERSION}", "--pack-destination", str(directory)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = directory.glob("*.tgz")
    return archive.read_bytes()


def tables_of(archive: bytes) -> dict[str, list[Row]]:
    """The tables in a package whose integrity is the one expected."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != INTEGRITY:
        raise UnexpectedDataError(f"the package is {found}, not {INTEGRITY}")
    tables = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        for name in TABLES:
            member = package.extractfile(f"package/data/{name}.json")
            if member is None:
                raise UnexpectedDataError(f"the package has no data/{name}.json")
            tables[name] = json.load(member)
    return tables


def build(tables: dict[str, list[Row]]) -> bytes:
    """The reference file: a line of JSON, then the payload that its digest covers."""
    current = [row for row in tables["communes"] if row["type"] == "commune-actuelle"]
    epci_of = {m["code"]: row["code"] for row in tables["epci"] for m in row["membres"]}
    sections = {
        "departments": sorted(_line(row["code"], row["nom"]) for row in tables["departements"]),
        "communes": sorted(_commune(row, epci_of) for row in current),
        "epcis": sorted(_epci(row) for row in tables["epci"]),
        "former": sorted(_former(tables["communes"], {row["code"] for row in current})),
    }
    payload = "".join(f"{line}\n" for lines in sections.values() for line in lines).encode()
    header = {
        "counts": {name: len(lines) for name, lines in sections.items()},
        "dated": DATED,
        "format": 1,
        "licence": LICENCE,
        "sha256": hashlib.sha256(payload).hexdigest(),
        "source": f"npm {PACKAGE}",
        "version": VERSION,
    }
    return json.dumps(header, sort_keys=True).encode() + b"\n" + payload


def _line(*fields: str) -> str:
    for field in fields:
        if "\t" in field or "\n" in field:
            raise UnexpectedDataError(f"a field holds a tab or an end of line: {field!r}")
    return "\t".join(fields)


def _commune(row: Row, epci_of: dict[str, str]) -> str:
    insee = row["code"]
    department = department_of(insee)
    if department != row["departement"]:
        raise UnexpectedDataError(f"{insee} is not in department {row['departement']}")
    return _line(
        insee,
        row.get("siren", ""),
        row["nom"],
        str(row.get("population", "")),
        " ".join(sorted(row.get("codesPostaux", ()))),
        epci_of.get(insee, ""),
    )


def _epci(row: Row) -> str:
    """One line; the seat is taken to be in the department where most members' people live."""
    people: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for member in row["membres"]:
        department = department_of(member["code"])
        people[department] += member["populationMunicipale"]
        members[department] += 1
    seat = min(people, key=lambda code: (-people[code], -members[code], code))
    return _line(row["code"], row["type"], row["nom"], seat, str(row["populationMunicipale"]))


def _former(rows: list[Row], current: set[str]) -> set[str]:
    """Codes that are no commune today, each with the communes its land lies in."""
    heirs: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for old in row.get("anciensCodes", ()):
            heirs[old].add(row["code"])
        heir = row.get("chefLieu") or row.get("commune")
        if row["type"] != "commune-actuelle" and heir:
            heirs[row["code"]].add(heir)
    return {_line(old, " ".join(sorted(heirs[old]))) for old in heirs if old not in current}


def main() -> int:
    """Build the file and say what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("package", nargs="?", type=Path, help="the .tgz, already fetched")
    package = parser.parse_args().package
    with tempfile.TemporaryDirectory() as directory:
        archive = package.read_bytes() if package else fetch(Path(directory))
    try:
        content = build(tables_of(archive))
    except UnexpectedDataError as error:
        print(f"build_reference: {error}", file=sys.stderr)
        return 1
    TARGET.write_bytes(content)
    header = content.partition(b"\n")[0].decode()
    print(f"{TARGET.name}: {len(content)} bytes, {header}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
