# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS to one address of a name, as served there, whatever the DNS says."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path

_TIMEOUT = 5.0


class Https(http.client.HTTPSConnection):
    """HTTPS to an address, with the certificate checked for the host's name.

    `authority` is a file of certificates to trust, None for those of the system; `timeout`
    is in seconds; `named` asks for a certificate of this very name.
    """

    def __init__(
        self,
        host: str,
        address: str,
        authority: Path | None,
        timeout: float = _TIMEOUT,
        *,
        named: bool = True,
    ) -> None:
        cafile = str(authority) if authority else None
        self._tls = ssl.create_default_context(cafile=cafile)
        self._tls.check_hostname = named
        self._address = address
        super().__init__(host, 443, timeout=timeout, context=self._tls)

    def connect(self) -> None:
        """Connect to the address and prove the name."""
        plain = socket.create_connection((self._address, 443), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
