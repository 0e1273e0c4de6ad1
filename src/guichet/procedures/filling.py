# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields are asked for, and what was answered: pure functions of definition and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guichet.procedures.conditions import holds
from guichet.procedures.definition import Definition, Field, Step
from guichet.procedures.kinds import KINDS, Raw
from guichet.procedures.words import say

Answers = dict[str, Any]


@dataclass(slots=True)
class Filled:
    """A step as it was filled in.

    `problems` maps the name of an input (``id`` or ``id.part``) to what is wrong, for people.
    """

    answers: Answers = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def visible_steps(definition: Definition, answers: Mapping[str, Any]) -> list[tuple[int, Step]]:
    """The steps that are asked for, each with its index in the definition."""
    kept = visible_answers(definition, answers)
    return [
        (index, step)
        for index, step in enumerate(definition.steps)
        if holds(step.when, kept) and any(holds(one.when, kept) for one in step.fields)
    ]


def visible_fields(step: Step, answers: Mapping[str, Any]) -> list[Field]:
    """The fields of a step that are asked for, given the answers so far."""
    return [one for one in step.fields if holds(one.when, answers)]


def visible_answers(definition: Definition, answers: Mapping[str, Any]) -> Answers:
    """The answers to what is asked for; what a changed answer made vanish is dropped.

    Conditions look only backwards (`check` sees to it), so that one pass in order settles all.
    """
    kept: Answers = {}
    for step in definition.steps:
        if not holds(step.when, kept):
            continue
        for one in step.fields:
            if one.id in answers and holds(one.when, kept):
                kept[one.id] = answers[one.id]
    return kept


def fill(step: Step, raw: Mapping[str, Sequence[str]], before: Mapping[str, Any]) -> Filled:
    """Read what was sent for a step.

    Args:
        step: Which.
        raw: Name of an input → values sent, as a browser sends them.
        before: Answers to the steps before; files that are there are in it too, since files
            are taken in apart and an input of that kind is never read here.
    """
    filled = Filled()
    known: Answers = dict(before)
    for one in step.fields:
        if KINDS[one.type].name != "file":
            known.pop(one.id, None)
    for one in step.fields:
        if not holds(one.when, known):
            known.pop(one.id, None)
            continue
        kind = KINDS[one.type]
        if kind.name == "file":
            value, wrong = known.get(one.id), {}
            if one.required and not value:
                wrong = {"": say("Joignez un fichier.")}
        else:
            value, wrong = kind.read(one, _of(raw, one.id))
        for part, text in wrong.items():
            filled.problems[f"{one.id}.{part}" if part else one.id] = text
        if value is not None and not wrong:
            filled.answers[one.id] = known[one.id] = value
    return filled


def _of(raw: Mapping[str, Sequence[str]], field_id: str) -> Raw:
    prefix = f"{field_id}."
    return {
        name.removeprefix(prefix) if name != field_id else "": list(values)
        for name, values in raw.items()
        if name == field_id or name.startswith(prefix)
    }
