# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of a stack do to a zone, through Automation API and the imitation of `pulumi`."""

import json
import os
import socket
import subprocess
import sys

import pytest
from pulumi_cloud import Refused
from stack_graphs import ACCOUNT, SIREN, line

from bastide.targets.pulumi.found import Found, found_zone
from bastide.targets.pulumi.stacks import Stacks

pytestmark = pytest.mark.slow

A = {"name": "www", "type": "A", "rdata": ["192.0.2.7"]}
AAAA = {"name": "www", "type": "AAAA", "rdata": ["2001:db8::7"]}
CNAME = {"name": "www", "type": "CNAME", "rdata": ["site.info46.com."]}
MX = {"type": "MX", "rdata": ["10 mail.info46.com.", "20 mail2.info46.com."]}


@pytest.fixture
def apply(setup, inline, cloud):
    """Plan one line, converge exactly that; what was planned must be what was done."""

    def run(one, look=None, expect=None):
        zones = Stacks(setup, look, run=inline)
        seen = zones.observe([one], {})
        made = zones.converge(expect or seen.data["digest"])
        return seen, made

    return run


@pytest.fixture
def look(cloud):
    """What is in the cloud, as the direct adapter would list it."""

    def found(domain):
        for zone_id, zone in cloud.data["zones"].items():
            if zone["name"] == domain:
                records = [
                    {"comment": None, "proxied": False, **one, "id": number}
                    for number, one in zone["records"].items()
                ]
                return found_zone(domain, {**zone, "id": zone_id}, records)
        return Found()

    return found


def done(cloud, since):
    """The writing calls since a point: action, and what of which name."""
    return [(action, name) for action, _, name in cloud.calls[since:]]


def changes(result):
    return [(c["action"], c["address"]) for c in result.data["changes"]]


def test_another_value_is_one_change_in_place(apply, cloud):
    apply(line(A))
    since = len(cloud.calls)
    seen, made = apply(line({**A, "rdata": ["192.0.2.8"]}))
    assert seen.data["changes"] == [
        {
            "action": "update",
            "address": "rrset:www.cahors.fr./A",
            "siren": SIREN,
            "before": {"ttl": 3600, "rdata": ["192.0.2.7"]},
            "after": {"ttl": 3600, "rdata": ["192.0.2.8"]},
        }
    ]
    assert made.data["changes"] == seen.data["changes"]
    assert done(cloud, since) == [("update", "www.cahors.fr")]


def test_a_set_that_grows_and_shrinks_touches_one_record_each_time(apply, cloud):
    apply(line({**MX, "rdata": MX["rdata"][:1]}))
    since = len(cloud.calls)
    seen, made = apply(line(MX))
    assert (seen.failed, made.failed) == ([], [])
    assert changes(made) == [("update", "rrset:cahors.fr./MX")]
    apply(line({**MX, "rdata": MX["rdata"][1:]}))
    assert done(cloud, since) == [("create", "cahors.fr"), ("delete", "cahors.fr")]
    assert cloud.records("cahors.fr") == [("MX", "cahors.fr", "mail2.info46.com")]


def test_a_cname_and_addresses_take_each_others_place(apply, cloud):
    """Cloudflare refuses one beside the other, and Pulumi would create first."""
    apply(line(CNAME))
    since = len(cloud.calls)
    seen, made = apply(line(A, AAAA))
    assert made.failed == []
    assert done(cloud, since)[0] == ("delete", "www.cahors.fr")
    assert (
        changes(seen)
        == changes(made)
        == [
            ("create", "rrset:www.cahors.fr./A"),
            ("create", "rrset:www.cahors.fr./AAAA"),
            ("delete", "rrset:www.cahors.fr./CNAME"),
        ]
    )
    since = len(cloud.calls)
    seen, made = apply(line(CNAME))
    assert made.failed == []
    assert [action for action, _ in done(cloud, since)] == ["delete", "delete", "create"]
    assert cloud.records("cahors.fr") == [("CNAME", "www.cahors.fr", "site.info46.com")]


