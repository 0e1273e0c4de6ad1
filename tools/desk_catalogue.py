# SPDX-License-Identifier: GPL-3.0-or-later
"""The English of the desk: collect its French texts, merge them into the catalogue, compile it.

``python tools/desk_catalogue.py`` after a text was added or changed; then write the English into
src/guichet/locale/en/LC_MESSAGES/django.po and run it once more.  ``--check`` only says what is
missing.  msgids are the French texts: of templates, of Python code, of the desk's mails, and of
the definitions of the library, which are in the catalogue word for word.

Babel does what Django's makemessages and compilemessages do by GNU gettext, which PyPI does not
have; the templates are read by Django itself, so that a msgid is what Django will look up.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import django
from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
DESK = ROOT / "src" / "guichet"
PO = DESK / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# Functions that take a text, and which of their arguments it is.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "say", "mark")),
    **dict.fromkeys(("ngettext", "count"), (1, 2)),
}
Found = tuple[str, str | tuple[str, str]]  # where, and a msgid or both numbers


def of_templates() -> Iterator[Found]:
    """Texts of the tags translate and blocktranslate."""
    from django.template.engine import Engine
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    folder = DESK / "templates"
    for file in sorted(folder.rglob("*.html")):
        nodes = Engine.get_default().get_template(str(file.relative_to(folder))).nodelist
        where = str(file.relative_to(DESK))
        for node in nodes.get_nodes_by_type(TranslateNode):
            yield where, node.filter_expression.var.literal
        for node in nodes.get_nodes_by_type(BlockTranslateNode):
            one = node.render_token_list(node.singular)[0]
            yield where, (one, node.render_token_list(node.plural)[0]) if node.plural else one


def of_code() -> Iterator[Found]:
    """Texts that a function of KEYWORDS is called with."""
    for file in sorted(DESK.rglob("*.py")):
        for _, said, _, _ in extract_from_file("python", file, KEYWORDS):
            yield str(file.relative_to(DESK)), said


def of_mails() -> Iterator[Found]:
    """The desk's own mails."""
    from guichet.requests.wording import OCCASIONS

    for mail in OCCASIONS.values():
        for text in mail.values():
            yield "requests/wording.py", text


def of_library() -> Iterator[Found]:
    """What people read of the definitions of the library."""
    from guichet.language import LISTED, SPOKEN
    from guichet.procedures import library, names

    def read(key: str, value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield from [value] if key in SPOKEN | LISTED else []
        elif isinstance(value, Mapping):
            for below in value:
                yield from read(below, value[below])
        elif isinstance(value, list):
            for one in value:
                yield from read(key if key in LISTED else "", one)

    for name in names():
        for key, value in (library(name) or {}).items():
            for text in read(key, value):
                yield f"library/{name}", text


def collect() -> Catalog:
    """All msgids, without any English."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guichet.settings")
    django.setup()
    found = Catalog(project="Bastide", version="guichet")
    for source in (of_templates, of_code, of_mails, of_library):
        for where, said in source():
            found.add(said, locations=[(where, 1)])
    return found


def read() -> Catalog:
    """The catalogue as it is."""
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def compiled(catalogue: Catalog) -> bytes:
    """As gettext reads it."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def lacking(catalogue: Catalog) -> list[str]:
    """Msgids that are without English, are not in the catalogue, or that nobody uses."""
    wanted, had = ({one.id: one for one in each if one.id} for each in (collect(), catalogue))
    found = [f"not in the catalogue: {one!r}" for one in wanted.keys() - had.keys()]
    found += [f"used nowhere: {one!r}" for one in had.keys() - wanted.keys()]
    for one in had.values():
        texts = one.string if isinstance(one.string, tuple) else (one.string,)
        if not all(texts):
            found.append(f"without English: {one.id!r}")
        if one.fuzzy:
            found.append(f"fuzzy: {one.id!r}")
    return sorted(found)


def update() -> Catalog:
    """Merge the texts of today into the catalogue, which keeps its English."""
    wanted, had = collect(), read() if PO.exists() else Catalog()
    merged = Catalog(
        locale="en",
        domain="django",
        project="Bastide",
        version="guichet",
        header_comment="# The English of the desk.  Licence: GPL-3.0-or-later, as of the project.",
        # The day does not matter, and a file without one changes by its texts alone.
        creation_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        revision_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        last_translator="Bastide",
        language_team="English",
        fuzzy=False,
    )
    for one in wanted:
        if one.id:
            kept = had.get(one.id)
            string = kept.string if kept is not None else ""
            merged.add(one.id, string, locations=sorted(set(one.locations)))
    return merged


def main() -> int:
    """Update and compile, or say what is missing."""
    if "--check" not in sys.argv[1:]:
        merged = update()
        PO.parent.mkdir(parents=True, exist_ok=True)
        with PO.open("wb") as file:
            write_po(file, merged, width=100, include_lineno=False, sort_output=False)
        MO.write_bytes(compiled(read()))
    found = lacking(read())
    print("\n".join(found) or "every text has its English")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
