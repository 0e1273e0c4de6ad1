# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's share of the desired state: one file of JSON lines for each service.

The format is in docs/architecture; the modules on the hosts read it.  A line depends on
one collectivity only, so that a fleet's share is put together from cached lines.
"""

from __future__ import annotations

import json
from typing import Any

from bastide.desired.resource import Compiled, Service

FORMAT = 1
# A collectivity may have addresses on a shared domain, that it does not declare.
_OF_MAIL = frozenset({"mail", "groupware"})


def share_header(service: Service, host: str, environment: str) -> bytes:
    """First line of a share, with its newline."""
    return _line({"format": FORMAT, "service": service, "host": host, "environment": environment})


def share_line(compiled: Compiled, service: Service) -> bytes:
    """Line of one collectivity in the share of `service`, with its newline."""
    return _line(
        {
            "collectivity": compiled.slug,
            "siren": compiled.siren,
            "retired": compiled.retired,
            "retired_domains": compiled.retired_domains,
            "domains": compiled.mail_domains if service in _OF_MAIL else compiled.domains,
            "resources": [
                {"address": r.address, "body": r.body} for r in compiled.resources[service]
            ],
        }
    )


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
