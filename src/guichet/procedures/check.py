# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a definition is one: its structure by the JSON Schema, its sense by what follows."""

from __future__ import annotations

import datetime as dt
import functools
import json
import string
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, relevance

from guichet.procedures.conditions import BadCondition, comparisons, names, parse
from guichet.procedures.kinds import KINDS
from guichet.procedures.problem import Place, Problem
from guichet.procedures.storable import unstorable

SCHEMA = Path(__file__).with_name("procedure.schema.json")
COMMON = frozenset({"id", "type", "label", "help", "required", "when"})
# What a mail of a procedure may name in braces.
PLACEHOLDERS = frozenset({"number", "title", "town", "service", "link", "text", "delay"})


@functools.cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def check(data: Any) -> list[Problem]:
    """What is wrong with a definition; an empty list when it can be published."""
    if (odd := unstorable(data)) is not None:
        return [odd]
    problems = [_structural(error) for error in _validator().iter_errors(data)]
    if problems:
        return sorted(problems, key=lambda one: str(one.path))
    return [problem for look in _LOOKS for problem in look(data)]


def _structural(error: ValidationError) -> Problem:
    deepest = error
    while deepest.context:
        deepest = max(deepest.context, key=relevance)
    path = tuple(deepest.absolute_path)
    asked: Any = deepest.validator_value
    said_of: Any = deepest.instance
    schema: Any = deepest.schema
    match deepest.validator:
        case "required":
            absent = ", ".join(key for key in asked if key not in said_of)
            return Problem(
                "missing", path, f"{absent} is missing", f"il manque {absent}", *_SCHEMA_HINT
            )
        case "additionalProperties":
            known = set(schema.get("properties", {}))
            odd = ", ".join(sorted(str(key) for key in set(said_of) - known))
            both = f"{odd} is no field here", f"{odd} n’est pas un champ prévu ici"
            return Problem("unknown-key", path, *both, *_SCHEMA_HINT)
        case "enum":
            listed = ", ".join(map(str, asked))
            said = _short(deepest.instance)
            both = f"{said} is none of: {listed}", f"{said} n’est pas parmi : {listed}"
            return Problem("not-allowed", path, *both)
        case "type":
            both = f"a {asked} is expected", f"valeur de type {asked} attendue"
            return Problem("wrong-type", path, *both, *_SCHEMA_HINT)
        case rule:
            said = _short(deepest.instance)
            english = f"{said} breaks the rule {rule}: {_short(asked)}"
            french = f"{said} ne respecte pas la règle {rule} : {_short(asked)}"
            return Problem("bad-value", path, english, french, *_SCHEMA_HINT)


_SCHEMA_HINT = (
    "The form is in procedure.schema.json; the library has examples.",
    "Le format est dans procedure.schema.json ; la bibliothèque donne des exemples.",
)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - one line of a terminal


