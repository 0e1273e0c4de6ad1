# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands as people and CI meet them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import pty
import subprocess
import sys

import dns.zone
import icalendar
import pytest
from fake_gandi import FakeGandi
from fake_rdap import FakeRdap
from registrar_server import serving
from registrar_town import CHARTER, bastide, environment, make_town

from bastide.journal import Journal

pytestmark = pytest.mark.slow

NOW = dt.datetime.now(dt.UTC)
SECRET = "k9+authinfo"


def in_days(days):
    return (NOW + dt.timedelta(days=days)).replace(hour=10)


@pytest.fixture
def gandi():
    imitation = FakeGandi(NOW)
    imitation.hold("albas-46.fr", in_days(100))
    return imitation


@pytest.fixture
def town(gandi, tmp_path):
    with serving(gandi) as url:
        yield make_town(tmp_path / "town", url=url)


@pytest.fixture
def letter(tmp_path):
    file = tmp_path / "lettre.pdf"
    file.write_bytes(b"%PDF-1.7 Monsieur le maire")
    return file


def charter(town):
    return (town / "collectivities/46/albas.yml").read_text(encoding="utf-8")


def everything_written(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


REGISTER = ["register", "libre-46.fr"]
TRANSFER = ["transfer-in", "prise.fr", "--code-file", "code"]


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, ["run"]),
        ({"GITHUB_EVENT_NAME": "pull_request"}, ["run"]),
        ({"GITHUB_EVENT_NAME": "pull_request_target"}, REGISTER),
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, TRANSFER),
    ],
)
def test_no_merge_request_spends_money(town, gandi, variables, arguments):
    gandi.on_step = pytest.fail
    (town / "code").write_text(SECRET)
    done = bastide(town, "registrar", *arguments, **variables)
    assert (done.returncode, "A620" in done.stderr) == (4, True)
    assert gandi.seen == []


def test_a_protected_pipeline_does(town, gandi):
    gandi.names["albas-46.fr"]["expiry"] = in_days(20)
    assert bastide(town, "registrar", "run", CI_PIPELINE_SOURCE="schedule").returncode == 0
    assert len(gandi.orders) == 1


def test_without_a_ceiling_nothing_is_ordered(gandi, tmp_path):
    with serving(gandi) as url:
        town = make_town(tmp_path / "town", url=url, ceiling=None)
        done = bastide(town, "registrar", "run")
        assert (done.returncode, "A621" in done.stderr) == (4, True)
        assert bastide(town, "registrar", "run", "--check").returncode == 0
    assert gandi.orders == []


@pytest.mark.parametrize(("asked", "orders"), [("11,99", 0), ("12.00", 1), ("900", 1)])
def test_a_ceiling_of_the_command_only_lowers_that_of_the_platform(town, gandi, asked, orders):
    gandi.names["albas-46.fr"]["expiry"] = in_days(20)
    gandi.price = 12.0 if asked != "900" else 15.0
    bastide(town, "registrar", "run", "--price-ceiling", asked)
    assert len(gandi.orders) == orders


@pytest.mark.parametrize("asked", ["ten", "nan"])
def test_a_ceiling_that_is_no_amount_is_wrong_usage(town, asked):
    assert bastide(town, "registrar", "run", f"--price-ceiling={asked}").returncode == 2


def test_a_notice_is_a_day_and_a_digest_in_the_charter_and_comments_stay(town, letter):
    done = bastide(
        town, "registrar", "notice", "albas-46.fr", "--file", letter,
        "--received-on", "2026-11-02", "--channel", "registered",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    digest = hashlib.sha256(letter.read_bytes()).hexdigest()
    text = charter(town)
    assert f"evidence: sha256:{digest}" in text
    assert "# son premier nom" in text
    assert "maire\n" not in text
    assert bastide(town, "fmt", "--check").returncode in {0, 1}
    assert bastide(town, "validate").returncode == 0
    (renewal,) = renewals(town, "albas-46.fr")
    assert (renewal["decision"], renewal["state"]) == ("lapse", "lapse_noted")
    back = bastide(
        town, "registrar", "notice", "albas-46.fr", "--file", letter, "--kind", "withdrawal"
    )
    assert back.returncode == 0, back.stderr
    assert renewals(town, "albas-46.fr")[0]["decision"] == "pending"


def renewals(town, *domains):
    done = bastide(town, "renewals", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["renewals"]
    return [one for one in found if not domains or one["domain"] in domains]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["--received-on", "2096-01-01"], 1, "R564"),
        (["--kind", "withdrawal"], 1, "R562"),
        (["--received-on", "2026-02-30"], 2, ""),
    ],
)
def test_a_notice_that_a_rule_refuses_is_not_written(town, letter, arguments, status, code):
    done = bastide(town, "registrar", "notice", "albas-46.fr", "--file", letter, *arguments)
    assert (done.returncode, code in done.stderr) == (status, True), done.stderr
    assert charter(town) == CHARTER


