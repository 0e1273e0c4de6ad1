# SPDX-License-Identifier: GPL-3.0-or-later
"""XML from elsewhere, read so that it can do no harm: no entities, no network, no depth."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

DEEPEST = 80  # elements; the guide's own files go 30 deep
_TOO_DEEP = etree.XPath("boolean(" + "/*" * (DEEPEST + 1) + ")")


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a file cannot be read, and where (1-based; 0 for the file as a whole)."""

    reason: str
    line: int = 0
    column: int = 0


def parsed(data: bytes) -> etree._Element | Broken:
    """The root of `data`, or why there is none.

    A document type declaration is refused before it is parsed: the guide has none, and it is
    the door of entity bombs and external entities (CWE-776, CWE-611).
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return Broken("document type declaration")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        return Broken(str(error.msg), line or 0, column or 0)
    except ValueError as error:
        return Broken(str(error))
    if root.getroottree().docinfo.doctype:
        return Broken("document type declaration")
    if _TOO_DEEP(root):
        return Broken(f"more than {DEEPEST} elements deep")
    return root
