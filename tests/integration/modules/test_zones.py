# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_zones on a real Knot DNS."""

import pytest
from shares import (
    ALBAS,
    CAHORS,
    OPERATOR,
    SOA,
    by_address,
    collectivity,
    rrset,
    share,
    zone,
)

from unit.model.record_data import NORMAL

pytestmark = pytest.mark.lab

SHARE = "/root/dns.jsonl"
NS_SET = ("NS", "ns1.lab.test.")


def cahors(*more, www="10.46.0.30", soa=None):
    return zone(
        rrset("cahors.fr.", *NS_SET),
        rrset("cahors.fr.", "TXT", '"v=spf1 a -all"', '"quote \\" and ; and \\\\"'),
        rrset("www.cahors.fr.", "A", www),
        rrset("*.cahors.fr.", "AAAA", "2001:db8::1"),
        rrset("_sip._tcp.cahors.fr.", "SRV", "0 5 5060 sip.cahors.fr.", ttl=300),
        rrset("cahors.fr.", "CAA", '0 issue "letsencrypt.org"'),
        *more,
        soa=soa,
    )


def albas(*more):
    return zone(rrset("albas.fr.", *NS_SET), *more)


def town(siren, name, body, **facts):
    resources = {f"zone:{name}": body} if body else {}
    return collectivity(siren, [name], resources, **facts)


CAHORS_NOW = town(CAHORS, "cahors.fr", cahors())
ALBAS_NOW = town(ALBAS, "albas.fr", albas())


def converge(ns, *lines, check_mode=False, diff=False, **args):
    ns.put(SHARE, share("dns", *lines))
    return ns.module("bastide_zones", {"share": SHARE, **args}, check_mode=check_mode, diff=diff)


def served(ns, name, rtype):
    return ns.sh(f"kdig +short @127.0.0.1 {name} {rtype}").split("\n")[:-1]


@pytest.fixture
def two(ns):
    """Cahors and Albas as they are declared, whatever the test before left."""
    ns.sh("systemctl reset-failed knot; systemctl start knot")
    result = converge(ns, CAHORS_NOW, ALBAS_NOW)
    assert result["failed_changes"] == [], result
    return ns


def test_first_run_creates_and_second_changes_nothing(ns):
    plan = converge(ns, CAHORS_NOW, ALBAS_NOW, check_mode=True, diff=True)
    assert served(ns, "www.cahors.fr", "A") == []
    real = converge(ns, CAHORS_NOW, ALBAS_NOW, expect=plan["digest"])
    assert real["failed_changes"] == []
    assert real["changes"] == plan["changes"]
    assert real["digest"] == plan["digest"]
    assert "rrset:www.cahors.fr./A" in plan["diff"]["after"]
    assert by_address(real)["zone:cahors.fr"] == "create"
    assert by_address(real)["rrset:cahors.fr./SOA"] == "create"
    assert served(ns, "www.cahors.fr", "A") == ["10.46.0.30"]
    assert served(ns, "any.cahors.fr", "AAAA") == ["2001:db8::1"]
    again = converge(ns, CAHORS_NOW, ALBAS_NOW)
    assert again["changed"] is False
    assert again["changes"] == []
    assert again["repaired"] == []
    assert again["totals"][CAHORS] == {"zone": 1, "rrset": 7}


def test_the_ansible_command_runs_it_with_check_and_diff(two):
    two.put(SHARE, share("dns", town(CAHORS, "cahors.fr", cahors(www="10.46.0.31")), ALBAS_NOW))
    for check_mode in (True, False):
        said = two.by_ansible("bastide_zones", {"share": SHARE}, check_mode=check_mode)
        assert '+rrset:www.cahors.fr./A {"rdata": ["10.46.0.31"], "ttl": 3600}' in said
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.31"]


def test_every_type_that_may_be_declared_is_served_and_found_unchanged(two):
    sets = [rrset(f"{t.lower()}.cahors.fr.", t, text) for t, text in NORMAL.items() if t != "DS"]
    sets.append(rrset("ns.cahors.fr.", "DS", NORMAL["DS"]))  # the key of what is delegated there
    everything = town(CAHORS, "cahors.fr", cahors(*sets))
    result = converge(two, everything, ALBAS_NOW)
    assert result["failed_changes"] == []
    again = converge(two, everything, ALBAS_NOW)
    assert (again["changes"], again["changed"]) == ([], False)
    two.sh("rm /var/lib/bastide/dns/zones.json")  # so that the served records are read, not trusted
    assert converge(two, everything, ALBAS_NOW)["changes"] == []


