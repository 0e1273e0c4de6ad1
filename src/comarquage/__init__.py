# SPDX-License-Identifier: GPL-3.0-or-later
"""The national guide of rights and procedures (co-marquage of service-public), for many sites.

Fetched, checked and rendered once by ``python -m comarquage refresh CONFIG``; read by a web
application, with the local information of each of its local governments:

    guide = Guide.open("/var/lib/comarquage")          # NoRelease where nothing was fetched yet
    guide = guide.newest()                             # now and then: microseconds
    page = guide.page("part", "F1427")                 # None: try redirected, else 404
    page = guide.page("part", "F2122", answers=request.GET.get("r", ""))
    page = guide.page("part", "F34680", path=request.GET.get("c", ""))
    local, problems = local_of([region, department, epci, commune], base="/guide")
    html = fill(page, local)                           # safe HTML, begins with breadcrumb and h1

    guide.search("part", "changement adresse")         # [Hit]
    guide.tree("part"), guide.glossary("part")         # (Node), (Term)
    guide.redirected("F31682")                         # ("part", "N13511"), an address, or None
    guide.changes("part", since), guide.to_review("part", {"F1427": digest})
    local, moves = guide.moved(local)                  # local words follow sheets that moved
    guide.sources["part"]                              # url, file, day: for the mention of lists
    guide.directory("46042")                           # places for local_of(…, directory=…)
    local.sheets_of("acte-naissance")                  # the way back from a procedure

Addresses within a filled page are ``<base>/<audience>`` (entrance: show :meth:`Guide.tree`),
``<base>/<audience>/<id>``, with ``?r=`` and ``?c=``, and anchors.  Audiences are ``part``
(citizens and associations) and ``pro``.  ``page.canonical`` belongs into ``rel=canonical``.
"""

from comarquage.fill import fill, fill_links
from comarquage.guide import Change, Guide, Node, NoRelease, Review, Source, Term
from comarquage.local import Enrichment, Local, Place, Problem, Procedure, local_of
from comarquage.page import Page
from comarquage.richtext import safe
from comarquage.search import Hit

__all__ = [
    "Change",
    "Enrichment",
    "Guide",
    "Hit",
    "Local",
    "NoRelease",
    "Node",
    "Page",
    "Place",
    "Problem",
    "Procedure",
    "Review",
    "Source",
    "Term",
    "fill",
    "fill_links",
    "local_of",
    "safe",
]