def test_a_zone_that_left_its_charter_is_left_alone_and_a_retired_one_loses_its_records(
    apply, cloud
):
    apply(line(A))
    since = len(cloud.calls)
    gone = line(domains=[], resources=[])
    seen, _ = apply(gone)
    assert changes(seen) == []
    assert seen.left_alone == [{"address": "zone:cahors.fr", "siren": SIREN, "why": "domain-gone"}]
    assert done(cloud, since) == []
    seen, _ = apply({**gone, "retired_domains": ["cahors.fr"]})
    assert changes(seen) == [("delete", "rrset:www.cahors.fr./A")]
    assert done(cloud, since) == [("delete", "www.cahors.fr")]
    assert cloud.records("cahors.fr") == []


def make_by_hand(cloud, *records):
    zone = {"name": "cahors.fr", "account": {"id": ACCOUNT}, "type": "full"}
    zone_id = cloud.make("Zone", zone)
    for kind, name, content, more in records:
        record = {"zoneId": zone_id, "name": name, "type": kind, "ttl": 3600, "content": content}
        cloud.make("DnsRecord", record | more)
    return len(cloud.calls)


def test_a_zone_that_is_as_declared_is_taken_over_without_a_writing_call_to_its_records(
    apply, cloud, look
):
    mark = {"comment": f"bastide:{SIREN}"}
    since = make_by_hand(cloud, ("A", "www.cahors.fr", "192.0.2.7", mark))
    seen, made = apply(line(A), look)
    assert made.failed == []
    assert changes(seen) == [("update", "zone:cahors.fr")]
    assert seen.data["changes"][0]["after"]["settings"] == {"dnssec": "on"}
    assert [kind for _, kind, _ in cloud.calls[since:]] == ["ZoneDnssec"]
    assert changes(apply(line(A), look)[0]) == []


def test_a_zone_that_differs_is_taken_over_without_a_loss(apply, cloud, look):
    since = make_by_hand(
        cloud,
        ("A", "www.cahors.fr", "198.51.100.9", {"ttl": 1}),
        ("TXT", "cahors.fr", '"somebody else\'s"', {}),
        ("MX", "cahors.fr", "mail.info46.com", {"priority": 10}),
        ("MX", "cahors.fr", "old.example.fr", {"priority": 50}),
    )
    seen, made = apply(line(A, {**MX, "rdata": MX["rdata"][:1]}), look)
    assert (seen.failed, made.failed) == ([], [])
    assert changes(seen) == [
        ("update", "rrset:cahors.fr./MX"),
        ("update", "rrset:www.cahors.fr./A"),
        ("update", "zone:cahors.fr"),
    ]
    assert {"address": "rrset:cahors.fr./TXT", "siren": SIREN, "why": "unmarked"} in seen.left_alone
    actions = [action for action, kind, _ in cloud.calls[since:] if kind == "DnsRecord"]
    assert sorted(actions) == ["delete", "update", "update"]
    assert cloud.records("cahors.fr") == [
        ("A", "www.cahors.fr", "192.0.2.7"),
        ("MX", "cahors.fr", "mail.info46.com"),
        ("TXT", "cahors.fr", '"somebody else\'s"'),
    ]


def test_a_refused_record_is_named_stops_no_other_and_is_taken_up_by_the_next_run(
    apply, cloud, look
):
    apply(line(A))
    zone_id = next(iter(cloud.data["zones"]))
    other = {
        "zoneId": zone_id,
        "name": "plan.cahors.fr",
        "type": "TXT",
        "ttl": 60,
        "content": '"x"',
    }
    cloud.make("DnsRecord", other)
    plan = {"name": "plan", "type": "CNAME", "rdata": ["site.info46.com."]}
    _, made = apply(line(A, AAAA, plan))
    assert [one["address"] for one in made.failed] == ["rrset:plan.cahors.fr./CNAME"]
    assert "81053" in made.failed[0]["error"]
    assert ("AAAA", "www.cahors.fr", "2001:db8::7") in cloud.records("cahors.fr")
    seen, _ = apply(line(A, AAAA, plan))
    assert changes(seen) == [("create", "rrset:plan.cahors.fr./CNAME")]
    assert (cloud.calls[-1][2], seen.failed) == ("plan.cahors.fr", [])


