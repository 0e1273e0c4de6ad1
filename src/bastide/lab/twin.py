# SPDX-License-Identifier: GPL-3.0-or-later
"""A second lab beside the first, for tests that would disturb it.

It is a root of its own: everything in it is a link to the first root, but its inventory is a copy
with another name and other addresses, and its keys, certificates and shares are its own.  Its
containers start from the images of the first lab, whatever else its inventory is made to say:
that is brought to them when they start.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bastide.lab.layout import Lab, origin_of, read_layout


def twin(
    root: Path, target: Path, name: str = "bastide-test", subnet: str = "10.47.0.0/24"
) -> Path:
    """Make `target` a root whose lab is called `name` and lives on `subnet`; return it.

    In every file of inventory/lab the addresses of the first lab become those of the second with
    the same last byte. A twin made before follows its root again, and keeps its keys and shares.
    """
    lab = read_layout(root)
    target.mkdir(parents=True, exist_ok=True)
    for link in target.iterdir():
        if link.is_symlink():
            link.unlink()
    for entry in sorted(lab.root.iterdir()):
        if entry.name != "inventory" and not entry.name.startswith("."):
            (target / entry.name).symlink_to(entry)
    shutil.rmtree(target / "inventory", ignore_errors=True)
    shutil.copytree(lab.root / "inventory", target / "inventory")
    rename_lab(target / "inventory", lab, name, subnet)
    origin = origin_of(target)
    origin.parent.mkdir(exist_ok=True)
    origin.unlink(missing_ok=True)
    origin.symlink_to(lab.root)
    return target.resolve()


def rename_lab(inventory: Path, lab: Lab, name: str, subnet: str) -> None:
    """Make `inventory`, a copy of that of `lab`, describe a lab `name` on `subnet`."""
    former, new = (one.rsplit(".", 1)[0] + "." for one in (lab.subnet, subnet))
    for path in (inventory / "lab").rglob("*.yml"):
        text = path.read_text(encoding="utf-8").replace(former, new)
        text = text.replace(f"lab_name: {lab.name}\n", f"lab_name: {name}\n")
        path.write_text(text, encoding="utf-8")
