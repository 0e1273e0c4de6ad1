# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that only a host can give (DKIM public keys), remembered between runs.

They are public.  Kept so that a zone can still be compiled whole while the mail host
that made the key is down.
"""

from __future__ import annotations

import json

from bastide.documents import write_atomically
from bastide.fleet import Repository
from bastide.targets.ansible import HostAnswer


def known_values(repository: Repository) -> dict[str, str]:
    """Values that hosts gave before; empty when none did."""
    try:
        values = json.loads((repository.state / "values.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def remember_values(repository: Repository, answers: list[HostAnswer]) -> None:
    """Take in what the hosts answered; a host that was silent changes nothing."""
    known = known_values(repository)
    values = dict(known)
    for answer in answers:
        values.update(answer.result.get("values") or {})
    if values != known:
        text = json.dumps(values, indent=1, sort_keys=True) + "\n"
        write_atomically(repository.state / "values.json", text.encode())