def test_a_letter_in_the_repository_or_nowhere_is_refused(town, letter):
    inside = town / "lettre.pdf"
    inside.write_bytes(letter.read_bytes())
    for file, code in ((inside, "C861"), (town.parent / "none.pdf", "C862"), (town.parent, "C862")):
        done = bastide(town, "registrar", "notice", "albas-46.fr", "--file", file)
        assert (done.returncode, code in done.stderr) == (1, True), done.stderr
    done = bastide(town, "registrar", "notice", "cahors.fr", "--file", letter)
    assert (done.returncode, "C860" in done.stderr) == (1, True)
    assert charter(town) == CHARTER


def test_a_deliberation_is_recorded_beside(town, letter):
    done = bastide(
        town, "registrar", "deliberation", "libre-46.fr", "--file", letter,
        "--about", "registration", "--adopted-on", "2026-09-24",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "adopted_on: 2026-09-24" in charter(town)
    assert bastide(town, "validate").returncode == 0


def test_a_name_is_registered_for_the_collectivity(town, gandi):
    done = bastide(town, "registrar", "register", "libre-46.fr")
    assert done.returncode == 0, done.stderr
    again = bastide(town, "registrar", "register", "libre-46.fr")
    assert (again.returncode, "A631" in again.stderr) == (1, True)
    gandi.settle()
    owner = gandi.names["libre-46.fr"]["owner"]
    assert (owner["orgname"], owner["siren"], owner["email"]) == (
        "Commune d'Albas",
        "214600017",
        "mairie@albas-46.fr",
    )
    assert (owner["given"], owner["family"], owner["zip"]) == ("Mairie", "Albas", "46140")
    assert len(gandi.orders) == 1


def test_a_name_that_no_charter_declares_is_not_bought(town, gandi):
    gandi.on_step = pytest.fail
    for domain in ("cahors-46.fr", "prise.fr", "info46.com"):
        done = bastide(town, "registrar", "register", domain)
        assert (done.returncode, "A628" in done.stderr) == (1, True)


def test_a_transfer_code_is_written_nowhere(town, gandi, tmp_path):
    code = tmp_path / "code"
    code.write_text("wrong+46\n")
    refused = bastide(town, "registrar", "transfer-in", "prise.fr", "--code-file", code)
    assert (refused.returncode, "A611" in refused.stderr) == (1, True)
    code.write_text(f"{SECRET}\n")
    done = bastide(town, "registrar", "transfer-in", "prise.fr", "--code-file", code)
    assert done.returncode == 0, done.stderr
    said = refused.stdout + refused.stderr + done.stdout + done.stderr
    written = everything_written(town)
    for secret in (SECRET, "wrong+46"):
        assert secret not in said
        assert secret.encode() not in written
    gandi.settle()
    assert "prise.fr" in gandi.names


def test_without_a_code_and_without_a_terminal_nothing_is_ordered(town, gandi):
    gandi.on_step = pytest.fail
    assert bastide(town, "registrar", "transfer-in", "prise.fr").returncode != 0


def test_missing_credentials_name_the_variable_and_other_names_go_on(town):
    done = bastide(town, "renewals", GANDI_PERSONAL_ACCESS_TOKEN="")
    assert done.returncode == 0
    assert "GANDI_PERSONAL_ACCESS_TOKEN" in done.stdout


def test_credentials_may_lie_in_a_file(town, gandi, tmp_path):
    kept = tmp_path / "gandi.env"
    kept.write_text(
        f"# jeton\nGANDI_PERSONAL_ACCESS_TOKEN='{environment()['GANDI_PERSONAL_ACCESS_TOKEN']}'\n"
    )
    platform = town / "inventory/lab/platform.yml"
    text = platform.read_text().replace("/v5'}", f"/v5', credentials_file: {kept}}}")
    platform.write_text(text)
    done = bastide(town, "renewals", "--format", "json", GANDI_PERSONAL_ACCESS_TOKEN="")
    expiries = [one["expiry"] for one in json.loads(done.stdout)["renewals"]]
    assert str(in_days(100).date()) in expiries


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("C.UTF-8", ["To be decided", "a letter may still come", "auto-renew is off"]),
        ("fr_FR.UTF-8", ["À décider", "une lettre peut encore arriver", "automatique coupé"]),
    ],
)
def test_renewals_say_what_to_decide_and_by_when(town, locale, words):
    done = bastide(town, "renewals", locale=locale)
    for word in words:
        assert word in done.stdout, done.stdout
    assert "albas-46.fr" in done.stdout
    assert bastide(town, "renewals", "--detailed-exitcode").returncode == 3


