# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that the module compiles are those that the role makes and Postfix is told of."""

from __future__ import annotations

import re
from pathlib import Path

import ansible.module_utils
import yaml

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "postfix"
ansible.module_utils.__path__.append(str(ROOT / "plugins" / "module_utils"))

from ansible.module_utils import bastide_postmaps as postmaps  # noqa: E402


def test_every_table_is_made_empty_and_looked_up():
    tasks = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text())
    (made,) = [task["loop"] for task in tasks if task["name"] == "Create the maps, empty"]
    looked_up = re.findall(
        r"cdb:\{\{ postfix_maps \}\}/(\w+)", (ROLE / "templates" / "main.cf.j2").read_text()
    )
    assert {*made} == {*looked_up} == {*postmaps.NAMES}


def test_the_way_to_the_groupware_is_a_service_of_postfix():
    services = (ROLE / "templates" / "master.cf.j2").read_text()
    entry = rf"^{postmaps.GROUPWARE} +unix .* smtp\n((?:  -o .*\n)*)"
    (way,) = re.findall(entry, services, re.MULTILINE)
    assert "  -o soft_bounce=yes\n" in way
    assert "  -o smtp_tls_security_level={{ postfix_groupware_tls }}\n" in way
