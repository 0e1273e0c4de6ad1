# SPDX-License-Identifier: GPL-3.0-or-later
"""The command as people and CI meet it: exit codes, forms, languages, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHARTER = """\
collectivity:
  kind: commune
  siren: "214600017"
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  albas-46.fr:
    registration: {mode: managed}
mail:
  accounts:
    mairie@albas-46.fr: {quota: 5 GB}
"""
OPERATOR = """\
collectivity:
  kind: cdg
  siren: "284600012"
domains:
  info46.com:
    registration: {mode: managed}
"""


@pytest.fixture
def repository(tmp_path):
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    charters = tmp_path / "collectivities" / "46"
    charters.mkdir(parents=True)
    (charters / "albas.yml").write_text(CHARTER, encoding="utf-8")
    (charters / "cdg46.yml").write_text(OPERATOR, encoding="utf-8")
    return tmp_path


def bastide(folder, *arguments, locale="C.UTF-8"):
    done = subprocess.run(
        [sys.executable, "-m", "bastide", *arguments],
        cwd=folder,
        env=os.environ | {"LC_ALL": locale},
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # some speak other encodings
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_sound_fleet_gives_zero(repository):
    done = bastide(repository, "validate", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["files"]) == (0, 2)
    assert [d for d in report["diagnostics"] if d["severity"] == "error"] == []


def test_every_error_of_every_file_comes_in_one_run_with_its_place(repository):
    charters = repository / "collectivities" / "46"
    (charters / "albas.yml").write_text(CHARTER.replace("5 GB", "5 stones"), encoding="utf-8")
    (charters / "broken.yml").write_text("collectivity: [\n", encoding="utf-8")
    (charters / "odd.yml").write_text("collectivity: {kind: communne}\n", encoding="utf-8")
    done = bastide(repository, "validate", "--format", "json")
    assert done.returncode == 1
    found = {
        (Path(d["file"]).name, d["line"]): d
        for d in json.loads(done.stdout)["diagnostics"]
        if d["severity"] == "error"
    }
    assert {name for name, _ in found} >= {"albas.yml", "broken.yml", "odd.yml"}
    quota = found["albas.yml", 10]
    assert quota["column"] == 33
    assert quota["path"] == "mail.accounts.mairie@albas-46.fr.quota"
    assert quota["hint"]


def test_a_domain_claimed_twice_is_told_in_both_files(repository):
    twin = CHARTER.replace("214600017", "214600033").replace("commune", "commune")
    (repository / "collectivities" / "46" / "alvignac.yml").write_text(twin, encoding="utf-8")
    done = bastide(repository, "validate", "--format", "json")
    files = {
        Path(d["file"]).name for d in json.loads(done.stdout)["diagnostics"] if d["code"] == "R321"
    }
    assert (done.returncode, files) == (1, {"albas.yml", "alvignac.yml"})


def test_the_second_run_says_the_same_from_its_cache(repository):
    charters = repository / "collectivities" / "46"
    (charters / "odd.yml").write_text("collectivity: {kind: communne}\n", encoding="utf-8")
    first, second = (bastide(repository, "validate", "--format", "json") for _ in range(2))
    assert first.stdout == second.stdout


@pytest.mark.parametrize(("locale", "word"), [("fr_FR.UTF-8", "erreur"), ("en_GB.UTF-8", "error")])
def test_messages_follow_the_locale(repository, locale, word):
    (repository / "collectivities" / "46" / "odd.yml").write_text("x: 1\n", encoding="utf-8")
    assert f" {word} S" in bastide(repository, "validate", locale=locale).stdout


@pytest.mark.parametrize("form", ["text", "json", "sarif", "gitlab"])
def test_every_form_of_validate_names_the_code(repository, form):
    (repository / "collectivities" / "46" / "odd.yml").write_text("x: 1\n", encoding="utf-8")
    done = bastide(repository, "validate", "--format", form)
    assert done.returncode == 1
    assert "S2" in done.stdout
    if form != "text":
        json.loads(done.stdout)


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "fmt", "audit", "drift"])
def test_in_an_empty_folder_the_command_says_where_to_go(tmp_path, command):
    done = bastide(tmp_path, command)
    assert done.returncode == 1
    assert "C801" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["plan", "--format", "xml"],
        ["explain"],
        ["new"],
        ["new", "commune", "--insee", "46042", "--department", "46", "--all"],
        ["new", "epci", "--insee", "46042", "--siren", "200023737"],
    ],
)
def test_wrong_usage_is_two(repository, arguments):
    assert bastide(repository, *arguments).returncode == 2


def test_new_fmt_and_validate_agree(repository):
    done = bastide(repository, "new", "commune", "--insee", "46042")
    assert done.stdout == "collectivities/46/cahors.yml\n"
    before = (repository / done.stdout.strip()).read_bytes()
    assert bastide(repository, "fmt", done.stdout.strip()).returncode == 0
    assert (repository / done.stdout.strip()).read_bytes() == before
    assert bastide(repository, "validate").returncode == 0
    again = bastide(repository, "new", "commune", "--insee", "46042")
    assert "C705" in again.stdout + again.stderr
    assert (repository / done.stdout.strip()).read_bytes() == before


def test_explain_names_the_line(repository):
    done = bastide(repository, "explain", "mairie@albas-46.fr")
    assert done.returncode == 0
    assert "collectivities/46/albas.yml:10" in done.stdout


def test_a_plan_of_a_fleet_with_errors_asks_no_host(repository):
    (repository / "collectivities" / "46" / "odd.yml").write_text("x: 1\n", encoding="utf-8")
    done = bastide(repository, "plan")
    assert done.returncode == 1
    assert "odd.yml" in done.stderr
    assert not (repository / ".bastide" / "lab" / "plan.log").exists()


def test_a_folder_that_cannot_be_written_makes_it_slower_and_not_impossible(repository):
    (repository / ".bastide").write_text("in the way of the cache", encoding="utf-8")
    assert bastide(repository, "validate").returncode == 0


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_locale_that_lacks_signs_still_shows_every_message(repository, encoding, monkeypatch):
    (repository / "collectivities" / "46" / "œuf.yml").write_text("é: 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = bastide(repository, "validate", locale="fr_FR")
    assert "    -> " in done.stdout
    report = bastide(repository, "validate", "--format", "json", locale="fr_FR").stdout
    assert any("« é »" in d["message"] for d in json.loads(report)["diagnostics"])


def test_closed_streams_are_no_traceback(repository):
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" -m bastide validate {closed}', sys.executable],
            cwd=repository,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_odd_files_among_the_charters_are_told_and_stop_nothing(repository):
    charters = repository / "collectivities" / "46"
    os.mkfifo(charters / "pipe.yml")
    (charters / "nowhere.yml").symlink_to("gone")
    (charters / "itself.yml").symlink_to("itself.yml")
    (charters / "CAHORS.YML").write_text("", encoding="utf-8")
    (charters / "large.yml").write_bytes(b"#" * (2 << 20))
    Path(os.fsdecode(os.fsencode(charters) + b"/fi\xe9.yml")).write_bytes(b"")
    (charters / "two\nlines.yml").write_bytes(b"")
    (charters / "albas.yaml").write_text(CHARTER, encoding="utf-8")
    for git in (False, True):
        if git:
            subprocess.run(["git", "init", "-q", str(repository)], check=True)
        report = json.loads(bastide(repository, "validate", "--format", "json").stdout)
        found = {(Path(d["file"]).name, d["code"]) for d in report["diagnostics"]}
        assert found >= {
            ("nowhere.yml", "D101"),
            ("itself.yml", "D102"),
            ("CAHORS.YML", "D110"),
            ("large.yml", "D104"),
            ("fi\\xe9.yml", "D110"),
            ("two\\nlines.yml", "D110"),
            ("albas.yaml", "R304"),
            ("albas.yml", "R304"),
        }
        # Git does not list what it cannot keep.
        assert git or ("pipe.yml", "D103") in found


def test_files_as_arguments_are_judged_whatever_they_are(repository):
    (repository / "loop.yml").symlink_to("loop.yml")
    names = ["loop.yml", "gone.yml", "collectivities", "collectivities/46/albas.yml"]
    done = bastide(repository, "validate", "--format", "json", *names, *names)
    found = [(d["file"], d["code"]) for d in json.loads(done.stdout)["diagnostics"]]
    assert found == [("collectivities", "D103"), ("gone.yml", "D101"), ("loop.yml", "D102")]


def test_fmt_counts_in_both_languages(repository):
    file = "collectivities/46/albas.yml"
    assert "1 file, 1 rewritten" in bastide(repository, "fmt", file).stderr
    assert "1 fichier, 0 réécrit" in bastide(repository, "fmt", file, locale="fr_FR.UTF-8").stderr


def test_fmt_gives_each_file_the_order_and_the_schema_of_its_kind(repository):
    file = repository / "inventory" / "lab" / "platform.yml"
    before = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
    sub = repository / "collectivities" / "46" / "sub" / "x.yml"
    sub.parent.mkdir()
    sub.write_text("site: {kind: cms}\n", encoding="utf-8")
    catalogue = repository / "schemas" / "catalog" / "models.yml"
    bastide(repository, "fmt", *(str(path) for path in (file, sub, catalogue)))
    after = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
    assert before == after
    modeline = "# yaml-language-server: $schema="
    assert sub.read_text(encoding="utf-8").startswith(
        f"{modeline}../../../schemas/collectivity.schema.json\n"
    )
    assert "collectivity.schema.json" not in catalogue.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_does_not_stop_fmt(repository):
    charters = repository / "collectivities" / "46"
    for name in ("albas.yml", "cdg46.yml"):
        (charters / name).write_text("a:   1\n", encoding="utf-8")
    # No file of more than nothing can be written: permissions would not stop root.
    limited = f"ulimit -f 0; trap '' XFSZ; exec {sys.executable} -m bastide fmt"
    done = subprocess.run(
        ["sh", "-c", limited], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines() if " C708: " in line] == [
        "collectivities/46/albas.yml",
        "collectivities/46/cdg46.yml",
    ]
    assert sorted(path.name for path in charters.iterdir()) == ["albas.yml", "cdg46.yml"]
