# SPDX-License-Identifier: GPL-3.0-or-later
"""A field as a template draws it: inputs with names, values, help and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guichet.procedures import Field
from guichet.procedures.kinds import KINDS, Part
from guichet.procedures.words import say


@dataclass(frozen=True, slots=True)
class Input:
    """One input; `described_by` are the ids of the help and of the objection (ARIA)."""

    part: Part
    name: str
    id: str
    values: tuple[str, ...]
    problem: str
    described_by: str

    @property
    def value(self) -> str:
        """The only value."""
        return self.values[-1] if self.values else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One field; `grouped` says that it is a fieldset."""

    field: Field
    inputs: tuple[Input, ...]
    grouped: bool
    files: Sequence[Mapping[str, Any]]
    problem: str

    @property
    def id(self) -> str:
        """Where a link from the summary of errors leads."""
        return self.inputs[0].id if self.inputs else f"f-{self.field.id}"


def show(field: Field, raw: Mapping[str, Sequence[str]], problems: Mapping[str, str]) -> Shown:
    """A field with the values in `raw`, by name of input, as they were sent."""
    kind = KINDS[field.type]
    inputs = []
    for part in kind.parts(field):
        name = f"{field.id}.{part.name}" if part.name else field.id
        place = "f-" + name.replace(".", "-")
        problem = problems.get(name, "")
        described = [f"{place}-help"] if part.help or part.note else []
        described += [f"{place}-problem"] if problem else []
        values = tuple(raw.get(name, ()))
        inputs.append(Input(part, name, place, values, problem, " ".join(described)))
    return Shown(field, tuple(inputs), kind.asked_as_group, (), problems.get(field.id, ""))


def sent_for(field: Field, value: Any) -> dict[str, list[str]]:
    """What would have been sent for a stored answer, by name of input."""
    if value is None:
        return {}
    back = KINDS[field.type].back(field, value)
    return {f"{field.id}.{part}" if part else field.id: texts for part, texts in back.items()}


def summary(fields: Sequence[Field], answers: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Labels and answers as people read them; an answer that was not given says so."""
    return [
        (
            field.label,
            KINDS[field.type].lines(field, answers[field.id])
            if field.id in answers
            else [say("Non renseigné")],
        )
        for field in fields
        if field.type != "information"
    ]