def _placed(data: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for index, step in enumerate(data.get("steps", ())):
        for number, field in enumerate(step["fields"]):
            yield ("steps", index, "fields", number), field


def _foreign_keys(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Keys that another type of procedure has."""
    only = {"form": {"steps", "mails", "silence"}, "link": {"url"}, "sheet": {"sheet"}}
    for other, keys in only.items():
        for key in sorted(keys & data.keys()) if other != data["type"] else ():
            yield Problem(
                "key-of-other-type",
                (key,),
                f"{key} belongs to a procedure of type {other}",
                f"{key} va avec une démarche de type {other}",
            )


def _ids(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Two fields of one id."""
    seen: set[str] = set()
    for place, field in _placed(data):
        if field["id"] in seen:
            yield Problem(
                "id-twice",
                (*place, "id"),
                f"{field['id']} is the id of two fields",
                f"{field['id']} est l’identifiant de deux champs",
                "Give one of them another id.",
                "Donnez un autre identifiant à l’un d’eux.",
            )
        seen.add(field["id"])


def _options(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Options that the kind of a field does not have, and bounds the wrong way round."""
    for place, field in _placed(data):
        kind = KINDS[field["type"]]
        for key in sorted(field.keys() - COMMON - kind.options):
            having = ", ".join(sorted(kind.options)) or "–"
            yield Problem(
                "option-unknown",
                (*place, key),
                f"a field of type {kind.name} has no {key}",
                f"un champ de type {kind.name} n’a pas d’option {key}",
                f"It has: {having}.",
                f"Il a : {having}.",
            )
        yield from _bounds(place, field)
        yield from _choices(place, field)


def _bounds(place: Place, field: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("after", "before"):
        try:
            if field.get(key, "today") != "today":
                dt.date.fromisoformat(field[key])
        except ValueError:
            yield Problem(
                "no-day",
                (*place, key),
                f"{field[key]} is no day",
                f"{field[key]} n’est pas une date",
            )
    for least, most in (("min", "max"), ("after", "before")):
        if least in field and most in field and str(field[least]) != "today" != str(field[most]):
            low, high = field[least], field[most]
            if low > high:
                yield Problem(
                    "bounds-reversed",
                    (*place, most),
                    f"{most} is below {least}",
                    f"{most} est inférieur à {least}",
                )


def _choices(place: Place, field: Mapping[str, Any]) -> Iterator[Problem]:
    values = [choice["value"] for choice in field.get("choices", ())]
    for value in sorted({one for one in values if values.count(one) > 1}):
        yield Problem(
            "choice-twice",
            (*place, "choices"),
            f"{value} stands twice in the choices",
            f"{value} figure deux fois dans les choix",
        )


def _conditions(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Conditions that are none, or that look at what is not asked before."""
    before: dict[str, Mapping[str, Any]] = {}
    for index, step in enumerate(data.get("steps", ())):
        if "when" in step:
            yield from _condition(("steps", index, "when"), step["when"], before)
        for number, field in enumerate(step["fields"]):
            if "when" in field:
                place = ("steps", index, "fields", number, "when")
                yield from _condition(place, field["when"], before)
            before[field["id"]] = field


def _condition(
    place: Place, text: str, before: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    try:
        condition = parse(text)
    except BadCondition as error:
        yield Problem(
            "condition-unreadable",
            place,
            f"the condition stops being one at column {error.column}: {error.why}",
            f"la condition n’est plus lisible à la colonne {error.column} : {error.fr}",
            'Example: kind == "full" and not (copies > 2)',
            'Exemple : kind == "full" and not (copies > 2)',
        )
        return
    for name in names(condition):
        if name not in before or before[name]["type"] == "information":
            yield Problem(
                "condition-forward",
                place,
                f"{name} is not asked before",
                f"{name} n’est pas demandé avant",
                "A condition may only look at fields above it.",
                "Une condition ne peut porter que sur des champs placés avant.",
            )
    for compared, value in comparisons(condition):
        choices = before.get(compared.field, {}).get("choices", ())
        known = [choice["value"] for choice in choices]
        if known and value not in known:
            listed = ", ".join(known)
            yield Problem(
                "condition-no-choice",
                place,
                f"{_short(value)} is no answer to {compared.field}",
                f"{_short(value)} n’est pas une réponse à {compared.field}",
                f"Its answers: {listed}.",
                f"Ses réponses : {listed}.",
            )


def _contact(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A form without exactly one address to write to, asked of everybody."""
    if data["type"] != "form":
        return
    steps = data["steps"]
    found = [(place, field) for place, field in _placed(data) if field.get("contact")]
    sure = [
        field
        for place, field in found
        if field.get("required") and "when" not in field and "when" not in steps[place[1]]
    ]
    if len(found) != 1 or not sure:
        yield Problem(
            "contact-missing",
            ("steps",),
            "one field of type email, required and without condition, has to bear contact: true",
            "un champ de type email, obligatoire et sans condition, doit porter contact: true",
            "The follow-up link is sent there.",
            "C’est là que le lien de suivi est envoyé.",
        )


def _mails(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Templates that name what there is not."""
    for occasion, mail in data.get("mails", {}).items():
        for part, text in mail.items():
            place = ("mails", occasion, part)
            try:
                asked = {
                    name
                    for _, name, form, how in string.Formatter().parse(text)
                    if name or form or how
                }
            except ValueError:
                asked = {"{"}
            for name in sorted(str(one) for one in asked - PLACEHOLDERS):
                listed = ", ".join(sorted(PLACEHOLDERS))
                yield Problem(
                    "placeholder-unknown",
                    place,
                    f"{{{name}}} is nothing that a mail can name",
                    f"{{{name}}} n’est rien qu’un courriel puisse citer",
                    f"It can name: {listed}.",
                    f"Il peut citer : {listed}.",
                )


_LOOKS: tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...] = (
    *(_foreign_keys, _ids, _options, _conditions, _contact, _mails),
)
