# SPDX-License-Identifier: GPL-3.0-or-later
"""From the share to the rows: what a run changes, what it shows beforehand, what it leaves."""

import hashlib
import io
import json
import threading

import pytest
from PIL import Image

from integration.desk.towns import Share, Town, run

DIGITS = "0123456789abcdef"


@pytest.fixture
def share(tmp_path, configuration):
    """A share of its own for each test."""
    return Share(tmp_path, configuration)


@pytest.fixture
def town(share, desk):
    town = Town("gramat")
    share.declare(town, *town.all())
    return town


def actions(result):
    return [(one["action"], one["address"].partition(":")[0]) for one in result["changes"]]


def picture(share, size=(600, 100), kind="PNG"):
    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, kind)
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    (share.assets / digest).write_bytes(made.getvalue())
    return digest


def test_check_mode_shows_what_a_run_does_and_a_second_run_does_nothing(share, town):
    shown = share.converge(check=True)
    assert actions(shown) == [
        *[("create", "agent")] * 3,
        ("create", "desk"),
        *[("create", "procedure")] * 2,
    ]
    done = share.converge("--expect", shown["digest"])
    assert (done["changes"], done["digest"]) == (shown["changes"], shown["digest"])
    assert done["changed"]
    again = share.converge()
    assert not again["changed"]
    assert (again["changes"], again["failed_changes"]) == ([], [])
    assert again["totals"][town.siren] == {"desk": 1, "procedure": 2, "agent": 3, "request": 0}


def test_a_plan_whose_base_has_moved_is_refused(share, town):
    shown = share.converge(check=True)
    share.declare(town, *town.all(), town.procedure("rendez-vous-elu"))
    done = share.converge("--expect", shown["digest"])
    assert done["stale"]
    assert not done["changed"]
    assert actions(share.converge(check=True))[0] == ("create", "agent")


def test_what_leaves_the_share_is_suspended_and_comes_back(share, town, browse, fill_in):
    share.converge()
    fill_in(town)
    share.declare(town, (town.desk, town.body), town.procedure("acte-naissance"))
    gone = share.converge()
    assert actions(gone) == [*[("suspend", "agent")] * 3, ("suspend", "procedure")]
    visitor = browse(town)
    assert visitor.get("/demarches/intervention-services/").status_code == 404
    assert visitor.post("/demarches/intervention-services/commencer").status_code == 404
    assert share.converge()["changes"] == []
    share.declare(town, *town.all())
    back = share.converge()
    assert actions(back) == [*[("restore", "agent")] * 3, ("restore", "procedure")]
    assert visitor.get("/demarches/intervention-services/").status_code == 200
    assert share.converge()["changes"] == []


def test_a_suspended_agent_is_out_at_once(share, town, enter):
    share.converge()
    agent = enter(town, "voirie")
    rest = [one for one in town.all() if "voirie@" not in one[0]]
    share.declare(town, *rest)
    share.converge()
    assert agent.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_a_desk_that_closes_takes_nothing_new_and_follows_what_it_has(
    share, town, fill_in, last_request, browse
):
    share.converge()
    fill_in(town)
    _, secret = last_request(town)
    share.declare(town)
    assert ("suspend", "desk") in actions(share.converge())
    visitor = browse(town)
    assert "ne reçoit plus" in visitor.get("/").text
    assert visitor.get(f"/suivi/{secret}/").status_code == 200
    share.declare(town, *town.all())
    assert ("restore", "desk") in actions(share.converge())
    assert share.converge()["changes"] == []


def test_a_collectivity_that_retires_is_suspended_and_loses_no_request(
    share, town, fill_in, last_request, browse
):
    share.converge()
    fill_in(town)
    _, secret = last_request(town)
    share.declare(town, *town.all(), retired=True)
    assert {action for action, _ in actions(share.converge())} == {"suspend"}
    assert browse(town).get(f"/suivi/{secret}/").status_code == 200


