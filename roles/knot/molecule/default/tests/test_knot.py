# SPDX-License-Identifier: GPL-3.0-or-later
"""A primary answers, keeps the key of transfers to itself, and lists its zones for secondaries."""


def test_it_runs_and_comes_back_after_a_boot(host):
    assert host.service("knot").is_running
    assert host.service("knot").is_enabled


def test_it_listens_and_its_configuration_is_valid(host):
    assert host.socket("udp://0.0.0.0:53").is_listening
    assert host.socket("tcp://0.0.0.0:53").is_listening
    host.check_output("knotc conf-check")


def test_the_key_of_transfers_is_for_knot_alone_and_no_half_of_one_is_left(host):
    key = host.file("/etc/knot/bastide-transfers.conf")
    assert (key.user, key.group, key.mode) == ("root", "knot", 0o640)
    assert "algorithm: hmac-sha256" in key.content_string
    assert not host.file("/etc/knot/bastide-transfers.conf.new").exists


def test_zones_are_members_of_a_catalog_that_strangers_are_not_told(host):
    settings = host.check_output("knotc conf-read")
    assert "zone[catalog.invalid.].catalog-role = generate" in settings
    for template in ("default", "bastide-signed", "bastide-leaving"):
        assert f"template[{template}].catalog-role = member" in settings
        assert f"template[{template}].notify = secondaries" in settings
    asked = host.check_output("kdig @127.0.0.1 catalog.invalid SOA")
    assert "status: REFUSED" in asked
    asked = host.check_output("kdig @127.0.0.1 catalog.invalid AXFR")
    assert "PTR" not in asked


def test_signing_leaves_time_for_a_primary_that_is_down(host):
    settings = host.check_output("knotc conf-read policy[bastide-signed]")
    assert "rrsig-lifetime = 1814400" in settings
    assert "rrsig-refresh = 864000" in settings


def test_hosts_with_the_key_may_write_texts_to_the_zone_of_proofs_and_nothing_else(host):
    key = host.file("/etc/knot/bastide-proofs.conf")
    assert (key.user, key.group, key.mode) == ("root", "knot", 0o640)

    def update(record, sign=True):
        sign = "-y $(sed -n 's/^# //p' /etc/knot/bastide-proofs.conf)" if sign else ""
        orders = f"server 127.0.0.1\nzone acme.info46.com\nadd {record}\nsend\n"
        return host.run(f"printf '{orders}' | knsupdate {sign}")

    assert "REFUSED" not in update('x.acme.info46.com. 1 TXT \\"a\\"').stdout
    assert host.check_output("kdig @127.0.0.1 x.acme.info46.com TXT +short") == '"a"'
    update("x.acme.info46.com. 1 A 192.0.2.1")
    assert host.check_output("kdig @127.0.0.1 x.acme.info46.com A +short") == ""
    update('acme.info46.com. 1 TXT \\"a\\"')
    assert host.check_output("kdig @127.0.0.1 acme.info46.com TXT +short") == ""
    update('y.acme.info46.com. 1 TXT \\"a\\"', sign=False)
    assert host.check_output("kdig @127.0.0.1 y.acme.info46.com TXT +short") == ""
