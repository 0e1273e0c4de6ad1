# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `file`."""

from __future__ import annotations

from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import Kind, Part, Raw, Wrong
from guichet.procedures.words import count, decimal, say

# What a form takes unless it says otherwise; types are told by content, never by name.
TYPES = ("pdf", "jpeg", "png")
MOST_MEGABYTES, MOST_FILES = 10, 5


class File(Kind):
    """Files: `accept` (pdf, jpeg, png, odt, docx), `max_megabytes` each (10), `max_files` (1).

    Its value is a list of mappings with `id`, `name` and `size`; the files themselves are taken
    in, judged and scanned apart (guichet.files).
    """

    name = "file"
    options = frozenset({"accept", "max_megabytes", "max_files"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One input."""
        kinds = ", ".join(name.upper() for name in accepted(one))
        text = say("%(kinds)s, %(size)d Mo au plus.", kinds=kinds, size=megabytes(one))
        if most_files(one) > 1:
            text += " " + most_of(most_files(one))
        accept = ",".join(f".{name}" for name in accepted(one))
        facts = {"accept": accept.replace(".jpeg", ".jpg,.jpeg")}
        if most_files(one) > 1:
            facts["multiple"] = "multiple"
        return (
            Part("", one.label, "file", "", one.required, one.help, attributes=facts, note=text),
        )

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """Never asked: an answer is made of files that were taken in."""
        raise NotImplementedError

    def back(self, one: Field, value: Any) -> dict[str, list[str]]:
        """A browser is never told which file to send."""
        del one, value
        return {}

    def lines(self, one: Field, value: Any) -> list[str]:
        """Names and sizes."""
        del one
        return [f"{each['name']} ({show_size(each['size'])})" for each in value]


def accepted(one: Field) -> tuple[str, ...]:
    """The types that a field takes."""
    return tuple(one.options.get("accept", TYPES))


def megabytes(one: Field) -> int:
    """The largest size of one file."""
    return int(one.options.get("max_megabytes", MOST_MEGABYTES))


def most_files(one: Field) -> int:
    """How many files it takes."""
    return int(one.options.get("max_files", 1))


def most_of(number: int) -> str:
    """How many files are taken, in words."""
    return count("%(number)d fichier au plus.", "%(number)d fichiers au plus.", number)


def show_size(size: int) -> str:
    """A number of bytes as people read it."""
    if size < 1_000_000:  # noqa: PLR2004 - below a megabyte
        return say("%(size)d ko", size=max(1, round(size / 1000)))
    return say("%(size)s Mo", size=decimal(f"{size / 1_000_000:.1f}"))
