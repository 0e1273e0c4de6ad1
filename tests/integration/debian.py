# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers of the tests are made from: the base of the lab, and Debian's packages."""

from __future__ import annotations

from pathlib import Path

from bastide.lab.image import base_image, ensure_base
from bastide.lab.layout import read_layout
from bastide.lab.podman import Podman

_ROOT = Path(__file__).resolve().parents[2]


def base():
    """Name of the base image, which is built when it is not there."""
    ensure_base(Podman(read_layout(_ROOT)), lambda _: None)
    return base_image()


def installing(packages):
    """A shell script; the base brings lists of packages, which on an old one are out of date."""
    install = "apt-get install -yq --no-install-recommends " + " ".join(packages)
    return (
        "set -e\nexport DEBIAN_FRONTEND=noninteractive\n"
        f"{install} || {{ apt-get update -q; {install}; }}\napt-get clean\n"
    )
