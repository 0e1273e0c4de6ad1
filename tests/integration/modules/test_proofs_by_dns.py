# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates whose names are proved by DNS (DNS-01), with a real authority and real name servers.

One host has all: nginx that nobody can reach by these names, Pebble as the authority, two Knots as
the role configures them (a hidden primary that is written to, a secondary that has the zones by
catalog), and a resolver by whose eyes Pebble looks: it knows only the secondary.
"""

import json
import re
from pathlib import Path

import pytest
import yaml
from containers import PROOFS, ROOT, Host, start, stop
from cryptography import x509
from jinja2 import Environment, FileSystemLoader
from shares import ALBAS, CAHORS, OPERATOR, SOA, by_address, collectivity, share

from bastide.model.proofs import published_at

pytestmark = pytest.mark.lab

SHARE, DNS_SHARE = "/root/tls.jsonl", "/root/dns.jsonl"
PROGRAM = "/usr/local/lib/bastide/certificates"
FOLDER = "/etc/bastide/tls/names"
MODULES = tuple(path.stem for path in (ROOT / "roles" / "acme" / "files").glob("bastide_*.py"))
ZONE = "acme.info46.com"
PRIMARY, SECONDARY = "127.0.0.1@5301", "127.0.0.1@5302"
CAHORS_NAMES = ["cahors.fr", "mail.cahors.fr", "www.cahors.fr"]
ALBAS_NAMES = ["albas.fr", "www.albas.fr"]
SETTINGS = {
    "directory": "https://127.0.0.1:14000/dir",
    "authority": "/etc/bastide/tls/certificate.pem",
    "contact": "hostmaster@info46.com",
    # The same names are ordered again and again here.
    "limits": {"same": 100},
    "own": {},
    "dns": {"zone": ZONE, "primary": PRIMARY, "servers": {"ns1.info46.com": [SECONDARY]}},
}


def town(siren, domain, names):
    return collectivity(siren, [domain], {f"certificate:{domain}": {"names": names}})


TOWNS = (town(CAHORS, "cahors.fr", CAHORS_NAMES), town(ALBAS, "albas.fr", ALBAS_NAMES))


def zone(domain, *sets):
    found = [{"name": f"{domain}.", "type": "NS", "ttl": 3600, "rdata": ["ns1.info46.com."]}, *sets]
    return {"soa": SOA, "rrsets": [{"ttl": 3600, **one} for one in found]}


def leading(*names):
    """The record sets by which the compiler leads to the proofs of these names."""
    return [
        {"name": f"_acme-challenge.{name}.", "type": "CNAME", "rdata": [published_at(name, ZONE)]}
        for name in names
    ]


def zones():
    """The towns' zones; no name of theirs leads to a web host of ours."""
    delegation = {"name": f"{ZONE}.", "type": "NS", "rdata": ["ns1.info46.com."]}
    address = {"name": "ns1.info46.com.", "type": "A", "rdata": ["127.0.0.1"]}
    return (
        collectivity(
            CAHORS, ["cahors.fr"], {"zone:cahors.fr": zone("cahors.fr", *leading(*CAHORS_NAMES))}
        ),
        collectivity(
            ALBAS, ["albas.fr"], {"zone:albas.fr": zone("albas.fr", *leading("albas.fr"))}
        ),
        collectivity(
            OPERATOR,
            ["info46.com"],
            {"zone:info46.com": zone("info46.com", delegation, address)},
        ),
    )


def rendered(role, template, **facts):
    folder = ROOT / "roles" / role
    known = yaml.safe_load((folder / "defaults" / "main.yml").read_text())
    loader = FileSystemLoader(folder / "templates")
    environment = Environment(loader=loader, trim_blocks=True, keep_trailing_newline=True)
    environment.filters["dirname"] = lambda path: str(Path(path).parent)
    environment.filters["regex_escape"] = re.escape
    return environment.get_template(template).render(known | facts)


def nginx(host):
    """As its role configures it."""
    host.put("/etc/nginx/nginx.conf", rendered("nginx", "nginx.conf.j2", nginx_clients_setup=""))
    tasks = yaml.safe_load((ROOT / "roles" / "nginx" / "tasks" / "main.yml").read_text())
    [proofs] = [t["ansible.builtin.copy"] for t in tasks if "proofs" in t["name"]]
    host.put(
        "/etc/nginx/bastide/proofs.conf",
        proofs["content"].replace("{{ nginx_proofs }}", "/srv/acme"),
    )


