# SPDX-License-Identifier: GPL-3.0-or-later
"""What the share may say of a desk, a procedure and an agent."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from guichet.procedures import check, library
from guichet.procedures.library import ADJUSTABLE
from guichet.procedures.storable import unstorable
from guichet.tenancy.contrast import COLOUR, ENOUGH, WHITE, contrast

# \Z, since $ is also before a last end of line.
_LINE = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^\S(.*\S)?\Z"}
_MAIL = {"type": "string", "maxLength": 254, "pattern": r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+\Z"}
_WEB = {"type": "string", "maxLength": 500, "pattern": r"^https://[^\s<>\"]+\Z"}

_INSEE = "^[0-9][0-9AB][0-9]{3}$"
_COVERED = "^[0-9][0-9AB][0-9]{0,3}$"


def _shape(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    facts = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**facts, "required": list(required)}


DESK = _shape(
    ("name", "sender"),
    name=_LINE,
    # The From of its mails; an answer goes to `contact.email`.
    sender=_MAIL,
    site=_WEB,
    contact=_shape((), email=_MAIL, phone=_LINE, address=_LINE),
    # Delegate of data protection, asked for by RGPD art. 13.
    privacy=_shape((), email=_MAIL, address=_LINE),
    banner=_shape(
        ("sha256", "alt"),
        sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        alt={"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
    ),
    colours=_shape((), primary={"type": "string"}, accent={"type": "string"}),
    # The national guide: whom it is shown to, and what is said beside it (comarquage.local).
    guide=_shape(
        ("audiences",),
        audiences={"type": "array", "items": {"enum": ["particuliers", "professionnels"]}},
        enrichments={"type": "object"},
        pivots={"type": "object"},
        # A commune's INSEE code: which services of the national directory are its own.
        insee={"type": "string", "pattern": _INSEE},
        # Of a level above the communes: what their codes are, or begin with.
        level={"enum": ["region", "department", "epci"]},
        covers={"type": "array", "items": {"type": "string", "pattern": _COVERED}},
    ),
)
PROCEDURE = _shape(
    (),
    library={"type": "string"},
    set={"type": "object"},
    definition={"type": "object"},
    position={"type": "integer", "minimum": 0, "maximum": 10_000},
)
AGENT = _shape(
    ("role",),
    role={"enum": ["manager", "officer", "reader"]},
    name=_LINE,
    procedures={"type": "array", "uniqueItems": True, "items": {"type": "string"}},
)


@functools.cache
def _validator(which: str) -> Draft202012Validator:
    return Draft202012Validator({"desk": DESK, "procedure": PROCEDURE, "agent": AGENT}[which])


def _objection(which: str, body: Mapping[str, Any]) -> str | None:
    if (odd := unstorable(body)) is not None:
        return f"{odd.where}: {odd.en}"
    for error in _validator(which).iter_errors(body):
        place = ".".join(map(str, error.absolute_path)) or which
        return f"{place}: {error.message[:120]}"
    return None


def check_desk(body: Mapping[str, Any]) -> str | None:
    """Why the body of a desk is not acceptable; None when it is."""
    if objection := _objection("desk", body):
        return objection
    for name, colour in body.get("colours", {}).items():
        if not COLOUR.match(colour):
            return f"colours.{name}: {colour!r} is no #rrggbb in lower case"
        found = contrast(colour, WHITE)
        if found < ENOUGH:
            return f"colours.{name}: contrast with white is {found:.2f}, {ENOUGH} is needed (WCAG)"
    return None


def check_procedure(body: Mapping[str, Any]) -> str | None:
    """Why the body of a procedure is not acceptable; None when it is."""
    if objection := _objection("procedure", body):
        return objection
    if ("library" in body) == ("definition" in body):
        return "either library or definition has to be given"
    return _adjustment_objection(body) or _definition_objection(body)


def _adjustment_objection(body: Mapping[str, Any]) -> str | None:
    if "set" in body and "library" not in body:
        return "set goes with library"
    odd = sorted(set(body.get("set", ())) - ADJUSTABLE)
    if odd:
        return f"set: {', '.join(odd)} cannot be said differently"
    return None


def _definition_objection(body: Mapping[str, Any]) -> str | None:
    definition = definition_of(body)
    if definition is None:
        return f"library: there is no {body['library']!r}"
    for problem in check(definition):
        return f"{problem.where}: {problem.en}"
    return None


def check_agent(body: Mapping[str, Any]) -> str | None:
    """Why the body of an agent is not acceptable; None when it is."""
    if objection := _objection("agent", body):
        return objection
    if body["role"] == "officer" and not body.get("procedures"):
        return "procedures: a case officer is in charge of one at least"
    return None


def definition_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The definition that a body means."""
    if "definition" in body:
        return dict(body["definition"])
    return library(body["library"], body.get("set"))


CHECKS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "desk": check_desk,
    "procedure": check_procedure,
    "agent": check_agent,
}
