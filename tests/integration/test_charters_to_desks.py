# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way to the desk, by the command: what a charter says, and what citizens then see."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import socket
import ssl

import pytest

from integration.town import CHECKOUT, charter, some_siren

PICTURE = CHECKOUT / "tests/data/attached/assets/46/cahors/bandeau.png"
OWN = CHECKOUT / "tests/data/attached/assets/46/cahors/cantine.yml"
ALT = "Le clocher de Albas"


@pytest.fixture(scope="module")
def own_siren():
    """A desk stays for ever, so that each session has one of its own."""
    return some_siren()


@pytest.fixture(scope="module")
def albas(standing_town, own_siren):
    """A town with a desk, converged."""
    town = standing_town
    folder = town.root / "assets/46/albas"
    folder.mkdir(parents=True)
    shutil.copy(PICTURE, folder / "bandeau.png")
    shutil.copy(OWN, folder / "cantine.yml")
    with_desk(town, own_siren)
    town.apply()
    return town


def with_desk(
    town, siren, procedures="[acte-naissance, {definition: assets/46/albas/cantine.yml}]"
):
    desk = f"""guichet:
  domain: demarches.{town.albas}
  banner: {{file: assets/46/albas/bandeau.png, alt: {ALT}}}
  colours: {{primary: "#1f4e79"}}
  procedures: {procedures}
  agents:
    mairie@{town.albas}: {{role: manager, name: Mairie}}
"""
    town.write("46/albas", charter(siren, town.albas) + desk)
    town.commit()


def get(town, path="/", host=None):
    """Status and body that the desk of the town gives over HTTPS."""
    host = host or f"demarches.{town.albas}"
    context = ssl.create_default_context(cafile=town.lab.files / "tls" / "ca.pem")
    # Without ACME the name of a town made up today is in no certificate of the lab's authority.
    context.check_hostname = False
    with socket.create_connection((town.addresses["desk"], 443), timeout=20) as plain:
        connection = http.client.HTTPSConnection(host, context=context)
        connection.sock = context.wrap_socket(plain, server_hostname=host)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
    return found


def desk_changes(plan):
    return [
        (c["action"], c["address"].partition(":")[0])
        for c in plan["changes"]
        if c["host"] == "desk"
    ]


def test_a_charter_with_a_desk_is_served_over_https_and_the_second_apply_has_nothing_to_do(albas):
    town = albas
    assert town.ask(f"demarches.{town.albas}", "A") == [town.addresses["desk"]]
    status, page = get(town)
    assert status == 200
    assert ALT in page.decode()
    assert "Inscription à la cantine" in page.decode()
    status, picture = get(town, "/banniere")
    assert hashlib.sha256(picture).digest() == hashlib.sha256(PICTURE.read_bytes()).digest()
    assert "0 changes applied" in town.apply().stdout
    town.run("plan", "--detailed-exitcode")
    told = town.run("explain", f"desk:demarches.{town.albas}").stdout
    assert town.place("46/albas", "guichet:") in told


def test_a_procedure_that_left_the_charter_is_offered_no_more_and_comes_back(albas, own_siren):
    town = albas
    with_desk(town, own_siren, "[acte-naissance]")
    assert desk_changes(town.plan()) == [("suspend", "procedure")]
    town.apply()
    assert "Inscription à la cantine" not in get(town)[1].decode()
    with_desk(town, own_siren)
    assert desk_changes(town.plan()) == [("restore", "procedure")]
    town.apply()
    assert "Inscription à la cantine" in get(town)[1].decode()


def test_another_picture_under_the_same_name_is_a_change(albas):
    town = albas
    file = town.root / "assets/46/albas/bandeau.png"
    file.write_bytes(file.read_bytes() + b"\0")
    town.commit()
    assert desk_changes(town.plan()) == [("update", "desk")]
    town.apply()
    assert get(town, "/banniere")[1] == file.read_bytes()


def test_what_was_changed_behind_our_back_is_drift_and_is_repaired(albas):
    town = albas
    behind = f"""UPDATE guichet_procedure SET offered = false WHERE slug = 'acte-naissance'
        AND tenant_id = (SELECT siren FROM guichet_host WHERE name = 'demarches.{town.albas}')"""
    town.podman("desk", "runuser", "-u", "postgres", "--", "psql", "-q", "guichet", "-c", behind)
    assert "acte de naissance" not in get(town)[1].decode()
    address = f"procedure:demarches.{town.albas}/acte-naissance"
    assert address in drifted(town)
    town.apply()
    assert "acte de naissance" in get(town)[1].decode()
    assert address not in drifted(town)


def drifted(town):
    """Addresses of what is not as declared; other towns of the lab have left theirs."""
    told = town.run("drift", "--format", "json", code=None)
    return {one["address"] for one in json.loads(told.stdout)["drift"]}


def test_killed_in_the_middle_the_next_apply_ends_at_the_same_state(albas, own_siren):
    town = albas
    for number, moment in enumerate((1.6, 3.2)):
        kept = "[acte-naissance]" if number % 2 else "[rendez-vous-elu, acte-deces]"
        with_desk(town, own_siren, kept)
        town.kill_apply_after(moment, everything=number % 2 == 0)
        done = town.apply("--wait", "300", code=None)
        assert done.returncode == 0, done.stdout + done.stderr
        plan = town.plan()
        assert (plan["changes"], plan["repairs"]) == ([], []), moment
    assert get(town)[0] == 200


def test_a_retired_collectivity_has_a_closed_desk_and_loses_nothing(albas, own_siren):
    town = albas
    text = charter(own_siren, town.albas).replace(
        "  kind: commune", "  kind: commune\n  state: retired", 1
    )
    town.write("46/albas", text)
    town.commit()
    changes = desk_changes(town.plan())
    assert ("suspend", "desk") in changes
    assert {action for action, _ in changes} == {"suspend"}
    # It is more than its share: nobody retires a town by mistake.
    told = town.apply(code=4)
    plan = re.search("sha256:[0-9a-f]{64}", told.stderr + told.stdout)[0]
    acknowledged = town.root / "inventory/lab/acknowledgements.yml"
    acknowledged.write_text(f'- {{plan: "{plan}", reason: "The town merges."}}\n')
    town.commit()
    town.apply()
    assert b"commencer" not in get(town)[1]
    with_desk(town, own_siren)
    assert {action for action, _ in desk_changes(town.plan())} == {"restore"}
