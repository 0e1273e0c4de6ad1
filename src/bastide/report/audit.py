# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal in words: one paragraph a run, for the whole fleet or one collectivity."""

from __future__ import annotations

from typing import Any

from bastide.diagnostics import Language
from bastide.journal import Journal

_EVENTS = {
    "end": {"en": "applied", "fr": "appliqué"},
    "unchanged": {"en": "nothing to change", "fr": "rien à changer"},
    "refused": {"en": "refused by a safety limit", "fr": "refusé par une limite de sécurité"},
    "order-intended": {"en": "about to be ordered", "fr": "sur le point d'être commandé"},
    "order-concluded": {"en": "order", "fr": "commande"},
    "auto-renew": {"en": "automatic renewal", "fr": "renouvellement automatique"},
    "interrupted": {"en": "the run before was killed", "fr": "le passage précédent a été tué"},
}


def audit_text(journal: Journal, slug: str | None, language: Language) -> str:
    """Runs from the oldest to the newest; a beginning is shown by its end only."""
    paragraphs = []
    for entry in journal.entries():
        data = entry.data
        if data["event"] == "begin":
            continue
        changes = [c for c in data.get("changes", ()) if _concerns(c, slug)]
        if slug and not changes:
            continue
        paragraphs.append(_paragraph(data, changes, language))
    if not paragraphs:
        return "nothing is recorded\n" if language == "en" else "rien n'est consigné\n"
    return "\n".join(paragraphs)


def _concerns(change: dict[str, Any], slug: str | None) -> bool:
    whole: str = change["collectivity"]
    return slug is None or slug in {whole, whole.rpartition("/")[2]}


def _paragraph(data: dict[str, Any], changes: list[dict[str, Any]], language: Language) -> str:
    words = _EVENTS.get(data["event"], {}).get(language, data["event"])
    commit = data.get("commit", "")
    mark = "+" if commit.endswith("+") else ""
    who = data.get("who", data.get("noticed_by", ""))
    lines = [
        f"#{data['sequence']}  {data['time']}  {who}  {commit[:12]}{mark}",
        f"  {words}: {data.get('outcome', '')} {data.get('plan', '')}".rstrip(),
    ]
    lines += [
        f"    {c['action']:<8} {c['address']}  {c['host']}  {c['file']}:{c['line']}"
        for c in changes
    ]
    lines += [f"    ! {fault}" for fault in data.get("faults", ())]
    return "\n".join(lines) + "\n"
