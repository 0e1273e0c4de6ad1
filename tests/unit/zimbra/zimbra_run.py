# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the driver in a process of its own: ``zimbra_run.py URL CA_FILE DESIRED.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bastide.targets.zimbra import Client, Driver, Server

url, ca_file, desired = sys.argv[1:]
wanted = {
    address: (siren, body)
    for address, (siren, body) in json.loads(Path(desired).read_text(encoding="utf-8")).items()
}
server = Server(url, "bastide@zimbra.test", password_env="ZIMBRA_TEST", ca_file=ca_file)
outcome = Driver(Client.of(server)).run(wanted)
sys.exit(1 if outcome.failed else 0)
