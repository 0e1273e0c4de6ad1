# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_shares as Ansible runs it, on this machine instead of on a host."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from bastide.fleet import Repository
from bastide.targets.ansible import ansible_environment, ansible_playbook

ROOT = Path(__file__).parents[3]
CONTENT = b'{"collectivity": "214600421"}\n' * 1000
DAY = 24 * 3600


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "desired"
    made.mkdir()
    return made


@pytest.fixture
def bring(tmp_path, folder):
    """bring({service: content}) returns what Ansible says of it."""

    def run(shares, *, digest=None, check=False, within=""):
        told = {}
        for service, content in shares.items():
            path = tmp_path / f"{service}.jsonl"
            path.write_bytes(content)
            wanted = digest or hashlib.sha256(content).hexdigest()
            told[service] = {"path": str(path), "digest": wanted, "revision": "1"}
        arguments = json.dumps({"shares": told, "folder": str(folder)})
        hosts = tmp_path / "hosts.yml"
        hosts.write_text("all: {hosts: {here: {ansible_connection: local}}}\n", encoding="utf-8")
        command = [ansible_playbook().removesuffix("-playbook"), "here", "--inventory", str(hosts)]
        command += ["-m", "bastide_shares", "-a", arguments, *(["--check"] if check else [])]
        done = subprocess.run(
            ["sh", "-c", f'{within} exec "$@"', "sh", *command],
            cwd=ROOT,
            env=ansible_environment(Repository(ROOT)) | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(done.stdout.partition(" => ")[2])

    return run


def name(service, content):
    return f"{service}-{hashlib.sha256(content).hexdigest()}.jsonl"


def test_shares_are_brought_whole_and_once_in_check_mode_too(bring, folder):
    shares = {"mail": CONTENT, "dns": b""}
    told = bring(shares, check=True)
    assert (told["changed"], told["brought"]) == (True, ["dns", "mail"])
    file = folder / name("mail", CONTENT)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (CONTENT, 0o640)
    assert bring(shares)["changed"] is False
    assert sorted(one.name for one in folder.iterdir()) == sorted(
        name(service, content) for service, content in shares.items()
    )


def test_a_damaged_share_is_brought_again(bring, folder):
    bring({"mail": CONTENT})
    file = folder / name("mail", CONTENT)
    file.write_bytes(CONTENT[:100])
    assert bring({"mail": CONTENT})["brought"] == ["mail"]
    assert file.read_bytes() == CONTENT


def test_what_nobody_asked_for_in_a_day_goes_and_what_is_used_stays(bring, folder):
    bring({"mail": CONTENT})
    kept = {folder / name("mail", CONTENT), folder / "mail-recent.jsonl", folder / "dns-old.jsonl"}
    gone = {folder / "mail-old.jsonl", folder / ".mail-cut"}
    for file in (*kept, *gone):
        file.touch()
        if file.name != "mail-recent.jsonl":
            os.utime(file, (time.time() - 2 * DAY,) * 2)
    assert bring({"mail": CONTENT})["changed"] is False
    assert set(folder.iterdir()) == kept
    assert (folder / name("mail", CONTENT)).stat().st_mtime > time.time() - DAY


def test_what_comes_damaged_or_not_at_all_leaves_nothing_behind(bring, folder):
    told = bring({"mail": CONTENT}, digest="0" * 64)
    assert told["msg"] == "the mail share could not be brought: it was cut on its way"
    assert list(folder.iterdir()) == []
    # No file may be longer than four kilobytes: as on a full disk, the writing ends early.
    told = bring({"mail": CONTENT}, within="ulimit -f 8;")
    assert "could not be brought: File size limit exceeded" in told["msg"]
    assert list(folder.iterdir()) == []
    folder.rmdir()
    told = bring({"mail": CONTENT})
    assert "could not be brought" in told["msg"]
    assert str(folder) in told["msg"]
