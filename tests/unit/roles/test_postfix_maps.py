# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that the module compiles are those that the role makes and Postfix is told of."""

from __future__ import annotations

import re
from pathlib import Path

import ansible.module_utils
import jinja2
import yaml

ROOT = Path(__file__).parents[3]
ROLE = ROOT / "roles" / "postfix"
ansible.module_utils.__path__.append(str(ROOT / "plugins" / "module_utils"))

from ansible.module_utils import bastide_directory as directory  # noqa: E402
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


def test_the_port_for_the_groupware_is_open_only_where_its_addresses_are_named():
    source = (ROLE / "templates" / "master.cf.j2").read_text()
    template = jinja2.Environment(trim_blocks=True, autoescape=False).from_string(source)
    facts = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert facts["postfix_groupware_addresses"] == []
    assert "10029" not in template.render(facts)
    facts["postfix_groupware_addresses"] = ["192.0.2.7", "2001:db8::/64"]
    port = template.render(facts).partition("\n10029 ")[2].partition("\npickup")[0]
    assert "  -o mynetworks=192.0.2.7,2001:db8::/64\n" in port
    assert "  -o smtpd_client_restrictions=permit_mynetworks,reject\n" in port


RELAYS = [
    ("relay:maire@x.fr", "214600421", "z.fr", "active", "keep", 1),
    ("relay:elus@x.fr", "214600421", "z.fr", "suspended", "keep", 1),
    ("relay:autre@s.fr", "214601023", "z.fr", "active", "keep", 1),
]


def test_users_of_the_groupware_send_as_themselves_and_as_their_own_aliases():
    aliases = {
        "contact@x.fr": ("214600421", "agent@x.fr,maire@x.fr"),
        "seul@x.fr": ("214600421", "agent@x.fr"),
        "ancien@x.fr": ("214600421", "elus@x.fr"),
        "commun@s.fr": ("214600421", "autre@s.fr"),
    }
    rows = directory.Rows(
        [("maildomain:x.fr", "214600421", "b"), ("maildomain:s.fr", "284600012", "b")],
        [("mailbox:agent@x.fr", "214600421", 1, "active", "keep", 1)],
        [
            (f"alias:{name}", siren, directory.targets_text(targets.split(",")))
            for name, (siren, targets) in aliases.items()
        ],
        relays=RELAYS,
    )
    made = postmaps.tables(rows)
    assert made["groupware_senders"] == {
        "maire@x.fr": "214600421",
        "contact@x.fr": "214600421",
        "autre@s.fr": "214601023",
    }
    # Nobody logs in here for a mailbox that is elsewhere.
    assert made["senders"] == {
        "agent@x.fr": "agent@x.fr",
        "contact@x.fr": "agent@x.fr",
        "seul@x.fr": "agent@x.fr",
    }
