# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain name that a collectivity could own, alone of its kind in France.

Its name in ``.fr``; where another commune has the same, or the same but for accents, the
department's code follows, as Afnic asked of homonyms since it opened their names to
communes: ``cahors.fr``, but ``albas-46.fr`` for Albas in the Lot, and in the Aude
``albas-11.fr``.
"""

from __future__ import annotations

import functools

from bastide.reference import Commune, Epci, epcis, slugs_of_france


def own_domain(place: Commune | Epci) -> str:
    """The domain proposed for `place`, in A-labels."""
    slug = place.slug
    shared = _shared_slugs() if isinstance(place, Commune) else _shared_epci_slugs()
    return f"{slug}-{place.department.lower()}.fr" if slug in shared else f"{slug}.fr"


@functools.cache
def _shared_slugs() -> frozenset[str]:
    return frozenset(slug for slug, count in slugs_of_france().items() if count > 1)


@functools.cache
def _shared_epci_slugs() -> frozenset[str]:
    slugs = [epci.slug for epci in epcis()]
    return frozenset(slug for slug in slugs if slugs.count(slug) > 1)
