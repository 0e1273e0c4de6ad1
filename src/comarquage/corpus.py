# SPDX-License-Identifier: GPL-3.0-or-later
"""What every sheet must know of the others: titles, redirections, themes, secure hosts."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

AUDIENCES = ("part", "pro")
_NAMES = {"Particuliers": "part", "Associations": "part", "Professionnels": "pro"}
_TITLE = re.compile(rb"<dc:title>([^<]*)</dc:title>")
_SECURE = re.compile(rb'https://([a-zA-Z0-9.-]+)[/"?#:]')
_HEAD = 6000
# Lists that have no file of their own, and where the desk shows them.
_PLACES = {
    "Particuliers": "guide:/part",
    "Associations": "guide:/part",
    "Professionnels": "guide:/pro",
}
_SITES = {"part": "particuliers", "pro": "professionnels-entreprises"}

Key = tuple[str, str]


def audience_of(name: str | None) -> str | None:
    """``part`` or ``pro`` for the name that the source gives an audience, else None."""
    return _NAMES.get(name or "")


@dataclass
class Corpus:
    """What is known of all files before one is rendered.

    `titles` are by audience and identifier, `moved` redirections within the guide, `subthemes`
    say under which theme a sub-theme (which has no file) is found, `secure_hosts` are called by
    https somewhere in the guide.  `missing` collects targets that have no file.
    """

    titles: dict[Key, str] = field(default_factory=dict)
    moved: dict[Key, str] = field(default_factory=dict)
    subthemes: dict[Key, str] = field(default_factory=dict)
    secure_hosts: set[str] = field(default_factory=set)
    missing: set[Key] = field(default_factory=set)

    def found(self, audience: str, identifier: str) -> Key | None:
        """Where a sheet is: of this audience, of the other, or where a redirection leads."""
        for there in (audience, *(other for other in AUDIENCES if other != audience)):
            if (there, identifier) in self.titles:
                return there, identifier
            target = self.moved.get((there, identifier))
            if target is not None and (there, target) in self.titles:
                return there, target
        return None

    def place_of(self, audience: str, identifier: str) -> str | None:
        """Address of what has no file: the entrance of an audience, a sub-theme."""
        theme = self.subthemes.get((audience, identifier))
        if theme is not None:
            return f"guide:/{audience}/{theme}#{identifier}"
        return _PLACES.get(identifier)

    def public_url(self, audience: str, identifier: str) -> str:
        """Address of a sheet on service-public."""
        site = _SITES.get(audience, "particuliers")
        return f"https://www.service-public.gouv.fr/{site}/vosdroits/{identifier}"


def survey(files: Mapping[str, Mapping[str, bytes]]) -> Corpus:
    """Read titles and hosts off all files: `files` are by audience, then by name without ending.

    Read by patterns rather than parsed: the files are parsed once, when they are rendered, and
    a title that is not found here is only missing from links that have none of their own.
    """
    corpus = Corpus()
    for audience, documents in files.items():
        for name, data in documents.items():
            title = _TITLE.search(data, 0, _HEAD)
            if title is not None:
                text = html.unescape(title.group(1).decode("utf-8", "replace"))
                corpus.titles[audience, name] = " ".join(text.split())
            for host in set(_SECURE.findall(data)):
                corpus.secure_hosts.add(host.decode("ascii").lower())
    return corpus
