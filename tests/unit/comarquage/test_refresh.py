# SPDX-License-Identifier: GPL-3.0-or-later
"""A run brings the guide up to date, or leaves it as it was."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import small

from comarquage import Guide, NoRelease, state
from comarquage.config import Limits
from comarquage.messages import Refused
from comarquage.refresh import refresh

_HERE = Path(__file__).parent


def _texts(guide: Guide) -> dict[str, str]:
    rows = guide.rows("part", "SELECT id, html FROM page")
    guide.close()
    return dict(rows)


def _refused(config, code: str, **options) -> None:
    with pytest.raises(Refused) as refused:
        refresh(config, now=small.NOW, **options)
    assert refused.value.findings[0].kind.code == code


def test_a_first_run_serves_what_the_archive_holds(tmp_path):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    with pytest.raises(NoRelease):
        Guide.open(config.folder)
    outcome = refresh(config, now=small.NOW)
    assert outcome.new
    assert outcome.release.startswith("2026-11-01-")
    guide = Guide.open(config.folder)
    assert "Corps 7" in guide.page("part", "F7").html
    assert guide.days == {"part": dt.date(2026, 11, 1)}
    guide.close()


def test_a_second_run_with_the_same_archive_changes_nothing(tmp_path):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    first = refresh(config, now=small.NOW)
    inode = (config.folder / "current").lstat().st_ino
    again = refresh(config, now=small.NOW)
    assert not again.new
    assert again.release == first.release
    assert (config.folder / "current").lstat().st_ino == inode


def test_the_same_files_packed_otherwise_are_the_same_release(tmp_path):
    files = small.documents(20)
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", files))
    first = refresh(config, now=small.NOW).release
    small.packed(tmp_path / "a.zip", dict(reversed(files.items())), 0)
    assert refresh(config, now=small.NOW).release == first


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (small.documents(18, "2026-11-02T01:00:00"), "G031"),  # ten per cent are gone
        (small.documents(20, "2026-10-31T01:00:00"), "G032"),  # older
        (small.documents(21, "2026-11-01T01:00:00"), "G032"),  # other content, same second
        ({name: text for name, text in small.documents(20).items() if name != "redirections"},
         "G033"),
        (small.documents(20, "2026-11-02T01:00:00", F30="<Publication><Texte></Publication>"),
         "G030"),
        (small.documents(20, "2026-11-02T01:00:00", F30="<!DOCTYPE a><a/>"), "G030"),
        (small.documents(20, "2026-11-02T01:00:00", F30=small.sheet("F30", "<X><Y/></X>" * 200)),
         "G035"),
        (small.documents(20, "2026-11-02T01:00:00", F30=small.sheet("F30", "".join(
            f'<Paragraphe><LienInterne LienPublication="F{number}" type="Dossier">x</LienInterne>'
            "</Paragraphe>" for number in range(900, 930)))), "G034"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_what_was_served_stays(tmp_path, files, code):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    refresh(config, now=small.NOW)
    before = ((config.folder / "current").readlink(), _texts(Guide.open(config.folder)))
    small.packed(tmp_path / "a.zip", files)
    _refused(config, code)
    after = ((config.folder / "current").readlink(), _texts(Guide.open(config.folder)))
    assert after == before
    assert sorted(path.name for path in (config.folder / "releases").iterdir()) == [before[0].name]
    known = state.load(config.folder)
    assert known.failures == 1
    assert code in known.findings[0]


def test_a_broken_file_is_told_with_its_line(tmp_path):
    files = small.documents(20, F30="<Publication>\n<Texte>\n</Publication>")
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", files))
    with pytest.raises(Refused) as refused:
        refresh(config, now=small.NOW)
    finding = refused.value.findings[0]
    assert (finding.file, finding.line) == ("part/F30.xml", 3)


def test_an_operator_may_go_back_on_purpose(tmp_path):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    refresh(config, now=small.NOW)
    small.packed(tmp_path / "a.zip", small.documents(20, "2026-10-30T01:00:00"))
    outcome = refresh(config, allow_older=True, now=small.NOW)
    assert outcome.release.startswith("2026-10-30-")


def test_a_few_sheets_less_are_accepted(tmp_path):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(40)))
    refresh(config, now=small.NOW)
    small.packed(tmp_path / "a.zip", small.documents(38, "2026-11-02T01:00:00"))
    assert refresh(config, now=small.NOW).new


def test_a_handful_of_files_is_no_first_guide(tmp_path):
    archive = small.packed(tmp_path / "a.zip", small.documents(20))
    _refused(small.config(tmp_path, archive, Limits()), "G031")


def test_seven_releases_are_kept_and_the_served_one_always(tmp_path):
    config = small.config(tmp_path, tmp_path / "a.zip")
    made = []
    for day in range(1, 11):
        small.packed(tmp_path / "a.zip", small.documents(20, f"2026-11-{day:02}T01:00:00"))
        made.append(refresh(config, now=small.NOW).release)
    kept = {path.name for path in (config.folder / "releases").iterdir()}
    assert kept == set(made[-7:])
    assert (config.folder / "current").readlink().name == made[-1]


def test_an_unknown_element_is_shown_by_its_text_and_counted(tmp_path):
    body = (
        '<Nouveau neuf="x">mot <Autre>nouveau</Autre></Nouveau>'
        + '<Paragraphe> sans="x"</Paragraphe>' * 99
    )
    files = small.documents(20, F30=small.sheet("F30", body))
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", files))
    outcome = refresh(config, now=small.NOW)
    assert outcome.findings[0].kind.code == "G036"
    assert "Nouveau (1)" in outcome.findings[0].message("fr")
    about = json.loads((config.folder / "current" / "release.json").read_text("utf-8"))
    assert about["unknown"] == {"Nouveau": 1, "Autre": 1, "@neuf": 1}
    guide = Guide.open(config.folder)
    assert "mot" in guide.page("part", "F30").html
    assert "nouveau" in guide.page("part", "F30").html
    guide.close()


_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
from comarquage.command import main
sys.exit(main(["refresh", sys.argv[1]]))
"""


