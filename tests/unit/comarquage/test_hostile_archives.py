# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives and files that would do harm are refused, and say why."""

from __future__ import annotations

import io
import stat
import tarfile
import warnings
import zipfile

import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from comarquage import archive
from comarquage.config import Limits
from comarquage.messages import Refused
from comarquage.parse import Broken, parsed

_LIMITS = Limits(file_megabytes=1, unpacked_megabytes=2, files=50)


def _code(path, limits=_LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        archive.opened(path, "part", limits)
    finding = refused.value.findings[0]
    assert finding.message("fr") != finding.message("en")
    return finding.kind.code


def test_a_good_zip_and_a_good_tar_give_the_same_files(tmp_path):
    files = small.documents(3)
    zipped = archive.opened(small.packed(tmp_path / "a.zip", files), "part", _LIMITS)
    with tarfile.open(tmp_path / "a.tar.xz", "w:xz") as out:
        for name, text in files.items():
            member = tarfile.TarInfo(f"part/{name}.xml")
            member.size = len(text.encode())
            out.addfile(member, io.BytesIO(text.encode()))
    assert archive.opened(tmp_path / "a.tar.xz", "part", _LIMITS) == zipped
    assert archive.opened(tmp_path / "a.tar.xz", "pro", _LIMITS) == {}


def test_what_is_no_xml_is_passed_over_in_whatever_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for name in ("xml/", "xml/F1.xml", "LISEZMOI.txt", "Schemas/3.5/Publication.xsd", "F2.XML"):
            out.writestr(name, "" if name.endswith("/") else "<a/>")
    assert archive.opened(tmp_path / "a.zip", "part", _LIMITS) == {"F1": b"<a/>"}


@pytest.mark.parametrize(
    "name",
    ["../F1.xml", "/F1.xml", "F1.xml\0.txt", "C:\\F1.xml", "..\\F1.xml", "é.xml", "//F1.xml",
     "part/../F1.xml", ".xml", "a/./F1.xml", "F1.xml\n", "a/b/c/d/e/F1.xml", "../", "~/F1.xml"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr(zipfile.ZipInfo(name), "<a/>")
    # zipfile itself cuts a name at its first null byte.
    if "\0" in name:
        assert list(archive.opened(tmp_path / "a.zip", "part", _LIMITS)) == ["F1"]
    else:
        assert _code(tmp_path / "a.zip") == "G011"


def test_a_symbolic_link_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        member = zipfile.ZipInfo("F1.xml")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(member, "/etc/passwd")
    assert _code(tmp_path / "a.zip") == "G011"
    with tarfile.open(tmp_path / "a.tar", "w") as out:
        link = tarfile.TarInfo("F1.xml")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    assert _code(tmp_path / "a.tar") == "G011"


def test_a_name_that_comes_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what is meant here
        out.writestr("F1.xml", "<a/>")
        out.writestr("F1.xml", "<b/>")
    assert _code(tmp_path / "a.zip") == "G011"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    one = small.packed(tmp_path / "one.zip", {"F1": "0" * 900_000})
    assert _code(one) == "G012"  # nothing of the guide packs a thousand times
    many = {f"F{number}": "<a>" + str(number) * 200_000 + "</a>" for number in range(1, 30)}
    assert _code(small.packed(tmp_path / "many.zip", many, zipfile.ZIP_STORED)) == "G012"
    files = {f"F{number}": "<a/>" for number in range(60)}
    assert _code(small.packed(tmp_path / "files.zip", files)) == "G012"


def test_a_size_that_is_not_that_of_the_content_is_refused(tmp_path):
    path = small.packed(tmp_path / "a.zip", {"F1": "<a>" + "x" * 1000 + "</a>"})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    data[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    assert _code(path) == "G010"


def test_one_bit_that_is_wrong_is_found_by_the_checksum(tmp_path):
    text = small.sheet("F1", "<Paragraphe>mot</Paragraphe>")
    path = small.packed(tmp_path / "a.zip", {"F1": text}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(b">mot<", b">mut<"))
    assert _code(path) == "G010"


@given(st.binary(max_size=400))
def test_any_bytes_are_an_archive_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "a.zip"
    path.write_bytes(data)
    try:
        archive.opened(path, "part", _LIMITS)
    except Refused as refused:
        assert refused.findings  # noqa: PT017 - either outcome is right


@given(st.data())
def test_a_damaged_archive_is_refused_or_gives_what_was_packed(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    files = small.documents(2)
    path = small.packed(folder / "a.zip", files)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = archive.opened(path, "part", _LIMITS)
    except Refused:
        return
    for name, text in found.items():
        assert text.decode() in files.values() or name not in files


_BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>"""
_OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_BOMB.encode(), "document type"),
        (_OUTSIDE.encode(), "document type"),
        (_OUTSIDE.encode("utf-16"), "document type"),
        (b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>', "document type"),
        (b"<a>" * 100 + b"</a>" * 100, "deep"),
        (b"<a>" * 100_000, ""),
        (b"<a><b></a>", "mismatch"),
        (b"", ""),
        (b"<a>\xff</a>", ""),
        (b"<a>&undefined;</a>", "undefined"),
    ],
)
def test_hostile_and_broken_xml_is_told_and_not_read(data, why):
    broken = parsed(data)
    assert isinstance(broken, Broken)
    assert why in broken.reason


def test_the_place_of_what_is_broken_is_told():
    broken = parsed(b"<a>\n  <b>\n</a>")
    assert broken.line == 3


@given(st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_told(data):
    root = parsed(data)
    assert isinstance(root, Broken) or root.tag
