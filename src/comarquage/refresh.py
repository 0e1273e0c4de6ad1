# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: fetch, check, render, switch.  A run that is killed anywhere leaves what was served.

The order is what makes that true: a release is made under a name nobody reads, synced, renamed,
and only then does the symlink `current` move, in one `rename`.  State comes last; a run that
finds its release already made only switches.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from comarquage import archive, check, state
from comarquage.build import Built, build, described
from comarquage.config import Config
from comarquage.fetch import Fetched, accepted, fetched
from comarquage.messages import Finding, Refused, declare, found
from comarquage.page import FORMAT
from comarquage.render.about import Origin

KEPT = 7

BUSY = declare(
    "G040",
    "error",
    en="another run is at work",
    fr="une autre exécution est en cours",
    hint_en="wait for it to end",
    hint_fr="attendre qu’elle se termine",
)
NOT_WRITTEN = declare(
    "G041",
    "error",
    en="could not be written: {why}",
    fr="n’a pas pu être écrit : {why}",
    hint_en="space, rights?",
    hint_fr="espace disque, droits ?",
)


@dataclass
class Outcome:
    """How a run ended: the release that is served, whether it is new, what was found."""

    release: str
    new: bool
    findings: list[Finding] = field(default_factory=list)
    pages: dict[str, int] = field(default_factory=dict)