def test_a_collectivity_or_domain_that_vanishes_is_left_alone_and_told(share, town, browse):
    share.converge()
    share.declare(town, domains=["autre.example"])
    left = share.converge()
    assert left["changes"] == []
    assert {one["why"] for one in left["left_alone"]} == {"domain-gone"}
    other = Town("other")
    share.declare(other)
    del share.lines[town.siren]
    left = share.converge("--scope", town.siren)
    assert left["changes"] == []
    assert {one["why"] for one in left["left_alone"]} == {"collectivity-gone"}
    assert len(left["left_alone"]) == 6
    assert browse(town).get("/demarches/acte-naissance/").status_code == 200


def test_a_run_touches_nothing_outside_of_its_scope(share, town):
    other = Town("rocamadour")
    share.declare(other, *other.all())
    del share.lines[town.siren]
    share.converge()
    share.declare(town, *town.all())
    share.declare(other, (other.desk, {**other.body, "name": "Autre"}))
    header = share.file.read_text().splitlines()[0]
    texts = [json.dumps(one) for one in share.lines.values()]
    share.file.write_text("\n".join([header, *texts]) + "\n")
    done = run(share.configuration, "converge", share.file, "--scope", town.siren, owner=True)
    assert {one["siren"] for one in json.loads(done.stdout)["changes"]} == {town.siren}


def test_what_the_interface_made_is_not_touched(share, town, scope):
    from guichet.models import Agent, Procedure

    share.converge()
    with scope(town):
        Procedure.objects.create(tenant_id=town.siren, slug="rendez-vous-elu", origin="interface")
        Agent.objects.create(
            tenant_id=town.siren,
            email=f"accueil@{town.domain}",
            role="reader",
            origin="interface",
        )
    assert share.converge()["changes"] == []
    share.declare(
        town, *town.all(), town.procedure("rendez-vous-elu"), town.agent("accueil", "manager")
    )
    done = share.converge()
    assert done["changes"] == []
    assert len(done["failed_changes"]) == 2
    assert all("interface" in one["error"] for one in done["failed_changes"])
    with scope(town):
        assert Agent.objects.get(email=f"accueil@{town.domain}").role == "reader"
        assert Procedure.objects.get(slug="rendez-vous-elu").current is None


def test_a_desk_that_moves_leads_from_its_old_name_to_its_new(
    share, town, fill_in, last_request, browse
):
    share.converge()
    fill_in(town)
    _, secret = last_request(town)
    old, visitor = town.host, browse(town)
    town.host = f"guichet.{town.domain}"
    town.desk = f"desk:{town.host}"
    share.declare(town, *town.all())
    assert actions(share.converge(check=True)) == [("rename", "desk")]
    assert actions(share.converge()) == [("rename", "desk")]
    assert share.converge()["changes"] == []
    answer = visitor.get(f"/suivi/{secret}/", HTTP_HOST=old)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{town.host}/suivi/{secret}/"
    assert browse(town).get(f"/suivi/{secret}/").status_code == 200


def test_a_host_name_of_another_town_is_not_taken(share, town):
    share.converge()
    thief = Town("voleur")
    stolen = [(address.replace(thief.host, town.host), body) for address, body in thief.all()]
    share.declare(town)
    del share.lines[town.siren]
    share.declare(thief, *stolen)
    done = share.converge()
    assert done["changes"] == []
    assert all(town.siren in one["error"] for one in done["failed_changes"])


def test_a_banner_is_shown_with_its_text(share, town, browse):
    banner = {"sha256": picture(share), "alt": 'La place "haute"'}
    share.declare(town, (town.desk, {**town.body, "banner": banner}))
    assert share.converge()["failed_changes"] == []
    visitor = browse(town)
    assert 'alt="La place &quot;haute&quot;"' in visitor.get("/").text
    answer = visitor.get("/banniere")
    assert answer.headers["Content-Type"] == "image/png"
    assert hashlib.sha256(answer.content).hexdigest() == banner["sha256"]


