# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the desk of this checkout and all it depends on into one archive of wheels, on the control node.

    build_release.py ROOT FOLDER [ARCHITECTURE]

Prints ``{"release": …, "archive": …}``.  The release is named by a digest of what it is made from, so
that a checkout that did not change is built once.  Hosts install it without asking anybody: they need
no way to a package index, when they are made or later.  Dependencies are those of the extras `desk` and
`comarquage`, at the versions of requirements.lock, for Python 3.11 of Debian 12; they are fetched when they change.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

PACKAGES = ("guichet", "comarquage")
EXTRAS = ("desk", "comarquage")
LIBRARY = "schemas/catalog/procedures"
# Debian 12: Python 3.11, glibc 2.36.
PYTHON = "3.11"
LIBC = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")


def main(root: Path, folder: Path, architecture: str) -> None:
    """Build what is not there yet."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = sorted({one for extra in EXTRAS for one in extras[extra]})
    lock = root / "requirements.lock"
    pinned = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    needs = hashlib.sha256(json.dumps([wanted, pinned, architecture, LIBC]).encode()).hexdigest()
    sources = _sources(root)
    content = hashlib.sha256(Path(__file__).read_bytes())
    for name, path in sources:
        content.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    release = hashlib.sha256(f"{needs}{content.hexdigest()}".encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{release}.tar"
    if not archive.is_file():
        wheels = _fetched(folder, needs[:16], wanted, lock, architecture)
        with tempfile.TemporaryDirectory(prefix="bastide-desk-") as name:
            built = _built(Path(name), sources, wanted, release)
            _pack(archive, [*sorted(wheels.glob("*.whl")), built])
    print(json.dumps({"release": release, "archive": str(archive)}))


def _sources(root: Path) -> list[tuple[str, Path]]:
    """Name within the wheel and file, of all that it holds; links are followed."""
    found = []
    for package in PACKAGES:
        base = root / "src" / package
        found += [(f"{package}/{path.relative_to(base)}", path) for path in base.rglob("*")]
    base = root / LIBRARY
    found += [(f"guichet/_library/{path.name}", path) for path in base.glob("*.yml")]
    return sorted((n, p) for n, p in found if p.is_file() and "__pycache__" not in p.parts)


def _fetched(folder: Path, digest: str, wanted: list[str], lock: Path, architecture: str) -> Path:
    """The folder with the wheels of everything that is depended on."""
    wheels = folder / f"wheels-{digest}"
    if wheels.is_dir():
        return wheels
    with tempfile.TemporaryDirectory(prefix=".wheels-", dir=folder) as name:
        words = ["download", "--dest", name, "--only-binary", ":all:", "--python-version", PYTHON]
        for libc in LIBC:
            words += ["--platform", f"{libc}_{architecture}"]
        words += ["--constraint", str(lock)] if lock.is_file() else []
        _pip([*words, *wanted])
        Path(name).chmod(0o755)
        Path(name).rename(wheels)
        Path(name).mkdir()  # what the context manager removes
    return wheels


def _built(scratch: Path, sources: list[tuple[str, Path]], wanted: list[str], release: str) -> Path:
    """The wheel of the desk alone: a host of it has no use for the engine."""
    for name, path in sources:
        target = scratch / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    packages = [f"src/{one}" for one in PACKAGES if (scratch / "src" / one).is_dir()]
    (scratch / "pyproject.toml").write_text(
        "[build-system]\n"
        'requires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        f'[project]\nname = "bastide-guichet"\nversion = "0.1.0+{release}"\n'
        f'requires-python = ">=3.11"\ndependencies = {json.dumps(wanted)}\n'
        f"[tool.hatch.build.targets.wheel]\npackages = {json.dumps(packages)}\n",
        encoding="utf-8",
    )
    out = scratch / "wheel"
    _pip(["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(out), str(scratch)])
    return next(out.glob("*.whl"))


def _pip(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        sys.exit("\n".join(lines) or done.stderr.strip() or "pip failed")


def _pack(archive: Path, wheels: list[Path]) -> None:
    """One archive with the same bytes for the same wheels; there whole or not at all."""
    beside = archive.with_name(f".{archive.name}.{os.getpid()}")
    with tarfile.open(beside, "w") as tar:
        for wheel in wheels:
            info = tarfile.TarInfo(wheel.name)
            info.size, info.mode = wheel.stat().st_size, 0o644
            with wheel.open("rb") as file:
                tar.addfile(info, file)
    beside.rename(archive)


if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve()
    main(place, Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "x86_64")
