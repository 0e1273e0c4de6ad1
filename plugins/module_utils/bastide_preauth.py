# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a mailbox of this host by IMAP without a password, and leaves it as it is.

Dovecot's own ``imap`` speaks IMAP on its standard input and output to root (``doveadm exec
imap``).  Folders are opened by EXAMINE and messages read by BODY.PEEK (RFC 3501 §6.3.2,
§6.4.5): nothing gets a flag, and nothing loses one.
"""

from __future__ import annotations

import contextlib
import imaplib
import subprocess
import threading
from collections.abc import Iterator

from ansible.module_utils.bastide_files import HostError

IMAP = "/usr/lib/dovecot/imap"
TIMEOUT = 300.0
# UIDs asked for at once: imaplib refuses a line of more than a million bytes.
_WINDOW = 50_000


class Unread(imaplib.IMAP4_stream):
    """One user's mailbox, read only."""

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Start Dovecot's imap for the user whom the caller named as command."""
        self.host, self.port, self.sock, self.file = None, None, None, None
        self.process = subprocess.Popen(
            [IMAP, "-u", self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.writefile, self.readfile = self.process.stdin, self.process.stdout

    def examine(self, folder: str) -> tuple[int, int] | None:
        """UIDVALIDITY and UIDNEXT of a folder, None when there is no such one."""
        status, _ = self.select(f'"{folder}"', readonly=True)
        if status != "OK":
            return None
        return self._told("UIDVALIDITY"), self._told("UIDNEXT")

    def uids(self, after: int, before: int) -> Iterator[int]:
        """UIDs between the two, in order; looked for window by window."""
        for low in range(after + 1, before, _WINDOW):
            high = min(low + _WINDOW, before) - 1
            _, found = self.uid("SEARCH", f"UID {low}:{high}")
            yield from sorted(int(one) for one in (found[0] or b"").split())

    def size(self, uid: int) -> int | None:
        """Bytes of a message; None when it has gone meanwhile."""
        _, found = self.uid("FETCH", str(uid), "(RFC822.SIZE)")
        text = found[0].decode() if found and isinstance(found[0], bytes) else ""
        digits = text.partition("RFC822.SIZE ")[2].partition(" ")[0].rstrip(")")
        return int(digits) if digits.isdecimal() else None

    def message(self, uid: int) -> bytes | None:
        """A message, without a mark that it was read; None when it has gone meanwhile."""
        _, found = self.uid("FETCH", str(uid), "(BODY.PEEK[])")
        return found[0][1] if found and isinstance(found[0], tuple) else None

    def _told(self, name: str) -> int:
        _, values = self.response(name)
        if not values or values[0] is None:
            raise HostError(f"Dovecot gives no {name}")
        return int(values[0])


@contextlib.contextmanager
def opened(address: str) -> Iterator[Unread]:
    """The mailbox of `address`, for at most five minutes.

    Raises:
        HostError: Dovecot does not open it, or says something that is not understood.
    """
    watch: threading.Timer | None = None
    try:
        imap = Unread(address)
        watch = threading.Timer(TIMEOUT, imap.process.kill)
        watch.start()
        try:
            yield imap
            imap.logout()
        finally:
            imap.process.kill()
            imap.process.wait()
    except FileNotFoundError:
        raise HostError(f"{IMAP} is not installed on this host") from None
    except (imaplib.IMAP4.error, ValueError) as error:
        raise HostError(f"{address} cannot be read: {error}") from error
    finally:
        if watch:
            watch.cancel()
