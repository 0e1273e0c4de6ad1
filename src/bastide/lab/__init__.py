# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole platform on this machine, in containers, on a network without a way out."""

from bastide.lab.lifecycle import destroy, down, up
from bastide.lab.sink import Caught, read_sink
from bastide.lab.status import HostStatus, status
from bastide.lab.twin import twin

__all__ = ["Caught", "HostStatus", "destroy", "down", "read_sink", "status", "twin", "up"]