def refresh(
    config: Config, *, allow_older: bool = False, now: dt.datetime | None = None
) -> Outcome:
    """Bring `config.folder` up to date.  Raises Refused; what is served stays then."""
    moment = now or dt.datetime.now(dt.UTC)
    with locked(config.folder):
        known = state.load(config.folder)
        known.attempted = moment.isoformat(timespec="seconds")
        try:
            outcome = _refreshed(config, known, moment, allow_older=allow_older)
        except Refused as refused:
            known.failures += 1
            known.findings = [one.line_of("en") for one in refused.findings]
            state.save(config.folder, known)
            raise
        except (OSError, sqlite3.Error) as error:
            finding = found(NOT_WRITTEN, str(config.folder), why=error)
            known.failures += 1
            known.findings = [finding.line_of("en")]
            with contextlib.suppress(OSError):  # the disk may be full for it too
                state.save(config.folder, known)
            raise Refused(finding) from error
        known.failures = 0
        known.findings = [one.line_of("en") for one in outcome.findings]
        known.succeeded = known.attempted
        known.release = outcome.release
        state.save(config.folder, known)
        return outcome


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One run at a time; the lock goes with its process, however that ends.  Raises Refused."""
    try:
        (folder / "releases").mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Refused(found(NOT_WRITTEN, str(folder), why=error)) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(found(BUSY, str(folder))) from error
        yield
    finally:
        os.close(handle)


def current(folder: Path) -> Path | None:
    """The release that is served, if there is a whole one."""
    with contextlib.suppress(OSError):
        release = (folder / "current").resolve(strict=True)
        if (release / "release.json").is_file():
            return release
    return None


def _refreshed(
    config: Config, known: state.State, moment: dt.datetime, *, allow_older: bool
) -> Outcome:
    releases = config.folder / "releases"
    for left in releases.glob(".making-*"):  # of a run that was killed
        shutil.rmtree(left)
    served = current(config.folder)
    archives: dict[str, Fetched] = {}
    files: dict[str, dict[str, bytes]] = {}
    for audience in config.sources:
        validators = known.archives.get(audience, {}) if served else {}
        archives[audience], files[audience] = _opened(config, audience, validators)
    dates = _checked(config, known, files, served, allow_older=allow_older)
    name = f"{max(dates.values())[:10]}-{_digest(files, config)}"
    built = None
    if not (releases / name / "release.json").is_file():
        built = _made(config, name, files, dates, served, moment)
    if served is None or served.name != name:
        _switched(config.folder, name)
    for audience, one in archives.items():
        accepted(audience, one)
        known.archives[audience] = {
            "source": config.sources[audience],
            "modified": one.modified,
            "etag": one.etag,
            "date": dates[audience],
        }
        known.counts[audience] = check.counts(files[audience])
    _pruned(releases, name)
    return Outcome(
        name, built is not None, built.findings if built else [], built.pages if built else {}
    )


def _opened(
    config: Config, audience: str, validators: dict[str, str]
) -> tuple[Fetched, dict[str, bytes]]:
    """An archive and its files; one that was kept and is spoiled since is fetched anew."""
    one = fetched(config, audience, validators)
    try:
        return one, archive.opened(one.path, audience, config.limits)
    except Refused:
        if one.fresh:
            raise
    one = fetched(config, audience, {})
    return one, archive.opened(one.path, audience, config.limits)


def _checked(
    config: Config,
    known: state.State,
    files: Mapping[str, Mapping[str, bytes]],
    served: Path | None,
    *,
    allow_older: bool,
) -> dict[str, str]:
    """Dates of the archives, once counts and dates are found right.  Raises Refused."""
    wrong: list[Finding] = []
    dates: dict[str, str] = {}
    for audience, documents in files.items():
        before = known.counts.get(audience) if served else None
        wrong += check.shrunk(audience, check.counts(documents), before, config.limits)
        date = check.date_of(documents)
        former = known.archives.get(audience, {}).get("date", "") if served else ""
        if date is None:
            wrong.append(found(check.UNDATED, audience))
        elif date < former and not allow_older:
            wrong.append(found(check.OLD, audience, date=date, before=former))
        dates[audience] = date or ""
    if wrong:
        raise Refused(*wrong)
    if served is not None and not allow_older:
        wrong = _stuck(config, known, files, dates, served)
        if wrong:
            raise Refused(*wrong)
    return dates


def _stuck(
    config: Config,
    known: state.State,
    files: Mapping[str, Mapping[str, bytes]],
    dates: Mapping[str, str],
    served: Path,
) -> list[Finding]:
    """Archives with other content under the date of the one that is served: one of both is bad."""
    wrong = []
    for audience, date in dates.items():
        former = known.archives.get(audience, {})
        same_source = former.get("source") == config.sources[audience]
        if date == former.get("date") and same_source and "T" in date:
            digests = served / f"{audience}.sha256"
            with contextlib.suppress(OSError):
                if digests.read_text("utf-8").strip() != _content(files[audience]):
                    wrong.append(found(check.OLD, audience, date=date, before=date))
    return wrong


def _content(documents: Mapping[str, bytes]) -> str:
    """A digest over names and contents, whatever packed them."""
    digest = hashlib.sha256()
    for name in sorted(documents):
        digest.update(f"{name}\0{len(documents[name])}\0".encode())
        digest.update(documents[name])
    return digest.hexdigest()


def _digest(files: Mapping[str, Mapping[str, bytes]], config: Config) -> str:
    digest = hashlib.sha256(FORMAT.encode())
    for audience in sorted(files):
        text = f"\0{audience}\0{config.origin_of(audience)}\0{_content(files[audience])}"
        digest.update(text.encode())
    return digest.hexdigest()[:12]


def _made(
    config: Config,
    name: str,
    files: Mapping[str, Mapping[str, bytes]],
    dates: Mapping[str, str],
    served: Path | None,
    moment: dt.datetime,
) -> Built:
    """Make the release `name` under another name, and rename it when it is whole and on disk."""
    releases = config.folder / "releases"
    making = releases / f".making-{os.getpid()}"
    making.mkdir()
    try:
        origins = {
            audience: Origin(config.origin_of(audience), dt.date.fromisoformat(date[:10]))
            for audience, date in dates.items()
        }
        built = build(making, files, origins, config.limits, before=served, today=moment.date())
        for audience, documents in files.items():
            (making / f"{audience}.sha256").write_text(_content(documents) + "\n", "utf-8")
        described(making, built, origins, moment)
        for path in making.iterdir():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        state.synced(making)
        final = releases / name
        if final.exists():  # without release.json: never served
            shutil.rmtree(final)
        making.rename(final)
        state.synced(releases)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return built


def _switched(folder: Path, name: str) -> None:
    """Let `current` lead to the release `name`, in one step."""
    new = folder / ".current.new"
    new.unlink(missing_ok=True)
    new.symlink_to(Path("releases") / name)
    new.replace(folder / "current")
    state.synced(folder)


def _pruned(releases: Path, serving: str) -> None:
    """Remove all but the newest seven, never the one that is served."""
    made = sorted(
        (path for path in releases.iterdir() if not path.name.startswith(".")),
        key=lambda path: (path.name == serving, path.stat().st_mtime_ns),
        reverse=True,
    )
    for path in made[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
