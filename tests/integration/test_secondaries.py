# SPDX-License-Identifier: GPL-3.0-or-later
"""Hidden primary, secondaries by catalog zone (RFC 9432), signatures: what the world sees."""

from __future__ import annotations

import json
import random
import re
import subprocess
import time

import pytest

from bastide.diagnostics import RunFailed
from bastide.lab.playbook import run_platform
from integration.town import charter, records, some_siren

# With a SIREN that others have, what they left would go with the collectivity that is retired.
ALBAS, ANGLARS = "214600017", some_siren()
PUBLIC = ("ns1", "ns2")
KEY = "/etc/knot/bastide-transfers.conf"
INCLUDE = "/etc/knot/bastide-zones.conf"


@pytest.fixture(scope="module")
def albas(standing_town):
    """A town with one commune, converged once for all tests here."""
    town = standing_town
    grown(town)
    town.apply()
    yield town
    town.run("audit", "--check")


def grown(town, **more: str) -> None:
    town.write("46/albas", charter(ALBAS, town.albas, more=records(**more) if more else ""))
    town.commit()


def seen(town, name: str, rtype: str) -> dict[str, list[str]]:
    """What each public name server answers."""
    return {host: town.ask(name, rtype, host) for host in PUBLIC}


def failed_dns(text: str) -> list[str]:
    """Subjects of the checks of the DNS that failed."""
    return re.findall(r"^✗ \S+: ((?:rrset|serial|dnssec):.*)$", text, re.MULTILINE)


# -- the catalog ---------------------------------------------------------------------------


def test_a_new_commune_is_served_by_all_and_leaves_all_while_nobody_touches_them(albas, eventually):
    town = albas
    configuration = "cat /etc/knot/*.conf | sha256sum"
    before = [town.podman(host, "sh", "-c", configuration) for host in PUBLIC]
    text = charter(ANGLARS, town.anglars)
    town.write("46/anglars", text)
    town.commit()
    town.apply()
    www = [town.addresses["web"]]
    name = f"www.{town.anglars}"
    eventually(lambda: seen(town, name, "A") == dict.fromkeys(PUBLIC, www), "the new zone")
    town.write("46/anglars", text.replace("kind: commune", "kind: commune\n  state: retired"))
    town.commit()
    town.apply()
    eventually(lambda: not any(seen(town, town.anglars, "SOA").values()), "its end")
    town.remove("46/anglars")
    town.commit()
    assert [town.podman(host, "sh", "-c", configuration) for host in PUBLIC] == before


def test_a_secondary_that_is_off_holds_nothing_up_is_told_and_catches_up(albas, eventually):
    town = albas
    with town.stopped("ns2", "knot"):
        grown(town, off="192.0.2.1")
        town.apply()
        name = f"off.{town.albas}"
        eventually(lambda: town.ask(name, "A", "ns1") == ["192.0.2.1"], "the record")
        failed = failed_dns(town.run("verify", "albas", code=1).stdout)
    assert failed
    assert {one.partition(" @")[2] for one in failed} == {"ns2.info46.com"}
    # It asks at its start, and does not wait for its next turn.
    eventually(lambda: town.ask(name, "A", "ns2") == ["192.0.2.1"], "the record")


def test_verify_says_which_secondary_lags(albas, eventually):
    town = albas
    town.podman("ns2", "knotc", "zone-freeze", town.albas)
    try:
        grown(town, lag="192.0.2.2")
        town.apply()
        eventually(lambda: town.ask(f"lag.{town.albas}", "A", "ns1"), "the record")
        failed = failed_dns(town.run("verify", "albas", code=1).stdout)
    finally:
        town.podman("ns2", "knotc", "zone-thaw", town.albas)
    assert f"serial:{town.albas} @ns2.info46.com" in failed
    assert not [one for one in failed if one.endswith("@ns1.info46.com")]
    town.podman("ns2", "knotc", "zone-refresh", town.albas)
    eventually(lambda: town.ask(f"lag.{town.albas}", "A", "ns2"), "the record on the other")


