# SPDX-License-Identifier: GPL-3.0-or-later
import errno
import multiprocessing
import os
import stat

import pytest
from ansible.module_utils import bastide_files as files


def test_written_file_has_its_content_and_mode_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "new" / "x"
    files.write_atomic(path, "é", 0o640)
    assert path.read_bytes() == b"\xc3\xa9"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_leftover_of_a_killed_run_is_overwritten(tmp_path):
    (tmp_path / ".x.new").write_text("half")
    files.write_atomic(tmp_path / "x", "whole")
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_text("old")

    def full(_fd):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
    said = files.explain(caught.value)
    assert str(path) in said
    assert "bytes free" in said


def test_link_at_the_place_of_the_temporary_file_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("untouched")
    (tmp_path / ".x.new").symlink_to(target)
    files.write_atomic(tmp_path / "x", "new")
    assert target.read_text() == "untouched"


def _hold(path, held, free):
    with files.service_lock(path, 0):
        held.set()
        free.wait()


def test_lock_says_who_holds_it_and_is_free_after_a_kill(tmp_path):
    path = tmp_path / "lock"
    context = multiprocessing.get_context("fork")
    held, free = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(path, held, free))
    holder.start()
    assert held.wait(60)
    with (
        pytest.raises(files.HostError, match=f"process {holder.pid} since"),
        files.service_lock(path, 0),
    ):
        pass
    holder.kill()
    holder.join()
    with files.service_lock(path, 0):
        assert str(os.getpid()) in path.read_text()
    assert path.read_text() == ""


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"a": 1'])
def test_damaged_state_is_an_empty_one(tmp_path, content):
    path = tmp_path / "state"
    path.write_text(content)
    assert files.read_state(path) == {}


def test_missing_program_is_an_error_in_words():
    with pytest.raises(files.HostError, match="no-such-program is not installed"):
        files.run(["no-such-program"])
