# SPDX-License-Identifier: GPL-3.0-or-later
"""What a local government adds to the guide: its services, words of its own, its procedures.

The data of several levels is laid over one another, the nearest to the citizen last: region,
department, EPCI, commune.  Shapes are those of YAML:

    pivots:
      mairie: {name: Mairie de Cahors, address: [73 boulevard Gambetta, 46000 Cahors],
               phone: 05 65 20 87 87, email: mairie@cahors.fr, website: https://www.cahors.fr,
               hours: ["Lundi au vendredi : 8 h à 12 h"], note: "<p>Entrée par la cour.</p>"}
    enrichments:
      F1427:        {before: "…", after: "…", procedure: acte-naissance}
      N359:         {after: "…"}
      pivot:mairie: {after: "…"}
    procedures:
      acte-naissance: {title: Demander un acte de naissance, url: /demarches/acte-naissance/}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comarquage.pivots import normal

_KEY = re.compile(r"(?:[FNR][0-9]{1,9}|pivot:.+)\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A service one can go to, write to or call.  `note` is rich text, all else plain text."""

    name: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    website: str = ""
    hours: tuple[str, ...] = ()
    note: str = ""
    directory_url: str = ""


@dataclass(frozen=True, slots=True)
class Enrichment:
    """Local words on a sheet, a dossier or a kind of service: rich text before and after it."""

    before: str = ""
    after: str = ""
    procedure: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure of the local government's own desk."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with local data, and where (dotted path); that entry is left out."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Local:
    """What :func:`comarquage.fill` puts into a page.

    `base` is where the guide stands (``/guide``, or an absolute address when it is shown within
    another site).  `pivots` are by normal name, `enrichments` by identifier or ``pivot:…``.
    `offered` names procedures by the sheets that they say they are about; they follow the one
    that an enrichment names.
    """

    base: str = "/guide"
    pivots: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    enrichments: Mapping[str, Enrichment] = field(default_factory=dict)
    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def on(self, sheet: str) -> tuple[Procedure, ...]:
        """The procedures that a sheet leads to, the one that is named for it first."""
        given = self.enrichments.get(sheet)
        named = ((given.procedure,) if given else ()) + self.offered.get(sheet, ())
        return tuple(
            self.procedures[name] for name in dict.fromkeys(named) if name in self.procedures
        )

    def sheets_of(self, procedure: str) -> tuple[str, ...]:
        """The way back: identifiers of the sheets on which `procedure` is offered."""
        named = [key for key, given in self.enrichments.items() if given.procedure == procedure]
        named += [key for key, names in self.offered.items() if procedure in names]
        return tuple(dict.fromkeys(named))

    def attached(self) -> tuple[str, ...]:
        """Identifiers of sheets that carry local text or a procedure."""
        return tuple(key for key in self.enrichments if not key.startswith("pivot:"))


def local_of(
    levels: Sequence[Mapping[str, object]],
    *,
    base: str = "/guide",
    directory: Mapping[str, tuple[Place, ...]] | None = None,
) -> tuple[Local, list[Problem]]:
    """Lay `levels` over one another and over the `directory`; far levels first.

    A field that a nearer level gives replaces that of a farther one, fields it does not give
    stay: the commune may add opening hours to what its department says.  What cannot be used is
    left out and told.
    """
    pivots: dict[str, tuple[Place, ...]] = dict(directory or {})
    enrichments: dict[str, Enrichment] = {}
    procedures: dict[str, Procedure] = {}
    problems: list[Problem] = []
    for number, level in enumerate(levels):
        at = f"{number}"
        for name, value in _mapping(level, "pivots", at, problems):
            key = normal(name)
            places = _places(value, f"{at}.pivots.{name}", problems, pivots.get(key, ()))
            if places:
                pivots[key] = places
        for name, value in _mapping(level, "enrichments", at, problems):
            path = f"{at}.enrichments.{name}"
            if not _KEY.match(name):
                problems.append(Problem(path, "no identifier (F…, N…, R…) and no pivot:…"))
                continue
            key = f"pivot:{normal(name[6:])}" if name.startswith("pivot:") else name
            given = _texts(value, ("before", "after", "procedure"), path, problems)
            before = enrichments.get(key, Enrichment())
            enrichments[key] = Enrichment(
                before=given.get("before", before.before),
                after=given.get("after", before.after),
                procedure=given.get("procedure", before.procedure),
            )
        for name, value in _mapping(level, "procedures", at, problems):
            path = f"{at}.procedures.{name}"
            given = _texts(value, ("title", "url"), path, problems)
            if given.get("title") and is_address(given.get("url", "")):
                procedures[name] = Procedure(given["title"], given["url"])
            else:
                problems.append(Problem(path, "needs a title and an address"))
    for key, enrichment in enrichments.items():
        if enrichment.procedure and enrichment.procedure not in procedures:
            problems.append(Problem(f"enrichments.{key}.procedure", "no such procedure"))
    return Local(base.rstrip("/"), pivots, enrichments, procedures), problems


def is_address(url: str) -> bool:
    """Whether `url` may be linked to: by https or http, or a path of the same host."""
    return bool(re.match(r"https?://[^\s/]", url) or re.match(r"/(?!/)\S*\Z", url))


def _mapping(
    level: Mapping[str, object], name: str, at: str, problems: list[Problem]
) -> Iterable[tuple[str, object]]:
    value = level.get(name)
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        problems.append(Problem(f"{at}.{name}", "must be a mapping"))
        return ()
    return [(str(key), item) for key, item in value.items()]


def _texts(
    value: object, names: tuple[str, ...], path: str, problems: list[Problem]
) -> dict[str, str]:
    if not isinstance(value, Mapping):
        problems.append(Problem(path, "must be a mapping"))
        return {}
    found = {}
    for key, text in value.items():
        if key not in names:
            problems.append(Problem(f"{path}.{key}", f"none of {', '.join(names)}"))
        elif isinstance(text, str):
            found[str(key)] = text
        else:
            problems.append(Problem(f"{path}.{key}", "must be text"))
    return found


def _places(
    value: object, path: str, problems: list[Problem], before: tuple[Place, ...]
) -> tuple[Place, ...]:
    several = list(value) if isinstance(value, list) else [value]
    found = []
    for number, given in enumerate(several):
        if not isinstance(given, Mapping):
            problems.append(Problem(path, "must be a mapping, or a list of mappings"))
            continue
        # One place is laid over the one that is known; a list replaces it.
        known = before[0] if len(several) == 1 and len(before) == 1 else Place()
        found.append(_place(given, f"{path}.{number}", problems, known))
    return tuple(found)


def _place(
    given: Mapping[object, object], path: str, problems: list[Problem], known: Place
) -> Place:
    values: dict[str, str | tuple[str, ...]] = {}
    for key, value in given.items():
        name = str(key)
        if name in {"address", "hours"} and isinstance(value, list | str):
            lines = value if isinstance(value, list) else value.splitlines()
            values[name] = tuple(str(line) for line in lines)
        elif name in {"name", "phone", "email", "website", "note"} and isinstance(value, str):
            values[name] = value
        else:
            problems.append(Problem(f"{path}.{name}", "unknown, or of another kind"))
    return Place(**{**{name: getattr(known, name) for name in Place.__slots__}, **values})
