# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that `bastide plan` does before it asks a host."""

import gc
from pathlib import Path

from bastide.fleet import Fleet, Repository
from bastide.targets.hosts import Hosts
from bastide.targets.shares import write_shares

gc.disable()
fleet = Fleet(Repository.find(Path.cwd()))
assert fleet.sound, fleet.diagnostics[:5]
name = "inventory/lab/hosts.yml"
write_shares(fleet, Hosts.read(fleet.repository.inventory, name, fleet.platform))