def test_state_file_lost_changes_nothing_and_finds_its_owners_again(two):
    two.sh("rm /var/lib/bastide/dns/zones.json")
    result = converge(two, CAHORS_NOW, ALBAS_NOW)
    assert result["changed"] is False
    assert result["totals"][CAHORS]["zone"] == 1
    assert CAHORS in two.read("/var/lib/bastide/dns/zones.json")


def test_update_touches_only_what_differs(two):
    before = served(two, "albas.fr", "SOA")
    result = converge(two, town(CAHORS, "cahors.fr", cahors(www="10.46.0.31")), ALBAS_NOW)
    assert [(c["action"], c["address"]) for c in result["changes"]] == [
        ("update", "rrset:www.cahors.fr./A")
    ]
    assert result["changes"][0]["before"] == {"ttl": 3600, "rdata": ["10.46.0.30"]}
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.31"]
    assert served(two, "albas.fr", "SOA") == before


def test_soa_compares_all_but_the_serial(two):
    longer = town(CAHORS, "cahors.fr", cahors(soa={**SOA, "minimum": 600}))
    assert by_address(converge(two, longer, ALBAS_NOW)) == {"rrset:cahors.fr./SOA": "update"}
    assert served(two, "cahors.fr", "SOA")[0].endswith(" 600")


def test_foreign_edit_is_found_and_repaired(two):
    two.sh("""
    knotc zone-begin cahors.fr; knotc zone-set cahors.fr evil 300 A 192.0.2.66
    knotc zone-unset cahors.fr www A; knotc zone-commit cahors.fr
    """)
    assert served(two, "evil.cahors.fr", "A") == ["192.0.2.66"]
    plan = converge(two, CAHORS_NOW, ALBAS_NOW, check_mode=True)
    assert by_address(plan) == {
        "rrset:evil.cahors.fr./A": "delete",
        "rrset:www.cahors.fr./A": "create",
    }
    assert converge(two, CAHORS_NOW, ALBAS_NOW)["digest"] == plan["digest"]
    assert served(two, "evil.cahors.fr", "A") == []
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]


def test_zone_that_knot_rejects_leaves_itself_and_the_others_served(two):
    both = cahors(
        rrset("x.cahors.fr.", "CNAME", "a.cahors.fr."),
        rrset("x.cahors.fr.", "A", "10.46.0.9"),
        www="10.46.0.99",
    )
    more = albas(rrset("www.albas.fr.", "A", "10.46.0.30"))
    result = converge(two, town(CAHORS, "cahors.fr", both), town(ALBAS, "albas.fr", more))
    assert by_address(result) == {"rrset:www.albas.fr./A": "create"}
    (failure,) = result["failed_changes"]
    assert failure["address"] == "zone:cahors.fr"
    assert "CNAME" in failure["error"]
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]
    assert served(two, "www.albas.fr", "A") == ["10.46.0.30"]


def test_value_that_is_no_data_of_its_type_stops_its_zone_only(two):
    broken = cahors(rrset("x.cahors.fr.", "A", "10.46.0.999"))
    more = albas(rrset("www.albas.fr.", "A", "10.46.0.30"))
    result = converge(two, town(CAHORS, "cahors.fr", broken), town(ALBAS, "albas.fr", more))
    assert [one["address"] for one in result["failed_changes"]] == ["zone:cahors.fr"]
    assert served(two, "www.albas.fr", "A") == ["10.46.0.30"]
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]


def test_value_cannot_smuggle_in_a_record_or_a_directive(two):
    for text in ('"a"\nevil.cahors.fr. 60 IN A 192.0.2.66', '"a" ) \n$INCLUDE /etc/shadow'):
        hostile = cahors(rrset("x.cahors.fr.", "TXT", text))
        result = converge(two, town(CAHORS, "cahors.fr", hostile), ALBAS_NOW)
        assert [one["address"] for one in result["failed_changes"]] == ["zone:cahors.fr"]
    assert served(two, "evil.cahors.fr", "A") == []


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "a b.fr", 'x".fr', "x.fr\n"])
def test_share_with_a_hostile_name_is_refused_whole(two, name):
    result = converge(two, town(CAHORS, name, cahors()), ALBAS_NOW)
    assert result["failed"] is True
    assert "refused" in result["msg"]


def test_stale_plan_is_refused(two):
    changed = town(CAHORS, "cahors.fr", cahors(www="10.46.0.31"))
    plan = converge(two, changed, ALBAS_NOW, check_mode=True)
    two.sh("""
    knotc zone-begin cahors.fr; knotc zone-set cahors.fr evil 300 A 192.0.2.66
    knotc zone-commit cahors.fr
    """)
    result = converge(two, changed, ALBAS_NOW, expect=plan["digest"])
    assert result["stale"] is True
    assert result["changed"] is False
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]
    assert served(two, "evil.cahors.fr", "A") == ["192.0.2.66"]


