# SPDX-License-Identifier: GPL-3.0-or-later
"""Open data on communes and EPCIs: dated, hashed, offline.  Sources in LICENCE.md."""

from bastide.reference.lookup import (
    by_insee,
    by_siren,
    communes,
    communes_of,
    dated,
    departments,
    epcis,
    epcis_seated_in,
    source,
    successors,
    verify,
)
from bastide.reference.places import Commune, Department, Epci, department_of
from bastide.reference.regions import region_of
from bastide.reference.search import find, slugs_of_france
from bastide.reference.slugs import slugify, slugify_epci

__all__ = [
    "Commune",
    "Department",
    "Epci",
    "by_insee",
    "by_siren",
    "communes",
    "communes_of",
    "dated",
    "department_of",
    "departments",
    "epcis",
    "epcis_seated_in",
    "find",
    "region_of",
    "slugify",
    "slugify_epci",
    "slugs_of_france",
    "source",
    "successors",
    "verify",
]