def test_a_stale_digest_touches_nothing(apply, cloud):
    _, made = apply(line(A), expect="sha256:0")
    assert made.stale
    assert cloud.calls == []


def lock_of(setup, pid, host):
    folder = setup.home.parent / "stacks/.pulumi/locks/organization/bastide-dns" / SIREN
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "pid": pid,
        "username": "root",
        "hostname": host,
        "timestamp": "2026-11-28T09:00:00Z",
    }
    (folder / "a.json").write_text(json.dumps(content), "utf-8")
    return folder / "a.json"


def dead_pid():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_the_lock_of_a_killed_run_of_ours_goes_and_any_other_is_told(apply, setup, cloud):
    apply(line(A))
    wanted = line({**A, "rdata": ["192.0.2.8"]})
    running = setup.interrupted(SIREN)
    for pid, host, marked in (
        (os.getpid(), socket.gethostname(), True),
        (dead_pid(), "elsewhere", True),
        (dead_pid(), socket.gethostname(), False),
    ):
        lock = lock_of(setup, pid, host)
        if marked:
            running.touch()
        _, made = apply(wanted)
        assert [one["address"] for one in made.failed] == [f"stack:{SIREN}"]
        assert f"root@{host} (pid {pid})" in made.failed[0]["error"]
        assert lock.exists()
    running.touch()
    lock = lock_of(setup, dead_pid(), socket.gethostname())
    _, made = apply(wanted)
    assert made.failed == []
    assert not lock.exists()
    assert cloud.records("cahors.fr") == [("A", "www.cahors.fr", "192.0.2.8")]


def test_killed_after_any_call_and_run_again_nothing_is_there_twice(
    apply, setup, inline, cloud, look
):
    wanted = line(A, AAAA, MX)
    kills = 0
    for calls in range(1, 7):
        inline.extra["BASTIDE_IMITATION_CRASH_AFTER"] = str(calls)
        _, made = apply(wanted, look)
        if not made.failed:
            break
        kills += 1
        assert not setup.settled(SIREN).exists()
        # As an engine that was killed leaves it: Automation API saw the end of the command here.
        setup.interrupted(SIREN).touch()
    assert kills > 2
    inline.extra.clear()
    seen, made = apply(wanted, look)
    assert (seen.failed, made.failed) == ([], [])
    assert cloud.records("cahors.fr") == [
        ("A", "www.cahors.fr", "192.0.2.7"),
        ("AAAA", "www.cahors.fr", "2001:db8::7"),
        ("MX", "cahors.fr", "mail.info46.com"),
        ("MX", "cahors.fr", "mail2.info46.com"),
    ]
    assert [name for name in cloud.data["zones"].values() if name["name"] == "cahors.fr"]
    assert changes(apply(wanted, look)[0]) == []


def test_the_imitation_refuses_what_cloudflare_refuses(cloud):
    make_by_hand(cloud, ("A", "www.cahors.fr", "192.0.2.7", {}))
    zone_id = next(iter(cloud.data["zones"]))
    record = {"zoneId": zone_id, "name": "www.cahors.fr", "ttl": 3600}
    for more, code in (
        ({"type": "A", "content": "192.0.2.7"}, "81058"),
        ({"type": "CNAME", "content": "site.info46.com"}, "81053"),
        ({"type": "AAAA", "content": "2001:db8::7", "proxied": True}, "9021"),
    ):
        with pytest.raises(Refused, match=code):
            cloud.make("DnsRecord", record | more)
