# SPDX-License-Identifier: GPL-3.0-or-later
"""bastide_certificates on a real nginx, with a real ACME server that really looks.

One host has all: nginx as the role configures it, Pebble, and for Pebble's eyes a DNS of tests that
leads every name to this host unless told otherwise.
"""

import datetime as dt
import json
import re

import pytest
import yaml
from containers import ROOT, TLS, Host, start, stop
from cryptography import x509
from jinja2 import Environment, FileSystemLoader
from shares import ALBAS, CAHORS, by_address, collectivity, share

pytestmark = pytest.mark.lab

SHARE, WEB_SHARE = "/root/tls.jsonl", "/root/web.jsonl"
PROGRAM = "/usr/local/lib/bastide/certificates"
MODULES = tuple(path.stem for path in (ROOT / "roles" / "acme" / "files").glob("bastide_*.py"))
FOLDER = "/etc/bastide/tls/names"
CAHORS_NAMES = ["autoconfig.cahors.fr", "cahors.fr", "mta-sts.cahors.fr", "www.cahors.fr"]
ALBAS_NAMES = ["albas.fr", "www.albas.fr"]
PAGE = {"title": "Cahors", "kind": "holding", "language": "fr", "lines": ["Bonjour"]}
MOVED = {"/ancienne-page": "/nouvelle", "/index.php?id=12": "/conseil", "/x": "https://x.example/"}
WEB_LINES = (
    collectivity(
        CAHORS,
        ["cahors.fr"],
        {
            "page:www.cahors.fr": PAGE,
            "redirect:cahors.fr": {"to": "https://www.cahors.fr/"},
            "paths:www.cahors.fr": {"moved": MOVED},
        },
    ),
    collectivity(ALBAS, ["albas.fr"], {"page:www.albas.fr": {**PAGE, "title": "Albas"}}),
)


def town(siren, domain, names):
    return collectivity(siren, [domain], {f"certificate:{domain}": {"names": names}})


TOWNS = (town(CAHORS, "cahors.fr", CAHORS_NAMES), town(ALBAS, "albas.fr", ALBAS_NAMES))


def nginx_conf():
    """The role's own template with the role's own defaults."""
    role = ROOT / "roles" / "nginx"
    facts = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    facts |= {"nginx_clients_setup": "config.info46.com", "nginx_mta_sts": "testing"}
    loader = FileSystemLoader(role / "templates")
    environment = Environment(loader=loader, trim_blocks=True, keep_trailing_newline=True)
    environment.filters["regex_escape"] = re.escape
    return environment.get_template("nginx.conf.j2").render(facts)


@pytest.fixture(scope="module")
def bare(scratch):
    """The host, configured, with nothing to serve."""
    host = Host(start(TLS), scratch)
    tasks = yaml.safe_load((ROOT / "roles" / "nginx" / "tasks" / "main.yml").read_text())
    [proofs] = [t["ansible.builtin.copy"] for t in tasks if "proofs" in t["name"]]
    text = proofs["content"].replace("{{ nginx_proofs }}", "/srv/acme")
    host.put("/etc/nginx/bastide/proofs.conf", text)
    for name in MODULES:
        text = (ROOT / "roles" / "acme" / "files" / f"{name}.py").read_text()
        host.put(f"{PROGRAM}/ansible/module_utils/{name}.py", text)
    host.put(f"{PROGRAM}/ansible/__init__.py", "")
    host.put(f"{PROGRAM}/ansible/module_utils/__init__.py", "")
    starter = ROOT / "roles" / "acme" / "files" / "keep_certificates.py"
    host.put(f"{PROGRAM}/keep_certificates.py", starter.read_text())
    host.put("/etc/nginx/nginx.conf", nginx_conf())
    host.sh("nginx -t && systemctl restart nginx && systemctl start pebble dns-of-tests")
    yield host
    stop(TLS)


@pytest.fixture(scope="module")
def web(bare):
    """The same with pages of two towns and their certificates."""
    bare.put(WEB_SHARE, share("web", *WEB_LINES))
    done = bare.module("bastide_web_pages", {"share": WEB_SHARE})
    assert done["failed_changes"] == []
    plan = converge(bare, *TOWNS, check_mode=True)
    assert by_address(plan) == {"certificate:albas.fr": "create", "certificate:cahors.fr": "create"}
    real = converge(bare, *TOWNS)
    assert (real["failed_changes"], real["waiting"]) == ([], [])
    assert real["changes"] == plan["changes"]
    return bare


def converge(web, *lines, check_mode=False, **args):
    web.put(SHARE, share("tls", *lines))
    return web.module("bastide_certificates", {"share": SHARE, **args}, check_mode=check_mode)


