# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m guichet.printing``: papers as JSON come in, PDFs behind their lengths go out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from guichet.printing import Paper, framed

# Embedded, so that the page reads the same everywhere (Debian: fonts-dejavu-core).
FONTS = Path("/usr/share/fonts/truetype/dejavu")
_MARGIN, _LINE = 18, 5.4  # millimetres
_BODY, _HEADING, _TITLE = 10, 12, 18  # points
# Kind of a part: style, size, millimetres below.
LOOK = {
    "town": ("B", _HEADING, 1.5),
    "title": ("B", _TITLE, 3),
    "name": ("B", _BODY, 1.5),
    "heading": ("B", _HEADING, 1.5),
    "label": ("B", _BODY, 0),
    "text": ("", _BODY, 1.5),
    "table": ("", _BODY - 1, 0),
}


class _Sheet(FPDF):
    """A4 with page numbers below."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self.page_foot = paper.page
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            self.add_font("DejaVu", style, FONTS / file)
        self.set_title(paper.title)
        self.set_lang(paper.language)
        self.set_creator("Bastide")
        self.add_page()

    def footer(self) -> None:
        """The page's number."""
        self.set_y(-14)
        self.set_font("DejaVu", size=8)
        self.cell(0, 5, self.page_foot % {"number": self.page_no()}, align="C")

    def says(self, kind: str, text: str) -> None:
        """A paragraph; a heading is in the outline too."""
        style, size, gap = LOOK[kind]
        if kind == "heading":
            self.ln(3)
            self.start_section(text)
        self.set_font("DejaVu", style, size)
        height = _LINE * size / _BODY
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(gap)

    def lists(self, rows: list[list[str]], widths: list[int]) -> None:
        """A table."""
        style, size, _ = LOOK["table"]
        self.set_font("DejaVu", style, size)
        with self.table(rows, col_widths=widths, text_align="LEFT", line_height=_LINE):
            pass


def pdf(paper: Paper) -> bytes:
    """The PDF of a paper."""
    sheet = _Sheet(paper)
    for kind, text in paper.parts:
        if kind == "table":
            sheet.lists(text, list(paper.widths))
        else:
            sheet.says(kind, text)
    return bytes(sheet.output())


def main() -> str | None:
    """Print what comes in; what fails is told by its kind alone, for its text may be somebody's."""
    papers: list[dict[str, Any]] = json.load(sys.stdin.buffer)
    try:
        made = [pdf(Paper(**one)) for one in papers]
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it was, without words
        return type(error).__name__
    for one in made:
        sys.stdout.buffer.write(framed(one))
    return None


if __name__ == "__main__":
    sys.exit(main())