def test_a_primary_made_anew_takes_no_zone_from_the_secondaries(albas, lab):
    """It has another key; while it lists nothing, a secondary is not brought that key."""
    town = albas
    ns2 = next(host for host in lab.hosts if host.name == "ns2")
    town.podman("ns", "sh", "-ec", f"cp -p {INCLUDE} /root/list; : > {INCLUDE}")
    town.podman("ns", "sh", "-ec", f"cp -p {KEY} /root/key; echo '# another' >> {KEY}")
    try:
        with pytest.raises(RunFailed, match=r"lists fewer than half of the \d+ zones"):
            run_platform(lab, ns2, online=False)
    finally:
        town.podman("ns", "sh", "-ec", f"cp -p /root/list {INCLUDE}; cp -p /root/key {KEY}")
    assert town.ask(f"www.{town.albas}", "A", "ns2") == [town.addresses["web"]]
    assert "another" not in town.podman("ns2", "cat", KEY)


def test_a_primary_that_is_killed_while_it_loads_ends_at_the_same_state(albas, eventually):
    town = albas
    names = [f"s{n}-{town.token}.fr" for n in range(30)]
    more = "".join(f"  {name}: {{registration: {{mode: managed}}}}\n" for name in names)
    town.write("46/albas", charter(ALBAS, town.albas, more=more))
    town.commit()
    seed = random.randrange(1 << 32)
    with town.start("apply") as process:
        while not any(town.ask(name, "SOA") for name in names[:1]):
            assert process.poll() is None, process.stdout.read()
        # The moment of the kill is what is tested.
        time.sleep(random.Random(seed).uniform(0, 1))
        town.podman("ns", "pkill", "-9", "-x", "knotd", code=None)
        said = process.stdout.read()
    assert "Traceback" not in said, f"seed {seed}"
    # Debian's unit does not start what was killed.
    town.podman("ns", "systemctl", "start", "knot")
    town.apply()
    plan = town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], []), f"seed {seed}"
    whole = dict.fromkeys(PUBLIC, [True] * len(names))
    eventually(
        lambda: {h: [bool(town.ask(n, "SOA", h)) for n in names] for h in PUBLIC} == whole,
        f"every zone (seed {seed})",
    )


# -- DNSSEC --------------------------------------------------------------------------------


def trusted(town, name: str, rtype: str, anchor: str, digest: str, host: str = "ns1") -> str:
    """What delv(1), a resolver that validates, says; it trusts `digest` for `anchor` alone."""
    anchors = town.root / "anchors"
    tag, algorithm, kind, text = digest.split()
    anchors.write_text(
        f'trust-anchors {{ {anchor}. static-ds {tag} {algorithm} {kind} "{text}"; }};\n'
    )
    server = town.addresses[host]
    command = ["delv", f"@{server}", "-a", str(anchors), f"+root={anchor}", f"{name}.", rtype]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def keys_of(town, domain: str) -> dict:
    found = json.loads(town.run("dnssec", "albas", "--format", "json").stdout)["dnssec"]
    return next(one for one in found if one["domain"] == domain)


def test_a_resolver_that_validates_is_content_with_the_ds_that_the_command_tells(albas, eventually):
    town = albas
    zone = town.albas
    eventually(lambda: all(seen(town, zone, "CDS").values()), "the keys")
    told = keys_of(town, zone)
    assert told["state"] == "give"
    [digest] = told["ds"]
    assert digest in town.run("dnssec", "albas").stdout
    for host in PUBLIC:
        assert "; fully validated" in trusted(town, f"www.{zone}", "A", zone, digest, host)
    absent = trusted(town, f"absent.{zone}", "A", zone, digest)
    assert "; negative response, fully validated" in absent
    wrong = digest[:-8] + "00000000"
    assert "fully validated" not in trusted(town, f"www.{zone}", "A", zone, wrong)


def test_a_resolver_that_trusts_a_shared_domain_trusts_the_names_below_it(albas, eventually):
    """The operator's zone delegates with a DS what it has beside itself: nothing is bogus."""
    town = albas
    shared, below = "info46.com", f"albas-{town.token}.info46.com"
    more = f"  {below}: {{registration: {{mode: shared}}}}\n"
    town.write("46/albas", charter(ALBAS, town.albas, more=more))
    town.commit()
    town.converge()
    eventually(lambda: all(seen(town, below, "DS").values()), "the DS")
    [digest] = town.ask(shared, "CDS", "ns1")
    assert "; fully validated" in trusted(town, below, "NS", shared, digest)
    assert keys_of(town, below)["state"] == "secure"


