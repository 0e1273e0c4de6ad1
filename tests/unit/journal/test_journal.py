# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal tells every alteration, and a killed writer never spoils it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bastide.diagnostics import RunFailed
from bastide.journal import Journal


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal.jsonl")
    for number in range(5):
        made.append("end", {"plan": f"sha256:{number}", "who": "é@host"})
    return made


def codes(journal):
    return [d.code for d in journal.check("journal.jsonl")]


def test_an_untouched_chain_holds(journal):
    assert codes(journal) == []
    assert [e.data["sequence"] for e in journal.entries()] == [1, 2, 3, 4, 5]


def test_no_journal_is_no_fault(tmp_path):
    assert Journal(tmp_path / "none.jsonl").check("none.jsonl") == []
    assert Journal(tmp_path / "none.jsonl").unfinished() is None


@pytest.mark.parametrize("line", range(5))
def test_a_changed_word_is_told_with_its_line(journal, line):
    lines = journal.path.read_text(encoding="utf-8").splitlines()
    lines[line] = lines[line].replace("é@host", "e@host")
    journal.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    [found] = journal.check("journal.jsonl")
    assert (found.code, found.line) == ("J901", line + 1)


@pytest.mark.parametrize("line", range(4))
def test_a_removed_line_is_told(journal, line):
    lines = journal.path.read_text(encoding="utf-8").splitlines()
    del lines[line]
    journal.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert codes(journal) == ["J901"]


def test_a_forged_entry_with_a_right_digest_of_its_own_is_told(journal):
    from bastide.journal.journal import entry_digest

    lines = [json.loads(text) for text in journal.path.read_text(encoding="utf-8").splitlines()]
    lines[2]["plan"] = "sha256:forged"
    lines[2]["digest"] = entry_digest(lines[2])
    text = "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in lines)
    journal.path.write_text(text, encoding="utf-8")
    [found] = journal.check("journal.jsonl")
    assert found.line == 4


@given(cut=st.integers(1, 200))
def test_a_writer_killed_at_any_byte_leaves_a_chain_that_goes_on(tmp_path_factory, cut):
    journal = Journal(tmp_path_factory.mktemp("j") / "journal.jsonl")
    journal.append("begin", {"plan": "a"})
    whole = journal.path.read_bytes()
    journal.append("end", {"plan": "b"})
    torn = journal.path.read_bytes()[len(whole) :]
    journal.path.write_bytes(whole + torn[: min(cut, len(torn) - 1)])
    assert codes(journal) == ["J902"]
    journal.append("end", {"plan": "c"})
    assert codes(journal) == []
    assert [e.data["plan"] for e in journal.entries()] == ["a", "c"]
    assert journal.path.with_suffix(".torn").read_bytes().startswith(torn[:1])


def test_a_beginning_without_an_end_is_known(journal):
    journal.append("begin", {"plan": "x"})
    assert journal.unfinished()["plan"] == "x"
    journal.append("end", {"plan": "x"})
    assert journal.unfinished() is None


def test_nothing_is_added_behind_a_spoilt_last_line(journal):
    with journal.path.open("a", encoding="utf-8") as file:
        file.write("spoilt\n")
    with pytest.raises(RunFailed):
        journal.append("end", {"plan": "x"})


def test_a_disk_that_gets_full_takes_an_entry_whole_or_not_at_all(journal):
    """The kernel writes what still fits: here a limit on the file's size stands for the disk."""
    size = journal.path.stat().st_size
    script = f"""
import resource
from pathlib import Path
from bastide.journal import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 100}, {size + 100}))
try:
    Journal(Path({str(journal.path)!r})).append("begin", {{"plan": "x" * 500}})
except OSError as error:
    print(error)
"""
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "No space left on device" in done.stdout
    assert str(journal.path) in done.stdout
    assert journal.path.stat().st_size == size
    assert codes(journal) == []
