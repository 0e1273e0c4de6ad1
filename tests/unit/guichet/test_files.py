# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of strangers: what they are, and what they may be called."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.files import harmless
from guichet.filetypes import type_of
from guichet.views.agents.spreadsheet import safe


def archive(*names, mimetype=None):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


ODT = archive("content.xml", mimetype="application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (ODT, "odt"),
        (archive("word/document.xml"), "docx"),
        (archive("word/document.xml", "word/vbaProject.bin"), None),
        (
            archive("Basic/x.xml", mimetype="application/vnd.oasis.opendocument.text"),
            None,
        ),
        (archive("x.exe"), None),
        (ODT[:100], None),
        (b"MZ\x90", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<html>%PDF-", None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_bytes_say(content, expected):
    assert type_of(content) == expected


@given(st.binary(max_size=200))
def test_no_bytes_make_the_look_fail(content):
    assert type_of(b"PK\x03\x04" + content) in (None, "odt", "docx")


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("photo.JPG", "jpeg", "photo.jpg"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\x\\acte.pdf", "pdf", "acte.pdf"),
        ("invoice.pdf.exe", "pdf", "invoice pdf exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "pdf", "a Set-Cookie x.pdf"),
        ("\u202efdp.exe", "pdf", "fdp exe.pdf"),
        ('"><script>.png', "png", "script.png"),
        ("", "png", "fichier.png"),
        (".htaccess", "pdf", "htaccess.pdf"),
        ("pièce d’identité (1).pdf", "pdf", "pièce d’identité (1).pdf"),
    ],
)
def test_a_name_is_made_harmless(name, kind, expected):
    assert harmless(name, kind) == expected


@given(st.text(max_size=300), st.sampled_from(["pdf", "jpeg", "png", "odt"]))
def test_no_name_stays_dangerous(name, kind):
    made = harmless(name, kind)
    assert not set(made) & set('/\\"<>:|?*\r\n\0;')
    assert made.count(".") == 1
    assert not made.startswith((".", "-", " "))
    assert len(made) <= 110


@given(st.text(max_size=20))
def test_no_cell_of_an_export_is_a_formula(text):
    assert safe(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
    assert safe(text).endswith(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CON", "_CON.png"),
        ("aux.png", "_aux.png"),
        ("com1.tar.png", "_com1 tar.png"),
        ("lpt¹.png", "_lpt¹.png"),
        ("console.png", "console.png"),
        ("nul et non avenu.png", "_nul et non avenu.png"),
    ],
)
def test_no_name_is_that_of_a_device(name, expected):
    assert harmless(name, "png") == expected


def test_an_archive_with_a_directory_beyond_reason_is_no_document():
    """Ten megabytes of directory would be a hundred of objects."""
    many = [f"{number}" for number in range(6000)]
    assert type_of(archive("word/document.xml", *many[:100])) == "docx"
    assert type_of(archive("word/document.xml", *many)) is None


@pytest.mark.parametrize("first", "=+-@＝＋－＠")
def test_a_sign_that_begins_a_formula_is_made_text(first):
    assert safe(f"{first}1+1") == f"'{first}1+1"