def knots(host):
    """Primary and secondary as their role configures them, on one machine."""
    facts = {"knot_proofs_zone": ZONE, "knot_proofs_nameservers": ["ns1.info46.com"]}
    parts = {
        "primary": {"knot_listen": [PRIMARY], "knot_secondaries": [SECONDARY]},
        "secondary": {"knot_listen": [SECONDARY], "knot_primary_addresses": [PRIMARY]},
    }
    for part, more in parts.items():
        text = rendered("knot", f"{part}.conf.j2", **facts, **more)
        if part == "secondary":
            for path in ("/run/knot", "/var/lib/knot"):
                text = text.replace(f'"{path}"', f'"{path}2"')
        host.put(f"/etc/knot/{part}.conf", text)
    host.put("/var/lib/knot/bastide/proofs.zone", rendered("knot", "proofs.zone.j2", **facts))
    host.sh("""
    cp /etc/knot/primary.conf /etc/knot/knot.conf
    for name in transfers proofs; do
        keymgr -t bastide-$name hmac-sha256 > /etc/knot/bastide-$name.conf
    done
    install -m 600 /etc/knot/bastide-proofs.conf /etc/bastide/tls/proofs.conf
    chgrp -R knot /etc/knot; chmod 640 /etc/knot/*.conf; chown -R knot:knot /var/lib/knot/bastide
    systemctl restart knot knot-secondary unbound
    """)


@pytest.fixture(scope="module")
def web(scratch):
    """The host with its servers, the zones of two towns, and no certificate."""
    host = Host(start(PROOFS), scratch)
    for name in MODULES:
        text = (ROOT / "roles" / "acme" / "files" / f"{name}.py").read_text()
        host.put(f"{PROGRAM}/ansible/module_utils/{name}.py", text)
    for package in ("ansible", "ansible/module_utils"):
        host.put(f"{PROGRAM}/{package}/__init__.py", "")
    starter = ROOT / "roles" / "acme" / "files" / "keep_certificates.py"
    host.put(f"{PROGRAM}/keep_certificates.py", starter.read_text())
    nginx(host)
    knots(host)
    host.put("/etc/bastide/tls/acme.json", json.dumps(SETTINGS))
    # Half of the time Pebble would take a name for proved that was so before.
    unit = "/etc/systemd/system/pebble.service"
    host.sh(f"sed -i '/NOSLEEP/s/$/ PEBBLE_AUTHZREUSE=0/' {unit}; systemctl daemon-reload")
    host.sh("nginx -t && systemctl restart nginx && systemctl start pebble")
    host.put(DNS_SHARE, dns_share())
    done = host.module("bastide_zones", {"share": DNS_SHARE})
    assert done["failed_changes"] == []
    # The zone of proofs is no charter's, and nobody misses it.
    assert f"zone:{ZONE}" not in {one["address"] for one in done["left_alone"]}
    wait_for(host, "kdig @127.0.0.1 -p 5302 +short cahors.fr SOA | grep -q ns1")
    wait_for(host, f"kdig @127.0.0.1 -p 5302 +short {ZONE} SOA | grep -q ns1")
    yield host
    stop(PROOFS)


def dns_share(*lines):
    head, *rest = share("dns", *(lines or zones())).splitlines(keepends=True)
    told = json.dumps({**json.loads(head), "proofs": ZONE})
    return "".join([told + "\n", *rest])


def wait_for(web, condition):
    """Until a shell command succeeds, for a bounded time."""
    web.sh(f"for i in $(seq 150); do {condition} && exit 0; sleep 0.2; done; exit 1")


def converge(web, *lines, check_mode=False):
    web.put(SHARE, share("tls", *lines))
    return web.module("bastide_certificates", {"share": SHARE}, check_mode=check_mode)