def get(web, url):
    """Status, where it leads, HSTS: by a client that trusts Pebble's roots and no others."""
    name = url.partition("://")[2].partition("/")[0]
    form = r"%{http_code} %{redirect_url}\n"
    said = web.sh(
        f"curl -s -o /tmp/body -D /tmp/head -w '{form}' --cacert /var/lib/pebble/roots.pem"
        f" --resolve '{name}:80:127.0.0.1' --resolve '{name}:443:127.0.0.1' '{url}';"
        " sed -n 's/^strict-transport-security: //Ip' /tmp/head"
    )
    first, _, hsts = said.partition("\n")
    status, _, target = first.strip().partition(" ")
    return int(status), target, hsts.strip()


def shown(web, name):
    """The certificate that a client is shown for a name; not whether it trusts it."""
    text = web.sh(
        f"openssl s_client -connect 127.0.0.1:443 -servername {name} < /dev/null 2> /dev/null"
        " | openssl x509"
    )
    return x509.load_pem_x509_certificate(text.encode())


def names_in(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(names.get_values_for_type(x509.DNSName))


def lead(web, name, *addresses):
    """In the DNS that the authority asks, `name` leads to `addresses`; to this host without any."""
    order = json.dumps({"host": f"{name}.", "addresses": addresses})
    verb = "add-a" if addresses else "clear-a"
    web.sh(f"curl -sf -d '{order}' http://127.0.0.1:8055/{verb}")


def keep(web, day=0, scope=None):
    """What the timer's program does on that day."""
    script = (
        f"import sys; sys.path.insert(0, {PROGRAM!r})\n"
        "import datetime as dt, json\n"
        "from ansible.module_utils import bastide_certkeeper as keeper\n"
        "from ansible.module_utils import bastide_certstore as store\n"
        f"now = dt.datetime.now(dt.UTC) + dt.timedelta(days={day})\n"
        f"report = keeper.keep(store.load_state(), {scope!r}, now)\n"
        "print(json.dumps([sorted(report.obtained), report.failed]))\n"
    )
    return json.loads(web.sh(f"python3 - <<'X'\n{script}X\n"))


def test_names_are_served_with_a_certificate_of_their_domain_that_the_authority_signed(web):
    certificate = shown(web, "www.cahors.fr")
    assert names_in(certificate) == CAHORS_NAMES
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert dt.timedelta(days=89) < life < dt.timedelta(days=91)
    assert names_in(shown(web, "www.albas.fr")) == ALBAS_NAMES
    assert get(web, "https://www.cahors.fr/") == (200, "", "max-age=31536000")
    assert "Bonjour" in web.read("/tmp/body")
    assert get(web, "https://autoconfig.cahors.fr/nothing")[0] == 404
    assert get(web, "https://mta-sts.cahors.fr/nothing")[0] == 404
    again = converge(web, *TOWNS)
    assert (again["changed"], again["repaired"]) == (False, [])


def test_keys_are_for_root_and_nginx_alone(web):
    modes = web.sh(f"stat -c '%a %U %G' {FOLDER}/*.pem /etc/bastide/tls/acme-account.pem")
    assert modes.splitlines() == [*["640 root www-data"] * 2, "600 root root"]
    assert "PRIVATE" not in web.read("/var/lib/bastide/tls/state.json")


def test_every_name_leads_to_its_site_over_https_in_one_hop(web):
    assert get(web, "http://cahors.fr/")[:2] == (301, "https://www.cahors.fr/")
    assert get(web, "https://cahors.fr/")[:2] == (301, "https://www.cahors.fr/")
    # A name and its www are one site: an old link to a page of it still leads there.
    assert get(web, "http://cahors.fr/a?b=c")[:2] == (301, "https://www.cahors.fr/a?b=c")
    assert get(web, "http://www.cahors.fr/a?b=c")[:2] == (301, "https://www.cahors.fr/a?b=c")
    assert get(web, "http://inconnu.example/") == (404, "", "")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_moved_pages_lead_to_their_new_address_in_one_hop(web, scheme):
    site = f"{scheme}://www.cahors.fr"
    assert get(web, f"{site}/ancienne-page")[:2] == (301, "https://www.cahors.fr/nouvelle")
    assert get(web, f"{site}/Ancienne-Page?x=1")[:2] == (301, "https://www.cahors.fr/nouvelle")
    assert get(web, f"{site}/index.php?id=12")[:2] == (301, "https://www.cahors.fr/conseil")
    assert get(web, f"{site}/x")[:2] == (301, "https://x.example/")


def test_a_name_that_leads_elsewhere_fails_alone(web):
    lead(web, "www.catus.fr", "255.255.255.254")
    catus = town("214600645", "catus.fr", ["catus.fr", "www.catus.fr"])
    vers = town("214603314", "vers.fr", ["vers.fr"])
    result = converge(web, *TOWNS, catus, vers)
    [failed] = result["failed_changes"]
    assert failed["address"] == "certificate:catus.fr"
    assert failed["error"].startswith("www.catus.fr: ")
    assert by_address(result) == {"certificate:vers.fr": "create"}
    assert names_in(shown(web, "catus.fr")) == ["catus.fr"]
    plan = converge(web, *TOWNS, catus, vers, check_mode=True)
    assert "again after" in plan["failed_changes"][0]["error"]
    lead(web, "www.catus.fr")
    assert keep(web, 1, ["catus.fr"]) == [["catus.fr"], {}]
    assert converge(web, *TOWNS, catus, vers)["changes"] == []
    assert by_address(converge(web, *TOWNS)) == {}  # they vanished, and are left alone


def test_a_certificate_is_renewed_when_a_third_of_its_life_is_left_and_served_at_once(web):
    before = shown(web, "albas.fr").serial_number
    assert keep(web, 59, ["albas.fr"]) == [[], {}]
    assert keep(web, 61, ["albas.fr"]) == [["albas.fr"], {}]
    assert shown(web, "albas.fr").serial_number != before
    assert get(web, "https://www.albas.fr/")[0] == 200


def test_without_the_authority_pages_are_converged_all_the_same(web):
    more = town(ALBAS, "albas.fr", [*ALBAS_NAMES, "zoo.albas.fr"])
    web.sh("systemctl stop pebble")
    try:
        [failed] = converge(web, TOWNS[0], more)["failed_changes"]
        assert "no answer from the authority" in failed["error"]
        lines = (WEB_LINES[0], collectivity(ALBAS, ["albas.fr"], {"page:www.albas.fr": PAGE}))
        web.put(WEB_SHARE, share("web", *lines))
        assert web.module("bastide_web_pages", {"share": WEB_SHARE})["failed_changes"] == []
        assert names_in(shown(web, "www.albas.fr")) == ALBAS_NAMES
    finally:
        web.sh("systemctl start pebble")
    # It has forgotten its accounts and made another root.
    assert converge(web, TOWNS[0], more)["failed_changes"] == []
    assert get(web, "https://zoo.albas.fr/")[0] == 404
    assert converge(web, *TOWNS)["failed_changes"] == []


def test_killed_in_the_middle_of_an_order_the_next_run_ends_right(web):
    more = town(ALBAS, "albas.fr", [*ALBAS_NAMES, "bourg.albas.fr"])
    web.put(SHARE, share("tls", TOWNS[0], more))
    payload = web.payload("bastide_certificates", {"share": SHARE})
    web.put("/root/payload.py", payload)
    web.sh("systemctl kill --signal STOP pebble")
    try:
        web.sh("""
        python3 /root/payload.py > /dev/null 2>&1 &
        for i in $(seq 200); do
            ss -tn state established dst 127.0.0.1:14000 | grep -q 14000 && break; sleep 0.1
        done
        kill -9 $(sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p' /var/lib/bastide/tls/lock)
        """)
    finally:
        web.sh("systemctl kill --signal CONT pebble")
    assert names_in(shown(web, "albas.fr")) == ALBAS_NAMES
    result = converge(web, TOWNS[0], more)
    assert (result["failed_changes"], by_address(result)) == (
        [],
        {"certificate:albas.fr": "update"},
    )
    assert get(web, "https://bourg.albas.fr/")[0] == 404
    assert web.sh("ls /srv/acme") == ""


def test_the_hosts_own_names_are_proved_too_and_lie_where_its_services_read_them(web):
    settings = json.loads(web.read("/etc/bastide/tls/acme.json"))
    own = {"names": ["config.info46.com"], "certificate": "/root/own.pem", "key": "/root/own.key"}
    web.put("/etc/bastide/tls/acme.json", json.dumps({**settings, "own": own}))
    assert "<6>_host: new certificate" in web.sh(f"python3 -I {PROGRAM}/keep_certificates.py")
    certificate = x509.load_pem_x509_certificate(web.read("/root/own.pem").encode())
    assert names_in(certificate) == ["config.info46.com"]
    assert web.sh("stat -c %a /root/own.key") == "600\n"
    web.put("/etc/bastide/tls/acme.json", json.dumps(settings))
    assert converge(web, *TOWNS)["failed_changes"] == []


def test_the_program_of_the_timer_makes_good_what_is_missing(web):
    web.sh(f"rm {FOLDER}/cahors.fr.pem")
    said = web.sh(f"python3 -I {PROGRAM}/keep_certificates.py")
    assert "<6>cahors.fr: new certificate" in said
    assert get(web, "https://www.cahors.fr/")[0] == 200


def test_a_retired_domain_is_served_without(web):
    retired = collectivity(CAHORS, [], (), retired_domains=["cahors.fr"])
    assert by_address(converge(web, retired, TOWNS[1])) == {"certificate:cahors.fr": "delete"}
    assert web.sh(f"ls {FOLDER}/cahors.fr.pem 2> /dev/null || echo gone") == "gone\n"
    assert get(web, "https://www.albas.fr/")[0] == 200