def test_a_disk_that_takes_no_more_is_told_and_what_was_served_stays(tmp_path):
    archive = small.packed(tmp_path / "a.zip", small.documents(20))
    config = small.config(tmp_path, archive)
    refresh(config, now=small.NOW)
    before = (config.folder / "current").readlink()
    more = {f"F{number}": small.sheet(f"F{number}", "<Paragraphe>mot</Paragraphe>" * 2000)
            for number in range(30, 40)}  # fmt: skip
    small.packed(archive, small.documents(20, "2026-11-02T01:00:00", **more))
    command = [sys.executable, "-c", _FULL, str(_written_config(tmp_path, archive))]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "G041" in done.stderr
    assert "Traceback" not in done.stderr
    assert (config.folder / "current").readlink() == before
    assert state.load(config.folder).failures == 1
    names = [path.name for path in (config.folder / "releases").iterdir()]
    assert names == [before.name]


def test_two_runs_at_once_are_one_run(tmp_path):
    from comarquage.refresh import locked

    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    with locked(config.folder):
        _refused(config, "G040")
    assert refresh(config, now=small.NOW).new


def test_a_reader_goes_on_with_its_release_until_it_asks_for_the_newest(tmp_path):
    config = small.config(tmp_path, small.packed(tmp_path / "a.zip", small.documents(20)))
    refresh(config, now=small.NOW)
    guide = Guide.open(config.folder)
    files = small.documents(20, "2026-11-02T01:00:00", F7=small.sheet("F7", title="Nouveau"))
    small.packed(tmp_path / "a.zip", files)
    refresh(config, now=small.NOW)
    assert guide.page("part", "F7").title == "Fiche F7"
    newest = guide.newest()
    assert newest.page("part", "F7").title == "Nouveau"
    assert newest.newest() is newest
    guide.close()
    newest.close()


def _written_config(tmp_path: Path, archive: Path) -> Path:
    path = tmp_path / "guide.toml"
    path.write_text(
        f'folder = "guide"\n[sources]\npart = "file:{archive}"\n'
        "[limits]\nsheets = 1\ndangling_percent = 50\n",
        "utf-8",
    )
    return path


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_step_leaves_the_former_guide_or_the_new_one(tmp_path):
    archive = small.packed(tmp_path / "a.zip", small.documents(8))
    config = small.config(tmp_path, archive)
    path = _written_config(tmp_path, archive)
    refresh(config, now=small.NOW)
    old = _texts(Guide.open(config.folder))
    day = 1
    step = 0
    while True:
        day += 1
        date = (dt.date(2026, 11, 1) + dt.timedelta(days=day)).isoformat()
        body = f"<Paragraphe>Jour {day}</Paragraphe>"
        files = small.documents(8, f"{date}T01:00:00", F1=small.sheet("F1", body))
        small.packed(archive, files)
        command = [sys.executable, str(_HERE / "killed_run.py"), str(path), str(step)]
        ended = subprocess.run(command, check=False, capture_output=True, timeout=120)
        served = _texts(Guide.open(config.folder))
        whole = f"Jour {day}" in served["F1"]
        if not whole:
            assert served == old, f"step {step}"
        if ended.returncode == 0:
            assert whole
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        # The next run is right, and leaves nothing of the one that was killed.
        refresh(config, now=small.NOW)
        old = _texts(Guide.open(config.folder))
        assert f"Jour {day}" in old["F1"]
        names = [name.name for name in (config.folder / "releases").iterdir()]
        assert not [name for name in names if name.startswith(".")]
        assert json.loads((config.folder / "state.json").read_text("utf-8"))["failures"] == 0
        step += 1
    assert step > 15
