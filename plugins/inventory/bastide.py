# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin: each platform host knows where its compiled share lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin

DOCUMENTATION = """
name: bastide
short_description: Paths of the compiled shares of the desired state
description:
  - Adds to each platform host the variable C(bastide_shares), which maps a service
    (C(dns), C(mail), C(web), C(desk), C(tls)) to C(path) on the control node and C(digest)
    of its content.
  - Collectivities are data, machines are hosts. The hosts, their groups and addresses come
    from the inventory file beside it.
  - A host whose shares have not been compiled yet has no C(bastide_shares).
options:
  plugin:
    description: Marks the file as a source for this plugin.
    required: true
    choices: [bastide]
"""

EXAMPLES = """
# inventory/production/bastide.yml
plugin: bastide
"""


class InventoryModule(BaseInventoryPlugin):
    """Reads .bastide/<environment>/shares/index.json, which the engine writes."""

    NAME = "bastide"

    def verify_file(self, path: str) -> bool:
        """Only bastide.yml is ours."""
        return super().verify_file(path) and Path(path).name == "bastide.yml"

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the shares of every host that the engine compiled for."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        folder = Path(path).resolve().parent
        root, environment = folder.parents[1], folder.name
        index = root / ".bastide" / environment / "shares" / "index.json"
        if not index.is_file():
            return
        try:
            hosts = json.loads(index.read_text(encoding="utf-8"))["hosts"]
        except (OSError, ValueError, KeyError) as error:
            message = f"{index} is damaged ({error}); run bastide plan to write it anew"
            raise AnsibleParserError(message) from error
        for host, shares in hosts.items():
            # This file may be read before the one that puts the host in its groups.
            inventory.add_host(host)
            paths = {
                service: {"path": str(index.parent / host / entry["file"]), **entry}
                for service, entry in shares.items()
            }
            inventory.set_variable(host, "bastide_shares", paths)