def test_scope_limits_what_is_touched(two):
    changed = town(CAHORS, "cahors.fr", cahors(www="10.46.0.31"))
    other = town(ALBAS, "albas.fr", albas(rrset("www.albas.fr.", "A", "10.46.0.30")))
    result = converge(two, changed, other, scope=[ALBAS])
    assert by_address(result) == {"rrset:www.albas.fr./A": "create"}
    assert result["left_alone"] == []
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]


def test_what_vanishes_is_left_alone_and_what_nobody_declared_is_not_touched(two):
    no_domain = collectivity(CAHORS, [])
    result = converge(two, no_domain)
    assert result["changed"] is False
    left = {one["address"]: one["why"] for one in result["left_alone"]}
    assert left == {
        "zone:foreign.example": "undeclared",
        "zone:cahors.fr": "domain-gone",
        "zone:albas.fr": "collectivity-gone",
    }
    claimed = town(CAHORS, "foreign.example", zone(rrset("foreign.example.", *NS_SET)))
    result = converge(two, claimed, ALBAS_NOW)
    assert [one["address"] for one in result["failed_changes"]] == ["zone:foreign.example"]
    assert served(two, "foreign.example", "SOA")[0].split()[2] == "1"


def test_zone_claimed_twice_is_reported_and_nobodys(two):
    double = collectivity(
        ALBAS, ["albas.fr", "cahors.fr"], {"zone:albas.fr": albas(), "zone:cahors.fr": cahors()}
    )
    result = converge(two, town(CAHORS, "cahors.fr", cahors(www="10.46.0.31")), double)
    assert result["changed"] is False
    assert CAHORS in result["failed_changes"][0]["error"]
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]


def test_zone_that_changes_hands_says_so_once(two):
    moved = collectivity(
        ALBAS, ["albas.fr", "cahors.fr"], {"zone:albas.fr": albas(), "zone:cahors.fr": cahors()}
    )
    result = converge(two, collectivity(CAHORS, []), moved)
    assert by_address(result) == {"zone:cahors.fr": "update"}
    assert result["changes"][0]["before"] == {"siren": CAHORS}
    assert converge(two, collectivity(CAHORS, []), moved)["changed"] is False


def test_retired_domain_and_collectivity_go_and_can_come_back(two):
    result = converge(two, collectivity(CAHORS, [], retired_domains=["cahors.fr"]), ALBAS_NOW)
    assert by_address(result)["zone:cahors.fr"] == "delete"
    assert served(two, "cahors.fr", "SOA") == []
    assert "cahors.fr.zone" not in two.sh("ls /var/lib/knot/bastide/zones")
    result = converge(two, CAHORS_NOW, collectivity(ALBAS, ["albas.fr"], retired=True))
    assert by_address(result)["zone:albas.fr"] == "delete"
    assert served(two, "albas.fr", "SOA") == []
    assert served(two, "www.cahors.fr", "A") == ["10.46.0.30"]


def test_pending_value_is_planned_masked_and_written_when_given(two):
    selector = "b2026._domainkey.cahors.fr."
    waiting = {"name": selector, "type": "TXT", "ttl": 3600, "pending": "dkim:cahors.fr"}
    line = town(CAHORS, "cahors.fr", cahors(waiting))
    plan = converge(two, line, ALBAS_NOW, check_mode=True)
    assert plan["changes"][0]["after"] == {"pending": "dkim:cahors.fr"}
    nothing = converge(two, line, ALBAS_NOW)
    assert nothing["changed"] is False
    assert served(two, selector, "TXT") == []
    value = "v=DKIM1; k=rsa; p=" + "A" * 380
    values = {"dkim:cahors.fr": value}
    real = converge(two, line, ALBAS_NOW, values=values, expect=plan["digest"])
    assert real["stale"] is False
    assert served(two, selector, "TXT") == [f'"{value[:255]}" "{value[255:]}"']
    assert converge(two, line, ALBAS_NOW, values=values)["changed"] is False
    # The mail host is down: its value stays in the DNS, and nothing is reported.
    assert converge(two, line, ALBAS_NOW)["changed"] is False
    assert served(two, selector, "TXT") != []