def test_a_name_that_the_operator_holds_is_told_before_it_is_paid_for(town, gandi):
    gandi.hold("albas-46.fr", in_days(40), orgname="CDG 46")
    assert "held by the operator (CDG 46)" in bastide(town, "renewals").stdout


def test_the_calendar_is_read_by_a_calendar_and_has_the_days_that_count(town, gandi, tmp_path):
    file = tmp_path / "noms.ics"
    assert bastide(town, "renewals", "--ics", file, locale="fr_FR.UTF-8").returncode == 0
    raw = file.read_bytes()
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    calendar = icalendar.Calendar.from_ical(raw)
    assert calendar.errors == []
    events = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
    assert [e.errors for e in events.values()] == [[]] * len(events)
    term = in_days(100).date()
    deadline = events[f"albas-46.fr-{term:%Y%m%d}-deadline@bastide"]
    assert deadline["DTSTART"].dt == renewal_deadline(town)
    assert "dernier jour de préavis" in str(deadline["SUMMARY"])
    assert events[f"albas-46.fr-{term:%Y%m%d}-expiry@bastide"]["DTSTART"].dt == term
    assert len(deadline.walk("VALARM")) == 1
    # Written again, events keep their names: a calendar moves them and does not double them.
    bastide(town, "renewals", "--ics", file)
    again = icalendar.Calendar.from_ical(file.read_bytes())
    assert {str(e["UID"]) for e in again.walk("VEVENT")} == set(events)


def renewal_deadline(town):
    return dt.date.fromisoformat(renewals(town, "albas-46.fr")[0]["deadline"])


def test_a_registrar_that_contradicts_the_registry_comes_first(gandi, tmp_path):
    registry = FakeRdap()
    registry.names["albas-46.fr"] = f"{in_days(90):%Y-%m-%dT%H:%M:%SZ}"
    with serving(gandi) as url, serving(registry) as other:
        town = make_town(tmp_path / "town", url=url, rdap=other)
        (found,) = renewals(town, "albas-46.fr")
        text = bastide(town, "renewals").stdout
    assert (found["decision"], found["state"]) == ("conflict", "conflict")
    assert text.index("Now") < text.index("albas-46.fr")
    assert "terms contradict each other" in text


def test_names_are_suggested_with_what_afnic_keeps_for_the_commune(town):
    done = bastide(town, "registrar", "available", "--for", "albas")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("albas-46.fr")
    assert "of this charter" in lines[0]
    assert any(line.startswith("mairie-albas.fr  free  12.00 €") for line in lines)
    assert "INSEE code 46001" in done.stdout
    assert bastide(town, "registrar", "available", "prise.fr").stdout == "prise.fr  taken\n"
    for wrong in ([], ["albas"], ["a.fr", "--for", "albas"]):
        assert bastide(town, "registrar", "available", *wrong).returncode in {1, 2}


