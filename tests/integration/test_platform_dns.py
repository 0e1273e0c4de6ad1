# SPDX-License-Identifier: GPL-3.0-or-later
"""The name servers serve what the module will write, and nothing else."""

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

ZONE = "essai-plateforme.example"
ZONE_FILE = f"""$ORIGIN {ZONE}.
@ 3600 IN SOA ns1.{ZONE}. hostmaster.{ZONE}. 1 10800 3600 1209600 3600
@ 3600 IN NS ns1
ns1 3600 IN A {{address}}
www 60 IN A 192.0.2.7
"""
FILE = f"/var/lib/knot/bastide/zones/{ZONE}.zone"
INCLUDE = "/etc/knot/bastide-zones.conf"


def ask(server, name, kind="A", query=dns.query.udp):
    return query(dns.message.make_query(name, kind), server, timeout=10)


@pytest.fixture
def zone(machine, address):
    ns = machine("ns")
    before = ns.file(INCLUDE).content_string
    text = ZONE_FILE.format(address=address("ns"))
    assert ns.run("printf %s %s > %s", "%s", text, FILE).rc == 0
    listed = before + f"zone:\n  - domain: {ZONE}\n" if "zone:" not in before else before
    if listed == before:
        listed = before + f"  - domain: {ZONE}\n"
    assert ns.run("printf %s %s > %s && knotc reload", "%s", listed, INCLUDE).rc == 0
    yield ZONE
    ns.run("printf %s %s > %s; rm %s; knotc reload", "%s", before, INCLUDE, FILE)


@pytest.mark.parametrize("host", ["ns", "ns1", "ns2"])
@pytest.mark.parametrize("query", [dns.query.udp, dns.query.tcp])
def test_a_zone_that_nobody_declared_is_refused(address, host, query):
    answer = ask(address(host), "example.com", "SOA", query)
    assert answer.rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("query", [dns.query.udp, dns.query.tcp])
def test_a_zone_file_is_served(address, zone, eventually, query):
    def served():
        answer = ask(address("ns"), f"www.{zone}", "A", query).answer
        return [item.to_text() for rrset in answer for item in rrset]

    assert eventually(served, "the zone") == ["192.0.2.7"]


@pytest.mark.parametrize("host", ["ns", "ns1"])
def test_nobody_without_the_key_gets_a_whole_zone_or_the_list_of_zones(address, zone, host):
    """This machine is neither a secondary nor does it have the key."""
    for name in (zone, "catalog.invalid"):
        answers = dns.query.xfr(address(host), name, timeout=10)
        with pytest.raises(dns.exception.DNSException, match=r"REFUSED|NOTAUTH"):
            list(answers)


def test_the_key_of_transfers_is_the_same_everywhere_and_for_knot_alone(machine):
    files = [
        machine(name).file("/etc/knot/bastide-transfers.conf") for name in ("ns", "ns1", "ns2")
    ]
    assert len({file.sha256sum for file in files}) == 1
    assert {(file.user, file.group, file.mode) for file in files} == {("root", "knot", 0o640)}


def test_the_labs_resolver_knows_the_zone(address, zone, eventually):
    def resolved():
        answer = ask(address("sink"), f"www.{zone}").answer
        return [item.to_text() for rrset in answer for item in rrset]

    assert eventually(resolved, "the answer") == ["192.0.2.7"]


def test_knot_never_writes_a_zone_file_and_a_journal_for_signed_zones_alone(machine):
    settings = machine("ns").check_output("knotc conf-read template")
    for line in ("zonefile-sync = -1", "zonefile-load = whole", "journal-content = none"):
        assert f"template[default].{line}" in settings
    assert "template[default].semantic-checks = on" in settings
    for template in ("bastide-signed", "bastide-leaving"):
        for line in ("zonefile-sync = -1", "zonefile-load = difference-no-serial"):
            assert f"template[{template}].{line}" in settings
        assert f"template[{template}].journal-content = all" in settings


def test_a_secondary_has_no_zone_of_its_own(machine):
    zones = machine("ns1").check_output("knotc conf-read zone.domain").splitlines()
    assert zones == ["zone.domain = catalog.invalid."]


def test_what_the_module_needs_is_there(machine):
    assert machine("ns").run("kzonecheck --version").rc == 0
    assert machine("ns").run("/usr/bin/python3 -c 'import dns.zone'").rc == 0