@pytest.mark.parametrize("case", ["absent", "other", "svg", "large"])
def test_a_banner_that_cannot_be_shown_fails_alone(share, town, case):
    digest = picture(share) if case == "other" else "0" * 64
    if case == "other":
        (share.assets / digest).write_bytes(b"\x89PNG\r\n\x1a\n other")
    if case in ("svg", "large"):
        content = b"<svg/>" if case == "svg" else b"\x89PNG\r\n\x1a\n" + b"0" * 600_000
        digest = hashlib.sha256(content).hexdigest()
        (share.assets / digest).write_bytes(content)
    good = Town("labastide")
    share.declare(good, *good.all())
    body = {**town.body, "banner": {"sha256": digest, "alt": "x"}}
    share.declare(town, (town.desk, body), town.procedure())
    done = share.converge()
    assert {one["siren"] for one in done["changes"]} == {good.siren}
    errors = {one["address"]: one["error"] for one in done["failed_changes"]}
    assert "banner" in errors[town.desk]
    assert set(errors) == {town.desk, town.procedure()[0]}


def test_colours_reach_the_page_by_a_style_sheet_of_their_own(share, town, browse):
    share.declare(town, (town.desk, {**town.body, "colours": {"primary": "#5b2a86"}}))
    share.converge()
    visitor = browse(town)
    assert "#5b2a86" in visitor.get("/couleurs.css").text
    assert "#5b2a86" not in visitor.get("/").text


def test_a_procedure_that_is_none_takes_nothing_from_the_others(share, town):
    good = Town("souillac")
    share.declare(good, *good.all())
    bad = ("procedure:" + town.host + "/acte-deces", {"library": "acte-decess"})
    share.declare(town, *town.all(), bad)
    done = share.converge()
    assert [one["address"] for one in done["failed_changes"]] == [bad[0]]
    assert len(done["changes"]) == 12
    assert share.converge()["changes"] == []


def test_a_link_leads_out_and_a_sheet_is_shown(share, town, browse):
    link = {"type": "link", "title": "Urbanisme", "url": "https://urbanisme.exemple.fr/"}
    sheet = {"type": "sheet", "title": "Je déménage", "sheet": "F14128"}
    share.declare(
        town,
        (town.desk, town.body),
        town.procedure("urbanisme", definition=link),
        town.procedure("demenager", definition=sheet),
    )
    assert share.converge()["failed_changes"] == []
    visitor = browse(town)
    assert visitor.get("/demarches/urbanisme/").headers["Location"] == link["url"]
    assert "F14128" in visitor.get("/demarches/demenager/").text
    assert visitor.post("/demarches/demenager/commencer").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"format": 1, "service": "desk"}\n[]', '{"format": 1, "service": "web"}'],
)
def test_a_share_that_is_none_is_refused_without_a_traceback(configuration, tmp_path, text):
    file = tmp_path / "desk.jsonl"
    file.write_text(text)
    done = run(configuration, "converge", file, owner=True)
    assert done.returncode != 0
    assert "refused, nothing was touched" in done.stderr
    absent = run(configuration, "converge", tmp_path / "absent", owner=True)
    assert absent.returncode != 0


def test_the_application_cannot_converge(share, town):
    share.converge(check=True)
    done = run(share.configuration, "converge", share.file, "--scope", town.siren)
    result = json.loads(done.stdout)
    assert result["changes"] == []
    assert all("ProgrammingError" in one["error"] for one in result["failed_changes"])


def test_two_runs_at_once_take_turns(share, town):
    results = []
    share.converge(check=True)

    def go():
        done = run(share.configuration, "converge", share.file, "--scope", town.siren, owner=True)
        results.append(len(json.loads(done.stdout)["changes"]))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == [0, 6]


def test_a_new_edition_of_the_library_is_a_change(share, town, scope, monkeypatch):
    from guichet.models import Procedure

    share.converge()
    with scope(town):
        row = Procedure.objects.get(slug="acte-naissance")
        older = {**row.current.definition, "title": "Ancien titre"}
    share.declare(
        town,
        *[one for one in town.all() if "acte-naissance" not in one[0]],
        town.procedure("acte-naissance", definition=older),
    )
    assert actions(share.converge()) == [("update", "procedure")]
    share.declare(town, *town.all())
    (change,) = share.converge()["changes"]
    assert change["before"]["digest"] != change["after"]["digest"]
    with scope(town):
        row.refresh_from_db()
        assert row.current.number == 3
