# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan grades what is served now and what will be: its own changes, taken back."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bastide.conformity.serving import serving_of
from bastide.fleet import Fleet, Repository, examine
from bastide.plan import conformity
from bastide.plan.conformity import grade_changes
from bastide.plan.plan import Plan, PlannedChange, Unanswered

ROOT = Path(__file__).parents[3]
OPERATOR = 'collectivity: {kind: cdg, siren: "284600012"}\ndomains: {info46.com: {}}\n'
CHARTER = """\
collectivity:
  kind: commune
  siren: "214600421"
  contact: {email: mairie@cahors.fr}
convention: {signed_on: 2026-01-01, modules: [internet]}
domains:
  cahors.fr: {}
  ville-cahors.fr: {redirect_to: "https://www.cahors.fr"}
mail:
  accounts:
    mairie@cahors.fr: {}
site: {kind: cms, domain: www.cahors.fr}
"""
REPORTS = "rua=mailto:dmarc@info46.com"


@pytest.fixture
def fleet(tmp_path, monkeypatch):
    # Each name has a certificate of its own, as by ACME: else a missing page changes nothing.
    for user in (examine, conformity):
        monkeypatch.setattr(user, "serving_of", lambda p: serving_of(p)._replace(https=True))
    for name in ("schemas", "inventory"):
        shutil.copytree(ROOT / name, tmp_path / name)
    # Of the CAA sets that a plan has taken away, none is to be wanted still.
    platform = tmp_path / "inventory" / "lab" / "platform.yml"
    lines = platform.read_text("utf-8").splitlines(keepends=True)
    platform.write_text("".join(line for line in lines if "  caa: " not in line), encoding="utf-8")
    charters = tmp_path / "collectivities" / "46"
    charters.mkdir(parents=True)
    (charters / "cahors.yml").write_text(CHARTER, encoding="utf-8")
    (charters / "cdg46.yml").write_text(OPERATOR, encoding="utf-8")
    found = Fleet(Repository(tmp_path), dt.date(2026, 6, 1))
    assert found.sound, found.diagnostics
    return found


def change(service, address, action="create", before=None, after=None):
    host = {"dns": "ns", "web": "web", "mail": "mail"}[service]
    place = ("46/cahors", service, address, host, action, "214600421", "c.yml", 1, "declared")
    return PlannedChange(*place, before=before, after=after)


def graded(fleet, *changes, unanswered=()):
    plan = Plan("lab", "abc", [], sorted(changes), unanswered=list(unanswered))
    return grade_changes(fleet, plan)


def differences(fleet, *changes, **more):
    [found] = graded(fleet, *changes, **more)
    assert found.collectivity == "46/cahors"
    return {code: tuple(states) for code, states in found.changed.items() if len(code) > 2}


def text(value):
    return {"ttl": 3600, "rdata": [f'"{value}"']}


def test_a_plan_that_changes_nothing_grades_nobody(fleet):
    assert graded(fleet) == []


def test_a_changed_mailbox_changes_no_grade(fleet):
    [found] = graded(fleet, change("mail", "mailbox:x@cahors.fr"))
    assert found.changed == {}
    assert found.before == found.after


def test_a_policy_that_gets_teeth(fleet):
    weak = text(f"v=DMARC1; p=none; {REPORTS}")
    found = differences(
        fleet, change("dns", "rrset:_dmarc.cahors.fr./TXT", "update", weak, text("x"))
    )
    assert found["2.7"] == ("failed", "met")


def test_records_that_are_not_there_yet(fleet):
    found = differences(
        fleet,
        change("dns", "rrset:cahors.fr./TXT"),
        change("dns", "rrset:_dmarc.cahors.fr./TXT"),
        change("dns", "rrset:b2026._domainkey.cahors.fr./TXT"),
    )
    assert found["2.5"] == found["2.6"] == found["2.7"] == ("failed", "met")
    assert "2.4" not in found


def test_a_record_that_is_to_go_was_there_before(fleet):
    # A second SPF beside the right one would be found by the strict mode; the grade of the ANCT,
    # which plans show, takes any.
    second = change("dns", "rrset:cahors.fr./CAA", "delete", {"ttl": 60, "rdata": ['0 issue "a"']})
    assert differences(fleet, second) == {"caa": ("met", "failed")}


def test_a_page_that_is_not_there_yet(fleet):
    found = differences(fleet, change("web", "page:www.cahors.fr"))
    assert found["1.3"] == ("failed", "met")


def test_a_zone_that_is_not_served_yet_leaves_what_was_unknown(fleet):
    found = differences(
        fleet, change("dns", "zone:cahors.fr"), change("dns", "zone:ville-cahors.fr")
    )
    assert found["2.4"] == found["1.3"] == ("unknown", "met")
    one = differences(fleet, change("dns", "zone:cahors.fr"))
    assert one == found
    assert differences(fleet, change("dns", "zone:ville-cahors.fr")) == {}


def test_what_a_silent_server_holds_is_unknown(fleet):
    silent = [Unanswered("ns", "dns", "unreachable", "")]
    found = differences(fleet, change("mail", "mailbox:x@cahors.fr"), unanswered=silent)
    assert found["2.5"] == ("unknown", "met")
    silent = [Unanswered("web", "web", "unreachable", "")]
    found = differences(fleet, change("mail", "mailbox:x@cahors.fr"), unanswered=silent)
    assert found["1.3"] == ("unknown", "met")
    assert "2.5" not in found


def test_what_nobody_declares_is_graded_for_nobody(fleet):
    stray = change("dns", "rrset:x.example.org./A", "delete", {"ttl": 60, "rdata": ["192.0.2.1"]})
    assert differences(fleet, stray) == {}
    unknown = PlannedChange("", "dns", "zone:x.fr", "ns", "delete", "1", "", 0, "unknown")
    assert graded(fleet, unknown) == []