def test_signatures_that_are_renewed_are_no_drift(albas):
    town = albas
    before = town.ask(town.albas, "SOA")
    town.podman("ns", "knotc", "-b", "zone-sign", town.albas)
    assert town.ask(town.albas, "SOA") != before
    plan = town.plan()
    assert (plan["changes"], plan["repairs"]) == ([], [])


@pytest.fixture
def delegated(albas, eventually):
    """A zone below one that is served without Bastide and has the DS of the child."""
    town = albas
    parent, child = f"lot-{town.token}.fr", f"albas.lot-{town.token}.fr"
    more = f"  {child}: {{registration: {{mode: managed}}}}\n"
    town.write("46/albas", charter(ALBAS, town.albas, more=more))
    town.commit()
    town.apply()
    eventually(lambda: all(seen(town, child, "CDS").values()), "the keys")
    [digest] = keys_of(town, child)["ds"]
    put = f"""
cp -p /etc/knot/knot.conf /root/knot.conf
cat > /var/lib/knot/{parent}.zone <<X
{parent}. 60 IN SOA ns1.info46.com. hostmaster.info46.com. $(date +%s) 3600 600 86400 60
{parent}. 60 IN NS ns1.info46.com.
{child}. 60 IN NS ns1.info46.com.
{child}. 60 IN DS {digest}
X
printf 'zone:\n  - domain: {parent}\n    file: /var/lib/knot/{parent}.zone\n' >> /etc/knot/knot.conf
printf '    template: bastide-signed\n' >> /etc/knot/knot.conf
knotc reload
"""
    town.podman("ns", "sh", "-ec", put)
    eventually(lambda: seen(town, child, "DS") and all(seen(town, child, "DS").values()), "the DS")
    yield town, parent, child
    back = "mv /root/knot.conf /etc/knot/knot.conf; knotc reload"
    town.podman("ns", "sh", "-ec", f"[ ! -e /root/knot.conf ] || {{ {back}; }}")


def test_a_zone_is_not_unsigned_while_its_parent_has_a_ds_and_the_order_of_steps_is_told(
    delegated, eventually
):
    town, parent, child = delegated
    # The resolver remembers for a second that there was none.
    eventually(lambda: keys_of(town, child)["state"] == "secure", "what resolvers know")
    [anchor] = town.ask(parent, "CDS", "ns1")
    assert "; fully validated" in trusted(town, child, "NS", parent, anchor)
    platform = town.root / "inventory" / "lab" / "platform.yml"
    signed = platform.read_text("utf-8")

    def declare(how: str) -> None:
        platform.write_text(signed.replace("dnssec: true", f"dnssec: {how}"), encoding="utf-8")
        town.commit()

    # 1. Refused, with the steps; the other zones of the town have no DS and are free to go.
    declare("false")
    assert f"dnssec:{child}" in town.run("plan").stdout.partition("Will fail:")[2]
    done = town.apply(code=1)
    assert re.search(rf"A590.*keeps signing {child}: the parent has a DS", done.stdout)
    assert "1. write `dnssec: leaving`" in done.stdout
    assert town.ask(child, "CDS")
    assert town.ask(town.albas, "CDS") == []
    assert keys_of(town, child)["state"] == "held"
    # 2. The parent is asked to take it away, and signatures go on.
    declare("leaving")
    town.converge()
    assert town.ask(child, "CDS") == ["0 0 0 00"]
    assert town.ask(child, "DNSKEY")
    assert keys_of(town, child)["state"] == "withdraw"
    # 3. The parent does, and now they may go.
    without = (
        f"mv /root/knot.conf /etc/knot/knot.conf; rm /var/lib/knot/{parent}.zone; knotc reload"
    )
    town.podman("ns", "sh", "-ec", without)
    eventually(lambda: not any(seen(town, child, "DS").values()), "the end of the DS")
    eventually(lambda: keys_of(town, child)["state"] == "withdrawn", "what resolvers know")
    declare("false")
    town.converge()
    assert town.ask(child, "DNSKEY") == []
    # And back: with the keys of before, whose DS may be in somebody's drawer.
    declare("true")
    town.converge()
    assert town.ask(child, "CDS")
    assert failed_dns(town.run("verify", "albas").stdout) == []
