# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks through Automation API, worker processes and an imitation of the `pulumi` command."""

from stack_graphs import SIREN, line

from bastide.targets.pulumi.stacks import Stacks

WWW = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}


def apply(setup, *lines, values=None, look=None):
    """Plan, then converge exactly that."""
    zones = Stacks(setup, look)
    seen = zones.observe(lines, values or {})
    return seen, zones.converge(seen.data["digest"])


def test_a_new_zone_is_planned_made_and_then_settled(setup, cloud):
    seen, made = apply(setup, line(WWW))
    assert seen.failed == made.failed == []
    assert [(c["action"], c["address"]) for c in seen.data["changes"]] == [
        ("create", "rrset:www.cahors.fr./A"),
        ("create", "zone:cahors.fr"),
    ]
    assert made.data["changes"] == seen.data["changes"]
    assert cloud.records("cahors.fr") == [("A", "www.cahors.fr", "192.0.2.7")]
    again = Stacks(setup).observe([line(WWW)], {})
    assert again.data["changes"] == []
    assert SIREN in [path.name for path in (setup.state / "settled").iterdir()]
