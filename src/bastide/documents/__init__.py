# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict YAML with positions, its canonical form, and atomic writing."""

from bastide.documents.adding import with_item
from bastide.documents.atomic import write_atomically
from bastide.documents.attached import ASSETS, Attachments, Trouble
from bastide.documents.document import At, Document, Surprise
from bastide.documents.layout import canonical
from bastide.documents.order import KeyOrder
from bastide.documents.reader import read_bytes, read_file

__all__ = [
    "ASSETS",
    "At",
    "Attachments",
    "Document",
    "KeyOrder",
    "Surprise",
    "Trouble",
    "canonical",
    "read_bytes",
    "read_file",
    "with_item",
    "write_atomically",
]
