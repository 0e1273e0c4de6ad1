# SPDX-License-Identifier: GPL-3.0-or-later
"""One mail host that fails keeps no other from its backup; a way back is noted in the journal."""

import json
import shutil
from pathlib import Path

import pytest

from bastide.apply import backup
from bastide.cli.backup import backup_lines, restored_lines
from bastide.diagnostics import Diagnostic, InvalidInput, RunFailed
from bastide.fleet import Fleet, Repository
from bastide.targets import backups

ROOT = Path(__file__).parents[3]
OPERATOR = """\
collectivity: {kind: cdg, siren: "284600012"}
domains:
  info46.com:
    registration: {mode: managed}
"""
MADE = {
    "file": "/b/mail2-20261128T031500Z.tar.gz",
    "bytes": 1_234_567,
    "sha256": "ab",
    "parts": {"directory": {"count": 1, "size": 512, "sha256": "cd"}},
    "missing": {"groupware": "no SOGo on this host"},
    "removed": ["/b/mail2-20261121T031500Z.tar.gz"],
}


@pytest.fixture
def fleet(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "collectivities" / "46").mkdir(parents=True)
    (tmp_path / "collectivities" / "46" / "cdg46.yml").write_text(OPERATOR, "utf-8")
    return Fleet(Repository.find(tmp_path, "lab"))


@pytest.fixture
def asked(monkeypatch):
    """What the hosts are asked; the host mail has no room."""
    questions = []

    def errand(_repository, host, playbook, variables):
        questions.append((host, playbook, variables["bastide_backup"]))
        if host == "mail":
            return False, {"msg": "database or disk is full"}
        return True, {"backup": MADE, "restored": {"directory": 1}, "waiting": {}, "former": ""}

    monkeypatch.setattr(backups, "run_errand", errand)
    return questions


def test_every_mail_host_is_asked_and_one_that_fails_is_told(fleet, asked):
    answers = dict(backup.back_up_hosts(fleet))
    assert isinstance(answers["mail"], Diagnostic)
    assert answers["mail"].code == "A573"
    assert "disk is full" in answers["mail"].message("fr")
    assert answers["mail2"] == MADE
    wanted = {"do": "backup", "folder": "/var/lib/bastide/backups", "kept": 7}
    assert asked == [("mail", "backup", wanted), ("mail2", "backup", wanted)]


def test_one_alone_may_be_asked_and_no_other_machine(fleet, asked):
    assert dict(backup.back_up_hosts(fleet, "mail2")) == {"mail2": MADE}
    with pytest.raises(InvalidInput) as refused:
        list(backup.back_up_hosts(fleet, "web"))
    assert [one.code for one in refused.value.diagnostics] == ["A575"]


def test_the_journal_has_who_put_back_what_also_when_it_failed(fleet, asked):
    backup.restore_host(fleet, "mail2", "/b/x.tar.gz", [], force=False)
    with pytest.raises(RunFailed) as failed:
        backup.restore_host(fleet, "mail", "/b/y.tar.gz", ["dkim"], force=True)
    assert [one.code for one in failed.value.diagnostics] == ["A574"]
    assert "/b/y.tar.gz" in failed.value.diagnostics[0].message("en")
    lines = (fleet.repository.state / "journal.jsonl").read_text("utf-8").splitlines()
    noted = [(e["event"], e["host"], e["file"]) for e in map(json.loads, lines)]
    assert noted == [
        ("restore-begin", "mail2", "/b/x.tar.gz"),
        ("restore-end", "mail2", "/b/x.tar.gz"),
        ("restore-begin", "mail", "/b/y.tar.gz"),
    ]


def test_host_file_size_and_parts_are_shown_and_what_is_missing():
    assert backup_lines("mail2", MADE) == [
        "mail2  /b/mail2-20261128T031500Z.tar.gz  1.2 MB  sha256:ab",
        "  directory            1  512 B",
        "  groupware            -  no SOGo on this host",
        "  - /b/mail2-20261121T031500Z.tar.gz",
    ]
    said = {"manifest": {"made_at": "2026", "mailboxes": 3}, "restored": {"dkim": 4}}
    assert restored_lines("mail2", said) == ["mail2  2026  3 mailboxes", "  dkim                 4"]
