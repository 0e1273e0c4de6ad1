# SPDX-License-Identifier: GPL-3.0-or-later
"""The Zimbra server that serves collaborative mailboxes, as `mail.zimbra` of platform.yml says."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Zimbra:
    """Where it is administered, as whom, and where it takes mail.

    `url` is that of its administration service; one of `password_env` and `password_file`
    names where the password is, and is None otherwise.  `relay` is the host name that the mail
    hosts bring mail to, `server` the one under which users reach it.  `class_of_service` names
    one that is there already: it then gives the quota of accounts that declare none.
    """

    url: str
    user: str
    relay: str
    server: str
    password_env: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    class_of_service: str | None = None

    @property
    def host(self) -> str:
        """Name of the server in plans and journals: the host of its address."""
        return host_of(self.url)


def host_of(url: str) -> str:
    """The host in a web address; empty when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
