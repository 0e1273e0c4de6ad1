# SPDX-License-Identifier: GPL-3.0-or-later
"""The command with zones at Cloudflare: plan, apply, drift, and what goes wrong on the way."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess

import pytest
from cloudflare_fake import TOKEN
from cloudflare_record_rules import Refused
from cloudflare_repository import CAHORS_FILE, FIGEAC_FILE, PLATFORM, Repository
from cloudflare_server import Dropped

pytestmark = pytest.mark.slow

BATCH = re.compile(r"POST /zones/[0-9a-f]+/dns_records/batch")


@pytest.fixture
def repository(tmp_path, url):
    return Repository(tmp_path, url)


@pytest.fixture
def settled(repository, fake):
    repository.run("apply")
    fake.seen.clear()
    return repository


def test_plan_then_apply_then_nothing_is_left_to_do(repository, fake):
    text = repository.run("plan", "--out", "plan.json")
    assert f"+ zone:cahors.fr                                214600421\n    {CAHORS_FILE}:4" in text
    assert re.search(
        rf"\+ rrset:plan\.cahors\.fr\./A +3600 192\.0\.2\.7\n    {CAHORS_FILE}:6", text
    )
    assert fake.writes() == []
    repository.run("plan", "--detailed-exitcode", code=3)
    repository.run("apply", "plan.json")
    assert fake.records("cahors.fr")["plan.cahors.fr", "A"] == ["192.0.2.7"]
    assert {one["ascii"] for one in fake.zones.values()} == {"cahors.fr", "figeac.fr", "info46.com"}
    assert repository.run("plan", "--detailed-exitcode").startswith("No change.")
    assert repository.run("drift") == "0 differences\n"
    assert "rrset:plan.cahors.fr./A  cloudflare" in repository.run("audit", "46/cahors")
    assert TOKEN.encode() not in repository.told_to_disk()


def test_drift_is_one_request_for_each_zone_and_tells_what_differs(settled, fake):
    [plan] = [
        one for one in fake.zone("cahors.fr")["records"].values() if one["name"] == "plan.cahors.fr"
    ]
    plan["content"] = "192.0.2.66"
    fake.add(
        fake.zone("figeac.fr"), {"type": "A", "name": "nas", "content": "192.0.2.8", "ttl": 60}
    )
    told = settled.run("drift", code=3)
    assert "rrset:plan.cahors.fr./A (cloudflare): differs: 3600 192.0.2.66 ≠ 3600 192.0.2.7" in told
    assert "cloudflare: rrset:nas.figeac.fr./A: it does not bear Bastide's mark" in told
    assert "2 differences" in told
    assert len(fake.seen) == 1 + len(fake.zones)


def test_a_refused_record_is_told_with_its_line_and_cloudflares_words(repository, fake):
    repository.run("apply")
    fake.quota = len(fake.zone("cahors.fr")["records"])
    more = "      - {name: t, type: TXT, content: one too many}\n"
    repository.edit(CAHORS_FILE, "    records:\n", f"    records:\n{more}")
    told = repository.run("apply", code=1)
    assert (
        f"{CAHORS_FILE}:6:1: error A523: cloudflare could not create rrset:t.cahors.fr./TXT" in told
    )
    assert "Record quota exceeded. (81045)" in told
    assert fake.records("cahors.fr")["plan.cahors.fr", "A"] == ["192.0.2.7"]


def test_keys_that_mail_hosts_make_in_a_run_are_published_by_it(repository, fake):
    note = repository.folder / "note"
    repository.environment["HOSTS_NOTE"] = str(note)
    assert re.search(r"b2026\._domainkey\.cahors\.fr\./TXT +\(known once", repository.run("plan"))
    early = []
    fake.on_request = lambda one: early.append(one) if BATCH.match(one) and not note.exists() else 0
    repository.run("apply")
    assert early == []
    [key] = fake.records("cahors.fr")["b2026._domainkey.cahors.fr", "TXT"]
    assert key.startswith('"v=DKIM1; k=rsa; p=AAA')
    assert repository.changes() == {}


def test_a_silent_cloudflare_is_told_with_the_lines_that_wait_and_stops_no_host(repository, fake):
    repository.edit(PLATFORM, "http://127.0.0.1:", "http://127.0.0.1:1")
    told = repository.run("apply", code=1)
    assert f"{PLATFORM}: error A524: cloudflare (dns) is " in told
    assert re.search(
        rf"{FIGEAC_FILE}:\d+:1: error A525: zone:figeac\.fr waits for cloudflare", told
    )
    assert fake.seen == []


def test_without_its_token_cloudflare_counts_as_silent(repository):
    repository.environment["CLOUDFLARE_TEST"] = ""
    assert "environment variable CLOUDFLARE_TEST is not set" in repository.run("plan", code=1)


def test_a_plan_whose_zones_have_moved_is_refused(repository, fake):
    repository.run("plan", "--out", "plan.json")
    repository.run("apply", "--only", "46/figeac")
    before = dict(fake.zones)
    assert "A521" in repository.run("apply", "plan.json", code=1)
    assert fake.zones == before


def test_only_and_since_touch_no_other_zone(repository, fake):
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=repository.folder, check=True)
    repository.edit(FIGEAC_FILE, "192.0.2.7", "192.0.2.8")
    assert {one.split("figeac.fr")[1] for one in repository.changes("--since", "HEAD")}
    repository.run("apply", "--only", "46/figeac")
    assert {one["ascii"] for one in fake.zones.values()} == {"figeac.fr"}


def test_the_limits_hold_for_records_at_cloudflare_too(repository, fake):
    many = "".join(
        f"      - {{name: h{number}, type: A, content: 192.0.2.7}}\n" for number in range(30)
    )
    charter = (repository.folder / CAHORS_FILE).read_text("utf-8")
    repository.edit(CAHORS_FILE, "    records:\n", f"    records:\n{many}")
    repository.run("apply")
    repository.write(CAHORS_FILE, charter)
    assert "LIMIT" in repository.run("plan")
    before = fake.records("cahors.fr")
    assert "A522" in repository.run("apply", code=4)
    assert fake.records("cahors.fr") == before


def test_a_retired_domain_counts_once_and_its_zone_stays(settled, fake):
    settled.edit(
        CAHORS_FILE, "    records:\n      - {name: plan, type: A, content: 192.0.2.7}\n", ""
    )
    settled.edit(CAHORS_FILE, "  cahors.fr:\n", "  cahors.fr: {state: retired}\n")
    settled.edit(CAHORS_FILE, "site: {kind: holding, domain: www.cahors.fr}\n", "")
    settled.edit(CAHORS_FILE, "mail:\n  accounts:\n    mairie@cahors.fr:\n", "")
    assert "- zone:cahors.fr" in settled.run("plan")
    settled.run("apply")
    assert fake.records("cahors.fr") == {}
    assert not any(one.startswith("DELETE") for one in fake.seen)
    assert settled.changes() == {}


def test_what_will_fail_is_said_in_the_plan(repository, fake):
    fake.add_zone("cahors.fr", [{"type": "CNAME", "name": "plan", "content": "old.example.org"}])
    plan = repository.run("plan")
    assert "Will fail:" in plan
    assert f"a CNAME record of this name is left alone  [{CAHORS_FILE}:6]" in plan
    assert "rrset:plan.cahors.fr./CNAME (cloudflare): it does not bear Bastide's mark" in plan


def test_a_taken_over_record_is_shown_as_such_in_both_languages(repository, fake):
    fake.add_zone("cahors.fr", [{"type": "A", "name": "plan", "content": "192.0.2.7", "ttl": 3600}])
    assert "3600 192.0.2.7 (not written by Bastide) → 3600 192.0.2.7" in repository.run("plan")
    repository.environment["LC_ALL"] = "fr_FR.UTF-8"
    assert "3600 192.0.2.7 (écrit hors de Bastide) → 3600 192.0.2.7" in repository.run("plan")


def steps_of_an_apply(fake):
    return len(fake.writes())


@pytest.mark.parametrize("goes_on", [True, False], ids=["request goes on", "request is cut"])
@pytest.mark.parametrize("step", [0, 1, 5, 8])
def test_an_apply_killed_at_any_write_is_taken_up_and_nothing_is_made_twice(
    step, goes_on, repository, fake
):
    writes = itertools.count()
    running = []

    def kill(request):
        if not request.startswith("GET") and next(writes) == step:
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()
            if not goes_on:
                raise Dropped

    fake.on_request = kill
    running.append(repository.start("apply"))
    running[0].communicate(timeout=120)
    assert running[0].returncode == -signal.SIGKILL
    fake.on_request = lambda _request: None
    repository.run("apply")
    assert {one["ascii"] for one in fake.zones.values()} == {"cahors.fr", "figeac.fr", "info46.com"}
    for name in ("cahors.fr", "figeac.fr"):
        found = fake.zone(name)["records"].values()
        assert len({(one["name"], one["type"], one["content"]) for one in found}) == len(found)
        assert fake.zone(name)["dnssec"]["status"] == "pending"
    assert repository.changes() == {}
    journal = (repository.folder / ".bastide" / "lab" / "journal.jsonl").read_text()
    assert "interrupted" in journal


def test_a_limit_of_requests_is_waited_out_by_the_command(repository, fake):
    fake.limit, fake.window = 4, 1
    repository.run("apply")
    assert len(fake.zones) == 3
    assert repository.changes() == {}


def test_a_refused_zone_leaves_the_others(repository, fake):
    fake.faults["POST /zones"] = Refused(400, 1105, "You may not create new zones")
    told = repository.run("apply", code=1)
    assert f"{CAHORS_FILE}:4:1: error A523: cloudflare could not create zone:cahors.fr" in told
    assert "You may not create new zones (1105)" in told
    assert {one["ascii"] for one in fake.zones.values()} == {"figeac.fr", "info46.com"}
