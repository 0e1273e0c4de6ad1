# SPDX-License-Identifier: GPL-3.0-or-later
"""Papers become PDF in a process of their own, and what fails there says nothing of them."""

import io
import subprocess
import sys

import pytest
from pypdf import PdfReader

from guichet import printing
from guichet.printing import NotPrinted, Paper, printed

PAGE = "100 %% Cahors – page %(number)d"


def paper(title, *parts, widths=()):
    return Paper(title, "fr", PAGE, [("town", "Ville de Cahors"), *parts], widths)


def test_each_paper_is_a_pdf_in_their_order_with_title_outline_and_foot():
    said = [("text", f"Ligne {number}") for number in range(200)]
    long = paper("Reçu", ("title", "Reçu"), ("heading", "Où ?"), ("label", "Rue"), *said)
    rows = [["Numéro", "État"], ["2026-1", "Reçue"], ["2026-2", "Close"]]
    table = paper("Liste", ("table", rows), widths=(1, 2))
    first, second = (PdfReader(io.BytesIO(one)) for one in printed([long, table]))
    assert (first.metadata.title, second.metadata.title) == ("Reçu", "Liste")
    assert [one.title for one in first.outline] == ["Où ?"]
    assert first.trailer["/Root"]["/Lang"] == "fr"
    pages = [page.extract_text() for page in first.pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"100 % Cahors – page {number}" in text
    assert "Ligne 199" in pages[-1]
    text = second.pages[0].extract_text()
    assert all(cell in text for row in rows for cell in row)


def test_nothing_to_print_is_nothing():
    assert printed([]) == []


def test_what_fails_is_told_by_its_kind_without_a_word_of_the_paper():
    with pytest.raises(NotPrinted) as told:
        printed([paper("x", ("absent", "secret"))])
    assert str(told.value) == "status 1: KeyError"


def test_who_is_not_done_in_time_is_stopped(monkeypatch):
    monkeypatch.setattr(printing, "_PATIENCE", -0.99)
    with pytest.raises(NotPrinted, match="not done after"):
        printed([paper("x")])


def test_what_lays_out_pages_is_not_loaded_by_what_serves_them():
    """It is a quarter of what a worker would hold (docs/architecture)."""
    code = "import sys, django; django.setup(); import guichet.urls; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    environment = {"DJANGO_SETTINGS_MODULE": "guichet.settings"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "django" in loaded
    assert not loaded & {"fpdf", "fontTools", "PIL"}
