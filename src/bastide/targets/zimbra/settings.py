# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the Zimbra server is, and where the password of its administrator lies.

The password itself never stands in a YAML file: the platform names an environment variable
or a file, and this module reads it at the moment it is used.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bastide.diagnostics import InvalidInput, diagnose
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
        if self.password_env:
            value = os.environ.get(self.password_env, "")
            reason = f"environment variable {self.password_env} is not set"
        elif self.password_file:
            value, reason = _first_line(Path(self.password_file))
        else:
            value, reason = "", "neither a variable nor a file is named"
        if not value:
            raise InvalidInput(diagnose(NO_CREDENTIAL, "", reason=reason))
        return value


def _first_line(file: Path) -> tuple[str, str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return "", f"{file}: {why}"
    return (lines[0] if lines else ""), f"{file} is empty"
