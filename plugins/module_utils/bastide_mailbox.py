# SPDX-License-Identifier: GPL-3.0-or-later
"""One mailbox that a person gets access to: found in the directory, or why not."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.bastide_files import HostError
from ansible.module_utils.bastide_share import is_address

LOCK = Path("/var/lib/bastide/mail/lock")


class Refused(HostError):
    """The mailbox is none to give access to; `why` is a word for the engine."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that a charter declares; `password` is its hash, None before the first."""

    uuid: str
    state: str
    password: str | None


def checked_address(address: str) -> str:
    """The address itself; HostError when it is the address of no mailbox."""
    if not is_address(address):
        raise HostError(f"{address!r} is no address of a mailbox")
    return address


def declared_mailbox(connection: sqlite3.Connection, address: str) -> Mailbox:
    """The mailbox of the directory.

    Raises:
        Refused: It is not there (``absent``), or has left its charter (``undeclared``).
    """
    query = "SELECT uuid, state, password, declared FROM mailbox WHERE address = ?"
    row = connection.execute(query, (address,)).fetchone()
    if row is None:
        raise Refused("absent", f"{address} does not exist on this host")
    if not row[3]:
        raise Refused("undeclared", f"{address} has left its charter and is suspended")
    return Mailbox(str(row[0]), row[1], row[2])
