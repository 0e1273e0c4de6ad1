# SPDX-License-Identifier: GPL-3.0-or-later
"""The command as a timer and an operator see it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest
import small

from comarquage import messages, state
from comarquage.command import language_of, main


@pytest.fixture
def config(tmp_path):
    archive = small.packed(tmp_path / "a.zip", small.documents(20))
    path = tmp_path / "guide.toml"
    path.write_text(
        f'folder = "guide"\n[sources]\npart = "file:{archive}"\n[limits]\nsheets = 1\n'
        "dangling_percent = 50\n",
        "utf-8",
    )
    return path


def _aged(config, hours: float) -> None:
    folder = config.parent / "guide"
    known = state.load(folder)
    then = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)
    known.succeeded = then.isoformat(timespec="seconds")
    state.save(folder, known)


def test_as_a_program_it_refreshes_and_tells_in_french(config):
    done = subprocess.run(
        [sys.executable, "-m", "comarquage", "refresh", str(config)],
        check=True, capture_output=True, text=True, timeout=120, env={"LANG": "fr_FR.UTF-8"},
    )  # fmt: skip
    assert "20 pages" in done.stdout
    again = subprocess.run(
        [sys.executable, "-m", "comarquage", "refresh", str(config)],
        check=True, capture_output=True, text=True, timeout=120, env={"LANG": "fr_FR.UTF-8"},
    )  # fmt: skip
    assert "rien de nouveau" in again.stdout


def test_the_guide_is_stale_after_72_hours(config, capsys):
    assert main(["status", str(config)]) == 1  # never fetched
    assert main(["refresh", str(config)]) == 0
    assert main(["status", str(config)]) == 0
    _aged(config, 71)
    assert main(["status", str(config)]) == 0
    _aged(config, 73)
    capsys.readouterr()
    assert main(["status", str(config), "--json"]) == 1
    about = json.loads(capsys.readouterr().out)
    assert about["stale"] is True
    assert about["hours"] == 73.0
    assert main(["refresh", str(config)]) == 0  # nothing new is fresh too
    assert main(["status", str(config)]) == 0


def test_a_failure_is_told_by_status_until_the_next_good_run(config, capsys):
    assert main(["refresh", str(config)]) == 0
    archive = config.parent / "a.zip"
    good = archive.read_bytes()
    archive.write_bytes(b"no zip")
    assert main(["refresh", str(config)]) == 1
    assert main(["refresh", str(config)]) == 1
    capsys.readouterr()
    assert main(["status", str(config)]) == 0
    out = capsys.readouterr().out
    assert "2 failed" in out
    assert "G010" in out
    archive.write_bytes(good)
    assert main(["refresh", str(config)]) == 0
    capsys.readouterr()
    main(["status", str(config)])
    assert "G010" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("folder = ", "G001"),
        ("", "folder"),
        ('folder = "x"\nother = 1', "other"),
        ('folder = "x"\n[sources]\npart = "http://127.0.0.1/a.zip"', "sources.part"),
        ('folder = "x"\n[sources]\nasso = "https://127.0.0.1/a.zip"', "sources.asso"),
        ('folder = "x"\nsources = 3', "sources"),
        ('folder = "x"\n[limits]\nfiles = true', "limits.files"),
        ('folder = "x"\n[limits]\nfiles = -1', "limits.files"),
        ('folder = "x"\n[directory]\nsource = "ftp://x"\ncommunes = ["46"]', "directory.source"),
        ('folder = "x"\n[directory]\nsource = "file:x"\ncommunes = ["Lot"]', "directory.communes"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_key(tmp_path, capsys, text, word):
    path = tmp_path / "guide.toml"
    path.write_text(text, "utf-8")
    assert main(["refresh", str(path)]) == 2
    assert word in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_configuration_that_is_not_there_is_told(tmp_path, capsys):
    assert main(["status", str(tmp_path / "none.toml")]) == 2
    assert "G001" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").write_text("x", "utf-8")
    path = tmp_path / "guide.toml"
    path.write_text('folder = "file/guide"', "utf-8")
    assert main(["refresh", str(path)]) == 1
    assert "G041" in capsys.readouterr().err


def test_a_state_file_that_is_spoiled_is_made_anew(config):
    assert main(["refresh", str(config)]) == 0
    for text in ("", "{", "[]", '{"succeeded": 3}', '{"unknown": 1}', '{"counts": []}'):
        (config.parent / "guide" / "state.json").write_text(text, "utf-8")
        assert main(["status", str(config)]) == 1
        assert main(["refresh", str(config)]) == 0
        assert main(["status", str(config)]) == 0


def test_the_directory_is_asked_for_only_where_it_is_configured(config, capsys):
    assert main(["directory", str(config)]) == 2
    record = config.parent / "d.json"
    record.write_text('{"service": []}', "utf-8")
    text = f'[directory]\nsource = "file:{record}"\ncommunes = ["46"]\n'
    config.write_text(config.read_text("utf-8") + text, "utf-8")
    assert main(["directory", str(config)]) == 0
    assert "0 services" in capsys.readouterr().out


def test_every_message_is_in_both_languages_and_has_a_way_out():
    assert len(messages.KINDS) > 15
    for kind in messages.KINDS.values():
        assert kind.en != kind.fr
        assert kind.hint_en
        assert kind.hint_fr


@pytest.mark.parametrize(
    ("environment", "language"),
    [({"LANG": "fr_FR.UTF-8"}, "fr"), ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
     ({"LANG": "en_GB.UTF-8"}, "en")],
)  # fmt: skip
def test_messages_follow_the_locale(environment, language):
    assert language_of(environment) == language
