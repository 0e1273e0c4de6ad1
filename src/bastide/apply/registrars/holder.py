# SPDX-License-Identifier: GPL-3.0-or-later
"""The holder of a name: the collectivity, as its charter and the reference know it.

Registrars ask for a first and a last name even of a public body.  They get a function, as mail
addresses do: `Mairie` and the name of the place; who is mayor changes, and is nobody's business
here.
"""

from __future__ import annotations

import re

from bastide import reference
from bastide.apply.registrars import kinds
from bastide.diagnostics import InvalidInput, diagnose
from bastide.documents import read_file
from bastide.fleet import Fleet
from bastide.model import Collectivity, build_collectivity
from bastide.targets.registrars import Holder
from bastide.targets.registrars.observe import Situation

_VOWELS = "aeiouyh"
_SIGNS = re.compile(r"[^0-9+]")
_FUNCTIONS = {"commune": "Mairie", "department": "Département"}


def holder_of(fleet: Fleet, slug: str) -> Holder:
    """The holder of the names of `slug`; ``InvalidInput`` when its charter does not say enough."""
    source = fleet.sources[slug]
    name = fleet.workshop.name_of(source)
    document, found = read_file(source.path, name)
    if document is None:
        raise InvalidInput(*found)
    return holder_from(build_collectivity(slug, name, document.data, lambda _path: 0))


def line_of(fleet: Fleet, situation: Situation) -> int:
    """The line that declares a name, for the journal; 0 when its file cannot be read now."""
    source = fleet.sources[situation.slug]
    document, _ = read_file(source.path, situation.file)
    return document.line(("domains", situation.name)) if document else 0


def holder_from(collectivity: Collectivity) -> Holder:
    """The holder that `collectivity` is."""
    place = reference.by_siren(collectivity.siren)
    commune = place if isinstance(place, reference.Commune) else None
    address = collectivity.address
    codes = commune.postal_codes if commune else ()
    title = place.name if place else collectivity.slug.rpartition("/")[2]
    known = {
        "contact.email": collectivity.contact_email,
        "contact.phone": _phone(collectivity.contact_phone),
        "contact.address": address or (len(codes) == 1 and commune) or None,
    }
    for needed, value in known.items():
        if not value:
            raise InvalidInput(
                diagnose(
                    kinds.NO_HOLDER,
                    collectivity.file,
                    path="collectivity.contact",
                    slug=collectivity.slug,
                    field=needed,
                )
            )
    return Holder(
        name=_called(title) if commune else title,
        siren=collectivity.siren,
        given=_FUNCTIONS.get(collectivity.kind, "Direction"),
        family=title,
        email=str(collectivity.contact_email),
        phone=str(known["contact.phone"]),
        street=address.street if address else "Mairie",
        postal_code=address.postal_code if address else codes[0],
        city=address.city if address else title,
    )


def _called(name: str) -> str:
    """« Commune d'Albas », « Commune de Cahors », « Commune du Vigan », « … de La Tour »."""
    if name.startswith("Le "):
        return f"Commune du {name[3:]}"
    if name.startswith("Les "):
        return f"Commune des {name[4:]}"
    plain = reference.slugify(name)
    return f"Commune d'{name}" if plain[:1] in _VOWELS else f"Commune de {name}"


def _phone(written: str | None) -> str | None:
    """``+33.565208700``, as registries write it (RFC 5733 §2.5); None when it is no number."""
    signs = _SIGNS.sub("", written or "")
    if signs.startswith("+33"):
        return f"+33.{signs[3:].lstrip('0')}"
    if signs.startswith("0") and not signs.startswith("00"):
        return f"+33.{signs[1:]}"
    return None
