# SPDX-License-Identifier: GPL-3.0-or-later
"""A procedure as the desk works with it, made from a definition that `check` found good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guichet.procedures.conditions import Condition, parse

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form; `options` is the rest of its definition."""

    id: str
    type: str
    label: str
    help: str
    required: bool
    when: Condition | None
    options: Data


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a form."""

    title: str
    help: str
    when: Condition | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole procedure; `data` is what it was made from."""

    type: str
    title: str
    description: str
    category: str
    steps: tuple[Step, ...]
    retention_months: int
    data: Data

    def fields(self) -> Iterator[Field]:
        """All fields, in their order."""
        for step in self.steps:
            yield from step.fields

    @property
    def contact(self) -> str:
        """Id of the field that holds the address to which everything is mailed."""
        return next(field.id for field in self.fields() if field.options.get("contact"))


def make(data: Data) -> Definition:
    """The procedure of a definition that `check` accepted."""
    return Definition(
        type=data["type"],
        title=data["title"],
        description=data.get("description", ""),
        category=data.get("category", "other"),
        steps=tuple(_step(step) for step in data.get("steps", ())),
        retention_months=data.get("retention_months", 0),
        data=data,
    )


def digest_of(data: Data) -> str:
    """Hex SHA-256 of a definition, whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _step(data: Data) -> Step:
    return Step(
        title=data["title"],
        help=data.get("help", ""),
        when=parse(data["when"]) if "when" in data else None,
        fields=tuple(_field(field) for field in data["fields"]),
    )


def _field(data: Data) -> Field:
    known = ("id", "type", "label", "help", "required", "when")
    return Field(
        id=data["id"],
        type=data["type"],
        label=data["label"],
        help=data.get("help", ""),
        required=data.get("required", False),
        when=parse(data["when"]) if "when" in data else None,
        options={key: value for key, value in data.items() if key not in known},
    )
