# SPDX-License-Identifier: GPL-3.0-or-later
"""What a charter lets expect of the RPNT is what the servers of the lab show."""

from __future__ import annotations

import json

from integration.town import charter

ALBAS = "214600017"


def test_what_was_predicted_is_what_is_observed(town):
    text = charter(ALBAS, town.albas)
    contact = f'siren: "{ALBAS}"\n  contact: {{email: mairie@{town.albas}}}\n'
    town.write("46/albas", text.replace(f'siren: "{ALBAS}"\n', contact))
    town.commit()
    [graded] = [c for c in town.plan()["conformity"] if c["collectivity"] == "46/albas"]
    assert graded["changed"]["2.4"] == ["unknown", "met"]

    town.apply()
    done = town.run("rpnt", "albas", "--observe", "--format", "json")
    [shown] = json.loads(done.stdout)["collectivities"]
    assert shown["let_down"] == []
    predicted, observed = (shown[basis]["criteria"] for basis in ("predicted", "observed"))
    states = {code: (one["state"], observed[code]["state"]) for code, one in predicted.items()}
    # Whether a zone's DS is at the registry is not in a charter.
    states.pop("dnssec")
    assert {code: pair for code, pair in states.items() if pair[0] != pair[1]} == {}
    assert {record["status"] for record in shown["records"]} == {"correct"}
    assert town.plan()["conformity"] == []


def test_a_record_that_somebody_changed_is_told_with_the_line_that_mends_it(town):
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    # The charter asks for one more host; the servers do not know of it yet.
    more = "    records:\n      - {name: plan, type: A, content: 192.0.2.7}\n"
    town.write("46/albas", charter(ALBAS, town.albas, more=more))
    done = town.run("rpnt", "albas", "--observe", "--format", "json", code=None)
    [shown] = json.loads(done.stdout)["collectivities"]
    [wrong] = [record for record in shown["records"] if record["status"] != "correct"]
    assert wrong["status"] == "missing"
    assert wrong["fix"] == [f"add: plan.{town.albas}. 3600 IN A 192.0.2.7"]
