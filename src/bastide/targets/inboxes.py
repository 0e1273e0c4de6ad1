# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of one mailbox of the platform, as its mail host gives them, batch by batch."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from bastide.diagnostics import RunFailed, Severity, declare, diagnose
from bastide.fleet import Repository
from bastide.targets.errand import log_of, run_errand

NOT_READ = declare(
    "A555",
    Severity.ERROR,
    en="{host} did not give the messages of {address}: {said}",
    fr="{host} n'a pas donné les messages de {address} : {said}",
    hint_en="is the mailbox applied, and the host up? its output is in {log}",
    hint_fr="la boîte est-elle appliquée, l'hôte en marche ? sa sortie est dans {log}",
)
PLAYBOOK = "reports"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a folder; `content` is None when it is too large to be fetched."""

    folder: str
    validity: int
    uid: int
    content: bytes | None


Positions = dict[str, tuple[int, int]]
"""By folder, UIDVALIDITY and the last UID that was read (RFC 3501 §2.3.1.1)."""


def new_messages(
    repository: Repository, host: str, address: str, after: Positions
) -> Iterator[list[Message]]:
    """Batches of messages that came after `after`, oldest first; none when `host` has no such box.

    Raises:
        RunFailed: The host did not give them (A555).
    """
    known = dict(after)
    more = True
    while more:
        facts = {folder: {"validity": one[0], "uid": one[1]} for folder, one in known.items()}
        wanted = {"address": address, "after": facts}
        done, result = run_errand(repository, host, PLAYBOOK, {"bastide_reports": wanted})
        if not done:
            log, said = repository.relative(log_of(repository, PLAYBOOK)), result["msg"]
            failure = diagnose(NOT_READ, "", host=host, address=address, said=said, log=log)
            raise RunFailed(failure)
        batch = [
            Message(
                str(one["folder"]),
                int(one["validity"]),
                int(one["uid"]),
                None if one["content"] is None else base64.b64decode(one["content"]),
            )
            for one in result["messages"]
        ]
        if batch:
            yield batch
        known |= {one.folder: (one.validity, one.uid) for one in batch}
        # A batch that brings nothing would be asked for without end.
        more = bool(result["more"]) and bool(batch)
