# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `email`."""

from __future__ import annotations

import re
from typing import Any

from guichet.procedures.definition import Field
from guichet.procedures.kinds.base import MISSING, Kind, Part, Raw, Wrong, line
from guichet.procedures.words import say

# The dot-atom of RFC 5322 §3.2.3 at a host name: what a town hall's server can write to.
_TEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(
    rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@)(?!-){_TEXT}+(?:\.{_TEXT}+)*@(?:{_LABEL}\.)+{_LABEL}\Z"
)


class Email(Kind):
    """A mail address; with `contact: true`, the one to which the desk writes."""

    name = "email"
    options = frozenset({"contact"})

    def parts(self, one: Field) -> tuple[Part, ...]:
        """One input; a help says the expected form, as RGAA 11.10 asks."""
        text = one.help or say("Format attendu : nom@exemple.fr")
        return (Part("", one.label, "email", "email", one.required, text),)

    def read(self, one: Field, raw: Raw) -> tuple[Any, Wrong]:
        """The address, its domain in lower case."""
        text = line(raw)
        if not text:
            return None, {"": say(MISSING)} if one.required else {}
        if not ADDRESS.match(text):
            return None, {"": say("Cette adresse n’est pas valide. Exemple : nom@exemple.fr")}
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}", {}
