# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the Zimbra server is, and where the password of its administrator lies.

The password itself never stands in a YAML file: the platform names an environment variable
or a file, and this module reads it at the moment it is used.
"""

from __future__ import annotations

from dataclasses import dataclass

from bastide.diagnostics import InvalidInput, diagnose
from bastide.targets.credential import read_credential
from bastide.targets.zimbra.faults import NO_CREDENTIAL


@dataclass(frozen=True, slots=True)
class Server:
    """One Zimbra administration service.

    `url` is ``https://HOST:7071/service/admin/soap/``; `ca_file` a PEM file of authorities to
    trust instead of the system's, empty for those.  One of `password_env` and `password_file`
    names where the password is.  `timeout` is in seconds, for one request.
    """

    url: str
    user: str
    password_env: str = ""
    password_file: str = ""
    ca_file: str = ""
    timeout: float = 120.0

    def password(self) -> str:
        """The administrator's password; ``InvalidInput`` when it is nowhere."""
        value, reason = read_credential(self.password_env, self.password_file)
        if not value:
            raise InvalidInput(diagnose(NO_CREDENTIAL, "", reason=reason))
        return value
