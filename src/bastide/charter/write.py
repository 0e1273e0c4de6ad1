# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing new charters: whole or not at all, and never over what somebody wrote."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bastide.charter import findings
from bastide.charter.draft import Draft
from bastide.diagnostics import Diagnostic, diagnose


def write_drafts(
    root: Path, drafts: Iterable[Draft]
) -> tuple[list[PurePosixPath], list[Diagnostic]]:
    """Write `drafts` below `root`; the paths written, and a diagnostic for each that was not.

    A file that exists is left as it is (C705).  One that cannot be written is told (C708)
    and does not stop the others.
    """
    written, diagnostics = [], []
    for draft in drafts:
        try:
            is_new = _write_new(root / draft.path, draft.text)
        except OSError as error:
            why = error.strerror or str(error)
            diagnostics.append(diagnose(findings.NOT_WRITTEN, str(draft.path), why=why))
            continue
        if is_new:
            written.append(draft.path)
        else:
            diagnostics.append(diagnose(findings.ALREADY_THERE, str(draft.path)))
    return written, diagnostics


def _write_new(path: Path, text: str) -> bool:
    """Create `path` with `text` at one stroke; False when it is there already.

    A rename would replace a file made in the meantime; a link never does (link(2), EEXIST).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("x", encoding="utf-8") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        path.hardlink_to(beside)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True
