# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables as CSV that the spreadsheets of France open by a double click."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse
from django.utils import timezone

_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")


def spreadsheet(name: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> HttpResponse:
    """The table as a file, whose name ends with the day."""
    text = io.StringIO()
    # Excel tells UTF-8 by the mark, and takes a semicolon where the comma is for decimals.
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (heads, *rows):
        writer.writerow([safe(cell) for cell in row])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    file = f"{name}-{timezone.localdate():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection", also wide signs)."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell
