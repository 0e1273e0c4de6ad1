# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of each measure of the guide, in a process of its own: FOLDER, prints JSON of seconds.

CPU seconds for rendering, since one core is what the row allows; wall-clock for what a reader
waits for.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import sys
import time
from pathlib import Path

from comarquage import Guide, archive, fill, local_of
from comarquage.config import Config, Limits
from comarquage.corpus import survey
from comarquage.parse import parsed
from comarquage.refresh import refresh
from comarquage.render.about import Origin
from comarquage.render.page import render

ARCHIVE = Path(__file__).parents[1] / "data" / "comarquage" / "guide-2024-03-06.tar.xz"
URL = "https://lecomarquage.service-public.fr/vdd/3.4/{}/zip/vosdroits-latest.zip"
AUDIENCES = ("part", "pro")
ASKED = """changement adresse|acte de naissance|carte identité|passeport mineur|buvette association
permis de construire|taxe de séjour|livret de famille|mariage|pacs|divorce|rsa|aide au logement
carte grise|casier judiciaire|inscription liste électorale|déménagement|école|crèche|retraite
amende|succession|décès|chômage|impôt sur le revenu|création entreprise|ouverture de chantier
achèvement des travaux|logement social|handicap|procuration vote|stationnement|chien dangereux"""


def rendered() -> float:
    """CPU seconds to parse and render every file, from bytes to HTML."""
    files = {name: archive.opened(ARCHIVE, name, Limits()) for name in AUDIENCES}
    origin = Origin(URL, dt.date(2024, 3, 6))
    started = time.process_time()
    corpus = survey(files)
    for audience, documents in files.items():
        for name, data in documents.items():
            render(corpus, audience, name, parsed(data), origin)
    return time.process_time() - started


def refreshed(folder: Path) -> float:
    """Seconds of a whole run: unpacked, checked, rendered, indexed, synced, switched."""
    sources = dict.fromkeys(AUDIENCES, f"file:{ARCHIVE}")
    config = Config(folder, sources, {name: URL.format(name) for name in AUDIENCES})
    started = time.perf_counter()
    refresh(config)
    return time.perf_counter() - started


def filled(guide: Guide) -> float:
    """p95 of one page read and filled, over 2,000 pages of the lot."""
    local, _ = local_of([{
        "pivots": {"mairie": {"name": "Mairie de Cahors", "address": ["46000 Cahors"]},
                   "prefecture": {"name": "Préfecture du Lot", "hours": ["Lundi : 9 h à 12 h"]}},
        "enrichments": {"pivot:mairie": {"after": "<p>Entrée par la cour.</p>"}},
    }])  # fmt: skip
    names = [row[0] for row in guide.rows("part", "SELECT id FROM page")]
    times = []
    for name in random.Random(46).sample(names, 2000):
        started = time.perf_counter()
        page = guide.page("part", name)
        assert page is not None
        fill(page, local)
        times.append(time.perf_counter() - started)
    return statistics.quantiles(times, n=20)[18]


def searched(guide: Guide) -> float:
    """p95 of a search, over what people ask, ten times in another order each."""
    asked = [line for text in ASKED.splitlines() for line in text.split("|")]
    times = []
    lot = random.Random(46)
    for _ in range(10):
        lot.shuffle(asked)
        for words in asked:
            started = time.perf_counter()
            guide.search("part", words)
            times.append(time.perf_counter() - started)
    return statistics.quantiles(times, n=20)[18]


def main() -> None:
    """Measure once and print."""
    folder = Path(sys.argv[1])
    found = {"render": rendered(), "refresh": refreshed(folder)}
    guide = Guide.open(folder)
    found |= {"page": filled(guide), "search": searched(guide)}
    print(json.dumps(found))


main()