def test_list_of_zones_that_knot_refuses_is_taken_back(two):
    before = two.read("/etc/knot/bastide-zones.conf")
    # Somebody lists the same zone by hand: twice is an error to Knot.
    two.sh("""
    cp -p /etc/knot/knot.conf /root/knot.conf
    sed -i '0,/^zone:/s//zone:\\n  - domain: new.fr/' /etc/knot/knot.conf
    """)
    new = town("214600999", "new.fr", zone(rrset("new.fr.", *NS_SET)))
    more = albas(rrset("www.albas.fr.", "A", "10.46.0.30"))
    result = converge(two, CAHORS_NOW, town(ALBAS, "albas.fr", more), new)
    after = two.read("/etc/knot/bastide-zones.conf")
    two.sh("mv /root/knot.conf /etc/knot/knot.conf")
    assert [one["address"] for one in result["failed_changes"]] == ["zone:new.fr"]
    assert "new.fr" in result["failed_changes"][0]["error"]
    assert by_address(result) == {"rrset:www.albas.fr./A": "create"}
    assert after == before
    assert by_address(converge(two, CAHORS_NOW, ALBAS_NOW, new))["zone:new.fr"] == "create"
    converge(two, CAHORS_NOW, ALBAS_NOW, collectivity("214600999", ["new.fr"], retired=True))


def test_one_bad_zone_among_a_hundred_keeps_nobody_else_from_being_served(two):
    def hamlet(number, *more):
        name = f"hamlet{number}.fr"
        sets = [rrset(f"{name}.", *NS_SET), rrset(f"www.{name}.", "A", "10.46.0.30")]
        return collectivity(f"2146{number:05d}", [name], {f"zone:{name}": zone(*sets, *more)})

    bad = rrset("www.hamlet150.fr.", "CNAME", "a.hamlet150.fr.")
    lines = [hamlet(n, *([bad] if n == 150 else [])) for n in range(100, 200)]
    result = converge(two, CAHORS_NOW, ALBAS_NOW, *lines)
    assert [one["address"] for one in result["failed_changes"]] == ["zone:hamlet150.fr"]
    answers = two.sh("for n in $(seq 100 199); do kdig +short @127.0.0.1 www.hamlet$n.fr A; done")
    assert answers.split() == ["10.46.0.30"] * 99
    gone = [collectivity(f"2146{n:05d}", [], retired=True) for n in range(100, 200)]
    assert converge(two, CAHORS_NOW, ALBAS_NOW, *gone)["failed_changes"] == []


def signed(how="signed", www="10.46.0.30"):
    return town(CAHORS, "cahors.fr", cahors(www=www) | {"dnssec": how})


@pytest.fixture
def no_resolver(two):
    """Nobody on this host answers questions on parents."""
    two.sh("cp /etc/resolv.conf /root/resolv.conf; echo nameserver 127.0.0.9 > /etc/resolv.conf")
    yield two
    two.sh("cat /root/resolv.conf > /etc/resolv.conf")


def test_zone_is_signed_changed_and_never_unsigned_on_a_guess(no_resolver):
    host = no_resolver
    plan = converge(host, signed(), ALBAS_NOW, check_mode=True)
    assert by_address(plan) == {"dnssec:cahors.fr": "create"}
    serial = int(served(host, "cahors.fr", "SOA")[0].split()[2])
    assert converge(host, signed(), ALBAS_NOW)["digest"] == plan["digest"]
    [cds] = served(host, "cahors.fr", "CDS")
    assert int(served(host, "cahors.fr", "SOA")[0].split()[2]) > serial
    assert served(host, "albas.fr", "DNSKEY") == []
    assert converge(host, signed(), ALBAS_NOW)["changed"] is False
    # A record changes: the rest keeps its signatures, and the serial is Knot's.
    changed = converge(host, signed(www="10.46.0.31"), ALBAS_NOW)
    assert by_address(changed) == {"rrset:www.cahors.fr./A": "update"}
    assert served(host, "www.cahors.fr", "A") == ["10.46.0.31"]
    # A hand that edits what is served is found out as before.
    host.sh("""
    knotc zone-begin cahors.fr; knotc zone-set cahors.fr evil 300 A 192.0.2.66
    knotc zone-commit cahors.fr
    """)
    repaired = converge(host, signed(www="10.46.0.31"), ALBAS_NOW)
    assert by_address(repaired) == {"rrset:evil.cahors.fr./A": "delete"}
    assert served(host, "evil.cahors.fr", "A") == []
    # A hand that takes the signing out of the list: seen before Knot's next start loses it.
    host.sh("sed -i '/template: bastide-signed/d' /etc/knot/bastide-zones.conf")
    listed = converge(host, signed(www="10.46.0.31"), ALBAS_NOW)
    assert (listed["changes"], listed["repaired"]) == ([], ["/etc/knot/bastide-zones.conf"])
    assert "bastide-signed" in host.read("/etc/knot/bastide-zones.conf")
    # Nobody knows whether the parent has a DS: it stays signed, its records follow all the same.
    refused = converge(host, CAHORS_NOW, ALBAS_NOW)
    assert [one["address"] for one in refused["failed_changes"]] == ["dnssec:cahors.fr"]
    assert "not known" in refused["failed_changes"][0]["error"]
    assert by_address(refused) == {"rrset:www.cahors.fr./A": "update"}
    assert served(host, "www.cahors.fr", "A") == ["10.46.0.30"]
    assert served(host, "cahors.fr", "CDS") == [cds]
    # And it is told again, as long as the share says so.
    assert converge(host, CAHORS_NOW, ALBAS_NOW)["failed_changes"] == refused["failed_changes"]
    converge(host, collectivity(CAHORS, [], retired_domains=["cahors.fr"]), ALBAS_NOW)
    converge(host, CAHORS_NOW, ALBAS_NOW)
    assert served(host, "cahors.fr", "DNSKEY") == []


