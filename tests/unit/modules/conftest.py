# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the modules and what they share importable, as Ansible would on a host."""

import sys
from pathlib import Path

import ansible.module_utils

PLUGINS = Path(__file__).parents[3] / "plugins"
ansible.module_utils.__path__.append(str(PLUGINS / "module_utils"))
sys.path.append(str(PLUGINS / "modules"))
