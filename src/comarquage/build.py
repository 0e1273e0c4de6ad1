# SPDX-License-Identifier: GPL-3.0-or-later
"""A release made from unpacked archives: every file parsed, rendered, indexed, once."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from comarquage import check, indexes, news
from comarquage.config import Limits
from comarquage.corpus import Corpus, survey
from comarquage.messages import Finding, Refused, found
from comarquage.page import FORMAT
from comarquage.parse import Broken, parsed
from comarquage.render.about import Origin
from comarquage.render.page import render, searched
from comarquage.render.sheet import Element
from comarquage.store import Store
from comarquage.vocabulary import unknown_attributes

_SHOWN = 10  # broken files that are told of one archive
_TERMS = ("Definition", "Abreviation")


@dataclass
class Built:
    """What was made, for the state file: pages by audience, warnings, unknown elements."""

    pages: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)


def build(
    into: Path,
    files: Mapping[str, Mapping[str, bytes]],
    origins: Mapping[str, Origin],
    limits: Limits,
    *,
    before: Path | None = None,
    today: dt.date,
) -> Built:
    """Write one file for each audience into `into`; `before` is the release that is served.

    Raises Refused for broken files, missing targets and foreign vocabulary; what was written
    until then is the caller's to remove.
    """
    corpus = survey(files)
    tables = {
        audience: _tables(corpus, audience, documents) for audience, documents in files.items()
    }
    built = Built()
    unknown: Counter[str] = Counter()
    elements = 0
    for audience, documents in files.items():
        with Store(into / f"{audience}.sqlite") as store:
            work = _Work(corpus, audience, origins[audience], store)
            for name, data in documents.items():
                elements += data.count(b"</") + data.count(b"/>")
                work.take(name, data)
            if work.broken:
                raise Refused(*work.broken[:_SHOWN])
            store.moved(tables[audience].moved)
            store.nodes(tables[audience].nodes)
            store.terms([(key, *value) for key, value in sorted(work.terms.items())])
            former = None if before is None else before / f"{audience}.sqlite"
            store.changes(news.changed(former, work.digests, today))
            store.finish()
            built.pages[audience] = len(work.digests)
            unknown += work.unknown
    built.unknown = dict(unknown.most_common())
    built.findings += check.vocabulary(unknown, elements, limits)
    built.findings += check.dangling(corpus, len(corpus.titles), limits)
    errors = [one for one in built.findings if one.kind.severity == "error"]
    if errors:
        raise Refused(*errors)
    return built


def _tables(corpus: Corpus, audience: str, documents: Mapping[str, bytes]) -> indexes.Indexes:
    """The indexes of an audience; sub-themes and redirections are made known to the corpus."""
    roots: dict[str, Element] = {}
    for name in ("menu", "redirections"):
        root = parsed(documents[name]) if name in documents else None
        if root is not None and not isinstance(root, Broken):  # a broken one is told by take()
            roots[name] = root
    table = indexes.read(roots.get("menu"), roots.get("redirections"))
    corpus.subthemes.update({(audience, sub): theme for sub, theme in table.subthemes.items()})
    corpus.moved.update({(audience, old): new for old, new, _ in table.moved if new})
    return table


class _Work:
    """One audience while it is rendered."""

    def __init__(self, corpus: Corpus, audience: str, origin: Origin, store: Store) -> None:
        self.corpus = corpus
        self.audience = audience
        self.origin = origin
        self.store = store
        self.broken: list[Finding] = []
        self.digests: dict[str, tuple[str, str, str]] = {}
        self.terms: dict[str, tuple[str, str]] = {}
        self.unknown: Counter[str] = Counter()

    def take(self, name: str, data: bytes) -> None:
        """Parse one file, and render it where it is a page."""
        root = parsed(data)
        if isinstance(root, Broken):
            where = f"{self.audience}/{name}.xml"
            self.broken.append(found(check.BROKEN, where, root.line, root.column, why=root.reason))
            return
        if root.tag in indexes.DATA or self.broken:
            return
        page = render(self.corpus, self.audience, name, root, self.origin)
        digest = news.digest_of(root)
        self.store.page(page, digest, searched(root, name))
        self.digests[name] = (digest, page.title, " ".join(page.themes))
        self.terms.update(page.terms)
        self.unknown += page.unknown + unknown_attributes(data, root)


def described(
    release: Path, built: Built, origins: Mapping[str, Origin], made: dt.datetime
) -> None:
    """Write ``release.json``, the last file of a release."""
    about = {
        "format": FORMAT,
        "made": made.isoformat(timespec="seconds"),
        "days": {audience: origin.day.isoformat() for audience, origin in origins.items()},
        "origins": {audience: origin.url for audience, origin in origins.items()},
        "pages": built.pages,
        "unknown": built.unknown,
    }
    text = json.dumps(about, indent=2, sort_keys=True, ensure_ascii=False)
    (release / "release.json").write_text(text + "\n", "utf-8")