def test_leaving_is_a_folder_with_a_zone_that_is_one_and_no_secret(town, tmp_path):
    folder = tmp_path / "depart"
    done = bastide(town, "registrar", "transfer-out", "albas-46.fr", "--to", folder)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in folder.iterdir()) == [
        "LISEZMOI.md",
        "albas-46.fr.zone",
        "dates.json",
    ]
    zone = dns.zone.from_text((folder / "albas-46.fr.zone").read_text(), "albas-46.fr.")
    assert zone.get_rdataset("@", "NS") is not None
    steps = (folder / "LISEZMOI.md").read_text(encoding="utf-8")
    assert str(in_days(100).date()) in steps
    assert b"+secret" not in everything_written(folder)
    again = bastide(town, "registrar", "transfer-out", "albas-46.fr", "--to", folder)
    assert (again.returncode, "C863" in again.stderr) == (1, True)


def test_the_code_for_leaving_is_shown_on_a_terminal_only(town):
    piped = bastide(town, "registrar", "transfer-out", "albas-46.fr", "--code")
    assert piped.returncode == 2
    assert "+secret" not in piped.stdout + piped.stderr
    shown = on_a_terminal(town, "registrar", "transfer-out", "albas-46.fr", "--code")
    assert "albas-46.fr+secret" in shown
    assert b"+secret" not in everything_written(town)


def on_a_terminal(town, *arguments, typed=""):
    """What the command shows on a terminal, where `typed` is typed."""
    outer, inner = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bastide", *arguments],
        cwd=town,
        env=environment(),
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    ) as process:
        os.close(inner)
        shown = b""
        while True:
            try:
                piece = os.read(outer, 4096)
            except OSError:  # EIO: nobody has the terminal open any more
                break
            if not piece:
                break
            shown += piece
            # The prompt throws away what was typed before it.
            if typed and shown.endswith(b"code: "):
                os.write(outer, f"{typed}\n".encode())
                typed = ""
        process.wait()
    os.close(outer)
    return shown.decode().strip()


def test_a_code_is_asked_for_without_showing_it(town, gandi):
    shown = on_a_terminal(town, "registrar", "transfer-in", "prise.fr", typed=SECRET)
    assert "Authorisation code" in shown
    assert SECRET not in shown
    assert len(gandi.orders) == 1
    assert SECRET.encode() not in everything_written(town)


def test_an_apply_that_was_killed_is_not_hidden_by_an_order_after_it(town, gandi):
    gandi.names["albas-46.fr"]["expiry"] = in_days(20)
    journal = Journal(town / ".bastide/lab/journal.jsonl")
    journal.append("begin", {"plan": "sha256:0", "who": "agent@cdg46"})
    assert bastide(town, "registrar", "run").returncode == 0
    events = [entry.data["event"] for entry in journal.entries()]
    assert events == ["begin", "interrupted", "order-intended", "order-concluded"]


def test_with_a_journal_that_was_altered_nothing_is_ordered(town, gandi):
    gandi.names["albas-46.fr"]["expiry"] = in_days(20)
    journal = Journal(town / ".bastide/lab/journal.jsonl")
    journal.append("unchanged", {"who": "agent@cdg46"})
    altered = journal.path.read_text().replace("agent", "autre")
    journal.path.write_text(altered)
    done = bastide(town, "registrar", "run")
    assert (done.returncode, "J901" in done.stderr) == (1, True)
    assert gandi.orders == []


def test_every_order_is_in_the_audit_of_its_collectivity(town, gandi):
    gandi.names["albas-46.fr"]["expiry"] = in_days(20)
    bastide(town, "registrar", "run")
    audit = bastide(town, "audit", "albas")
    assert "registration:albas-46.fr" in audit.stdout
    assert "collectivities/46/albas.yml:7" in audit.stdout


@pytest.mark.parametrize("command", [["renewals"], ["registrar", "run"]])
def test_the_lab_as_it_comes_asks_nobody(tmp_path, command):
    town = make_town(tmp_path / "town")
    platform = town / "inventory/lab/platform.yml"
    platform.write_text(platform.read_text().partition("registrars:")[0])
    done = bastide(town, *command)
    assert done.returncode in {0, 4}
    assert "term unknown" in done.stdout or "A621" in done.stderr