def names_in(web, stem):
    text = web.sh(f"openssl x509 -in {FOLDER}/{stem}.pem")
    certificate = x509.load_pem_x509_certificate(text.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(names.get_values_for_type(x509.DNSName))


def proofs(web):
    """What is published, at the primary."""
    return web.sh(f"knotc zone-read {ZONE} | grep TXT || true")


def settle(web):
    """Forget what rests."""
    state = json.loads(web.read("/var/lib/bastide/tls/state.json"))
    web.put("/var/lib/bastide/tls/state.json", json.dumps({**state, "failures": {}}))


def test_names_that_lead_to_no_host_of_ours_are_proved_and_one_without_its_record_fails_alone(web):
    plan = converge(web, *TOWNS, check_mode=True)
    assert by_address(plan) == {"certificate:albas.fr": "create", "certificate:cahors.fr": "create"}
    done = converge(web, *TOWNS)
    [failed] = done["failed_changes"]
    assert (failed["address"], "kind" in failed) == ("certificate:albas.fr", False)
    assert failed["error"].startswith("www.albas.fr: ")
    assert names_in(web, "cahors.fr") == CAHORS_NAMES
    assert names_in(web, "albas.fr") == ["albas.fr"]
    assert proofs(web) == ""
    assert json.loads(web.read("/var/lib/bastide/tls/state.json"))["proofs"] == []


def test_with_its_record_the_name_is_proved_too(web):
    settle(web)
    cahors, _, operator = zones()
    albas = zone("albas.fr", *leading(*ALBAS_NAMES))
    line = collectivity(ALBAS, ["albas.fr"], {"zone:albas.fr": albas})
    web.put(DNS_SHARE, dns_share(cahors, line, operator))
    done = web.module("bastide_zones", {"share": DNS_SHARE})
    assert by_address(done) == {"rrset:_acme-challenge.www.albas.fr./CNAME": "create"}
    wait_for(web, "kdig @127.0.0.1 -p 5302 +short _acme-challenge.www.albas.fr CNAME | grep -q .")
    assert converge(web, *TOWNS)["failed_changes"] == []
    assert names_in(web, "albas.fr") == ALBAS_NAMES
    again = converge(web, *TOWNS)
    assert (again["changed"], again["failed_changes"]) == (False, [])


def test_while_a_name_server_is_late_nothing_is_proved_and_it_is_named(web):
    web.sh(f"rm {FOLDER}/albas.fr.pem; systemctl stop knot-secondary")
    web.sh(f"sed -i 's/60.0$/2.0/' {PROGRAM}/ansible/module_utils/bastide_certdns.py")
    try:
        said = web.sh(f"python3 -I {PROGRAM}/keep_certificates.py")
        assert f"albas.fr: ns1.info46.com ({SECONDARY}) did not give" in said
        assert proofs(web) == ""
    finally:
        web.sh("systemctl start knot-secondary")
    wait_for(web, "kdig @127.0.0.1 -p 5302 +short albas.fr SOA | grep -q ns1")
    # Nothing rests: it was no fault of a name.
    wait_for(web, f"kdig @127.0.0.1 -p 5302 +short {ZONE} SOA | grep -q ns1")
    assert "<6>albas.fr: new certificate" in web.sh(f"python3 -I {PROGRAM}/keep_certificates.py")


@pytest.mark.parametrize(
    ("spoil", "mend", "kind"),
    [
        ("systemctl stop knot", "systemctl start knot", "proofs-silent"),
        (
            "sed -i 's/secret: .*/secret: AAAA/' /etc/bastide/tls/proofs.conf",
            "cp /etc/knot/bastide-proofs.conf /etc/bastide/tls/proofs.conf",
            "proofs-refused",
        ),
        (
            "rm /etc/bastide/tls/proofs.conf",
            "install -m 600 /etc/knot/bastide-proofs.conf /etc/bastide/tls/proofs.conf",
            "proofs-key",
        ),
    ],
)
def test_a_primary_that_cannot_be_written_to_is_told_by_its_fault_and_then_all_is_made(
    web, spoil, mend, kind
):
    web.sh(f"rm {FOLDER}/albas.fr.pem; {spoil}")
    try:
        [failed] = converge(web, *TOWNS)["failed_changes"]
        assert (failed["address"], failed["kind"]) == ("certificate:albas.fr", kind)
    finally:
        web.sh(mend)
    wait_for(web, f"kdig @127.0.0.1 -p 5301 +short {ZONE} SOA | grep -q ns1")
    assert converge(web, *TOWNS)["failed_changes"] == []
    assert names_in(web, "albas.fr") == ALBAS_NAMES
    assert proofs(web) == ""


def test_killed_while_proofs_are_published_the_next_run_removes_them_and_ends_right(web):
    web.sh(f"rm {FOLDER}/albas.fr.pem")
    web.put("/root/payload.py", web.payload("bastide_certificates", {"share": SHARE}))
    # As long as the secondary does not have them, the run waits.
    web.sh("systemctl kill --signal STOP knot-secondary")
    try:
        web.sh(f"""
        python3 /root/payload.py > /dev/null 2>&1 &
        for i in $(seq 200); do knotc zone-read {ZONE} | grep -q TXT && break; sleep 0.1; done
        kill -9 $(sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p' /var/lib/bastide/tls/lock)
        """)
        assert proofs(web).count("TXT") == len(ALBAS_NAMES)
    finally:
        web.sh("systemctl kill --signal CONT knot-secondary")
    assert converge(web, *TOWNS)["failed_changes"] == []
    assert names_in(web, "albas.fr") == ALBAS_NAMES
    assert proofs(web) == ""


def test_who_has_the_key_may_write_texts_below_the_zone_and_nothing_else(web):
    def update(record, zone=ZONE):
        orders = f"server 127.0.0.1 5301\nzone {zone}\nadd {record}\nsend\n"
        sign = "$(sed -n 's/^# //p' /etc/knot/bastide-proofs.conf)"
        web.sh(f"knsupdate -y {sign} <<'X'\n{orders}X\n", check=False)
        return web.sh(f"kdig @127.0.0.1 -p 5301 +short {record.split()[0]} {record.split()[2]}")

    assert update(f'x.{ZONE}. 1 TXT "mine"') == '"mine"\n'
    assert update(f"x.{ZONE}. 1 A 192.0.2.1") == ""
    assert update(f'{ZONE}. 1 TXT "mine"') == ""
    assert update('_acme-challenge.new.albas.fr. 1 TXT "mine"', "albas.fr") == ""


def test_the_key_is_for_root_alone_and_in_no_state_or_answer(web):
    secret = web.sh("sed -n 's/.*secret: //p' /etc/knot/bastide-proofs.conf").strip()
    assert web.sh("stat -c '%a %U' /etc/bastide/tls/proofs.conf") == "600 root\n"
    assert secret not in web.read("/var/lib/bastide/tls/state.json")
    assert secret not in json.dumps(converge(web, *TOWNS))