def test_signed_zone_delegates_the_signed_one_below_it_in_the_same_run(two):
    below = "cahors.info46.com"
    parent = zone(rrset("info46.com.", *NS_SET), rrset("www.info46.com.", "A", "10.46.0.30"))
    child = zone(rrset(f"{below}.", *NS_SET), rrset(f"www.{below}.", "A", "10.46.0.30"))
    above = town(OPERATOR, "info46.com", parent | {"dnssec": "signed"})
    plain = town(CAHORS, below, child)
    now = town(CAHORS, below, child | {"dnssec": "signed"})

    def answer(name, rtype):
        return two.sh(f"kdig +short @127.0.0.1 {name} {rtype}").split("\n")[:-1]

    # Unsigned below signed: a resolver that validates must learn that nothing is signed there.
    converge(two, above, plain, ALBAS_NOW)
    assert answer(below, "DS") == []
    first = converge(two, above, now, ALBAS_NOW)
    assert by_address(first) == {f"dnssec:{below}": "create", f"rrset:{below}./DS": "create"}
    assert first["failed_changes"] == []
    assert answer(below, "DS") == answer(below, "CDS") != []
    second = converge(two, above, now, ALBAS_NOW)
    assert (second["changes"], second["repaired"]) == ([], [])
    gone = collectivity(CAHORS, [], retired_domains=[below])
    assert f"rrset:{below}./DS" in by_address(converge(two, above, gone, ALBAS_NOW))
    assert answer(below, "DS") == []
    # Both new at once: planned and made in one run as well.
    plan = converge(two, above, now, ALBAS_NOW, check_mode=True)
    assert converge(two, above, now, ALBAS_NOW, expect=plan["digest"])["stale"] is False
    assert answer(below, "DS") == answer(below, "CDS") != []
    retired = [collectivity(siren, [], retired=True) for siren in (OPERATOR, CAHORS)]
    assert converge(two, *retired, ALBAS_NOW)["failed_changes"] == []


def test_knot_stopped_is_said_and_nothing_is_written(two):
    two.sh("systemctl stop knot")
    before = two.sh("sha256sum /var/lib/knot/bastide/zones/* /etc/knot/bastide-zones.conf")
    result = converge(two, town(CAHORS, "cahors.fr", cahors(www="10.46.0.31")), ALBAS_NOW)
    assert result["failed"] is True
    assert "knotc" in result["msg"]
    now = two.sh("sha256sum /var/lib/knot/bastide/zones/* /etc/knot/bastide-zones.conf")
    assert now == before


def test_second_run_waits_and_then_says_who_holds_the_lock(two):
    two.sh("""
    nohup python3 -c '
import fcntl, os, sys, time, json
lock = open("/var/lib/bastide/dns/lock", "r+")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.write(json.dumps({"pid": os.getpid(), "since": "2026-01-01"})); lock.flush()
open("/run/holder", "w").write(str(os.getpid()))
time.sleep(600)' > /dev/null 2>&1 &
    until test -s /run/holder; do sleep 0.1; done
    """)
    holder = two.read("/run/holder")
    changed = town(CAHORS, "cahors.fr", cahors(www="10.46.0.31"))
    result = converge(two, changed, ALBAS_NOW, lock_timeout=1)
    plan = converge(two, changed, ALBAS_NOW, check_mode=True, lock_timeout=1)
    two.sh(f"kill {holder}; rm /run/holder")
    assert result["failed"] is True
    assert f"process {holder}" in result["msg"]
    assert plan["changed"] is True
