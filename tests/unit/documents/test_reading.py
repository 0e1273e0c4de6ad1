# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, values and places."""

import os

import pytest

from bastide.documents import read_bytes, read_file, write_atomically
from bastide.documents.source import MAX_BYTES


def read(text):
    document, found = read_bytes(text.encode(), "x.yml")
    assert found == []
    return document


def only(found):
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", 0), ("-12", -12), ("46042", 46042), ("0.3", 0.3), ("-1.50", -1.5)),
        *(("true", True), ("false", False), ("null", None), ("~", None), ("", None)),
        *(("01247", "01247"), ("no", "no"), ("Yes", "Yes"), ("True", "True"), ("1:30", "1:30")),
        *(("1e3", "1e3"), (".inf", ".inf"), ("0x1f", "0x1f"), ("1_000", "1_000"), ("+33", "+33")),
        *(("2024-03-01", "2024-03-01"), ("5 GB", "5 GB"), ("192.0.2.7", "192.0.2.7")),
        *(('"46042"', "46042"), ("'no'", "no"), ('"é\\u00e8"', "éè"), ("9" * 30, "9" * 30)),
    ],
)
def test_values(text, value):
    got = read(f"a: {text}\n").data["a"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        *(("no", "yes_no"), ("ON", "yes_no"), ("y", "yes_no"), ("Null", "none"), ("012", "zeros")),
        *(("0o17", "zeros"), ("1e3", "number"), ("0x1f", "number"), ("1:30", "sixty")),
        *(("2024-03-01 10:00", "time"), ("+33565", "number"), ("=", "merge"), (".5", "number")),
    ],
)
def test_texts_on_which_readers_disagree(text, reading):
    assert [(s.reading, s.line, s.column) for s in read(f"a:\n  - {text}\n").surprises] == [
        (reading, 2, 5)
    ]
    assert read(f'a:\n  - "{text}"\n').surprises == ()


def test_places_of_keys_and_values():
    document = read("é: {b: [x, {c: 1}]}\nd:\n  - e: |\n      text\n  - \n")
    assert document.position(()) == (1, 1)
    assert document.position(("é", "b")) == (1, 5)
    assert document.position(("é", "b"), "value") == (1, 8)
    assert document.position(("é", "b", 1, "c"), "value") == (1, 16)
    assert document.position(("é", "b", 0)) == (1, 9)
    assert document.position(("d", 0, "e"), "value") == (3, 8)
    assert document.position(("d", 7, "z"), "value") == (2, 1)
    assert document.position(("nowhere", 1)) == (1, 1)
    assert document.line(("d", 0)) == 3
    assert document.exists(("d", 1))
    assert not document.exists(("d", 2))


def test_windows_line_ends_change_nothing():
    text = "a: 1\nb: [x,\n  y]\nc: |\n  z\n"
    unix, windows = read(text), read(text.replace("\n", "\r\n"))
    assert unix.data == windows.data
    assert unix.position(("c",)) == windows.position(("c",))


def test_a_missing_file(tmp_path):
    _, found = read_file(tmp_path / "none.yml", "none.yml")
    assert (only(found).code, only(found).file) == ("D101", "none.yml")
    _, found = read_file(tmp_path / ("x" * 400))
    assert only(found).code == "D102"
    (tmp_path / "file").write_text("a: 1\n")
    assert only(read_file(tmp_path / "file" / "below.yml")[1]).code == "D101"
    (tmp_path / "link").symlink_to(tmp_path / "link")
    assert only(read_file(tmp_path / "link")[1]).code == "D102"


def test_what_is_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        assert only(read_file(tmp_path / name)[1]).code == "D103"


def test_a_file_that_is_too_large(tmp_path):
    path = tmp_path / "large.yml"
    path.write_bytes(b"#" * MAX_BYTES + b"\n")
    assert only(read_file(path)[1]).code == "D104"
    path.write_bytes(b"a: 1\n" + b"#" * (MAX_BYTES - 5))
    assert read_file(path)[1] == []


def test_atomic_writing_keeps_the_mode_and_follows_links(tmp_path):
    target, link = tmp_path / "a.yml", tmp_path / "link.yml"
    write_atomically(target, "é\n")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, "new\n")
    assert target.read_text() == "new\n"
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.yml", "link.yml"]


def test_atomic_writing_that_fails_leaves_everything_as_it_was(tmp_path, monkeypatch):
    target = tmp_path / "a.yml"
    target.write_text("old\n")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "new\n")
    assert target.read_text() == "old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.yml"]
