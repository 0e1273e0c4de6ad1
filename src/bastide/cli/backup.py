# SPDX-License-Identifier: GPL-3.0-or-later
"""How backups of mail hosts are shown."""

from __future__ import annotations

from typing import Any


def backup_lines(host: str, made: dict[str, Any]) -> list[str]:
    """The archive, its parts, and what the host does not have."""
    lines = [f"{host}  {made['file']}  {_size(made['bytes'])}  sha256:{made['sha256']}"]
    for part, sums in made["parts"].items():
        lines.append(f"  {part:<14}{sums['count']:>8}  {_size(sums['size'])}")
    lines += [f"  {part:<14}       -  {why}" for part, why in sorted(made["missing"].items())]
    lines += [f"  - {path}" for path in made["removed"]]
    return lines


def restored_lines(host: str, said: dict[str, Any]) -> list[str]:
    """What was put back, and what waits for its mail."""
    manifest = said["manifest"]
    lines = [f"{host}  {manifest['made_at']}  {manifest.get('mailboxes', '?')} mailboxes"]
    lines += [f"  {part:<14}{count:>8}" for part, count in said["restored"].items()]
    return lines


def _size(size: int) -> str:
    return f"{size / 10**6:.1f} MB" if size >= 10**5 else f"{size} B"
