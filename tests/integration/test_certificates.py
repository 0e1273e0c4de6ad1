# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates from a real ACME server, which really looks at the names; and what they change.

The authority is Pebble on the host sink: it proves names over HTTP, by the addresses that the lab's
resolver gives. Clients here trust its roots and nothing else.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import socket
import ssl
import subprocess

import pytest
from cryptography import x509

from integration.town import charter

ALBAS, ALVIGNAC, ANGLARS = "214600017", "214600033", "214600041"
FOLDER = "/etc/bastide/tls/names"
PROGRAM = "/usr/local/lib/bastide/certificates"
MOVED = (
    "{/ancienne-page: /nouvelle-page, '/index.php?id=12': /conseil,"
    " /agenda: 'https://agenda.example/du-lot'}"
)


@pytest.fixture(scope="module")
def secured(standing_town):
    """A town whose platform obtains certificates, with one commune that has its own."""
    town = standing_town
    platform = town.root / "inventory" / "lab" / "platform.yml"
    text = platform.read_text("utf-8")
    assert "tls: {mode: local," in text
    platform.write_text(text.replace("tls: {mode: local,", "tls: {mode: acme,"), "utf-8")
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    yield town
    town.run("audit", "--check")


def trust(town):
    """Clients that believe in the authority of the lab, whatever roots it has made by now."""
    roots = town.podman("sink", "cat", "/var/lib/pebble/roots.pem")
    return ssl.create_default_context(cadata=roots)


def certificate(town, name):
    """What a client is shown for a name, after the chain and the name were checked."""
    with (
        socket.create_connection((town.addresses["web"], 443), timeout=10) as raw,
        trust(town).wrap_socket(raw, server_hostname=name) as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))


def names_in(shown):
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(names.get_values_for_type(x509.DNSName))


def get(town, url):
    """Status, Location, HSTS and body of one request, without following anything."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    connection = http.client.HTTPConnection(town.addresses["web"], 80, timeout=10)
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, timeout=10)
        raw = socket.create_connection((town.addresses["web"], 443), timeout=10)
        connection.sock = trust(town).wrap_socket(raw, server_hostname=host)
    connection.request("GET", slash + path, headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    headers = answer.headers
    return answer.status, headers["Location"], headers["Strict-Transport-Security"], body


def test_a_new_commune_has_a_certificate_of_its_names_and_its_page_is_served_with_it(secured):
    town = secured
    shown = certificate(town, f"www.{town.albas}")
    labels = ("", "autoconfig.", "autodiscover.", "www.")
    assert names_in(shown) == [f"{label}{town.albas}" for label in labels]
    status, _, hsts, body = get(town, f"https://www.{town.albas}/")
    assert (status, hsts) == (200, "max-age=31536000")
    assert "Albas" in body
    assert "<hostname>" in get(town, f"https://autoconfig.{town.albas}/mail/config-v1.1.xml")[3]
    assert town.run("verify", "albas").returncode == 0
    plan = town.plan()
    assert (plan["changes"], plan["repairs"], plan["doomed"]) == ([], [], [])


def test_every_name_leads_to_the_declared_site_over_https_in_one_hop(secured):
    town = secured
    site = f"https://www.{town.albas}"
    for start in (f"http://{town.albas}/", f"https://{town.albas}/"):
        assert get(town, start)[:2] == (301, f"{site}/")
    assert get(town, f"http://www.{town.albas}/a?b=c")[:2] == (301, f"{site}/a?b=c")
    # A name without a certificate is answered as before, and is told nothing of HTTPS.
    status, location, hsts, _ = get(town, "http://inconnu.example/")
    assert (status, location, hsts) == (404, None, None)


def test_pages_that_have_moved_lead_to_their_new_address_in_one_hop(secured):
    town = secured
    site = f"https://www.{town.albas}"
    town.write("46/albas", charter(ALBAS, town.albas).rstrip()[:-1] + f", redirects: {MOVED}}}\n")
    town.commit()
    town.apply()
    for scheme in ("http", "https"):
        start = f"{scheme}://www.{town.albas}"
        assert get(town, f"{start}/ancienne-page")[:2] == (301, f"{site}/nouvelle-page")
        assert get(town, f"{start}/Ancienne-Page?x=1")[:2] == (301, f"{site}/nouvelle-page")
        assert get(town, f"{start}/index.php?id=12")[:2] == (301, f"{site}/conseil")
        assert get(town, f"{start}/agenda")[:2] == (301, "https://agenda.example/du-lot")
    assert get(town, f"{site}/index.php?id=13")[0] == 404
    assert town.run("verify", "albas").returncode == 0
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    assert get(town, f"{site}/ancienne-page")[0] == 404


@contextlib.contextmanager
def elsewhere(town, name):
    """For the world, the lab's resolver, a name leads to the mail host inside of the `with`."""
    settings = "/etc/unbound/unbound.conf"
    before = town.podman("sink", "cat", settings)
    told = f'server:\n    local-data: "{name}. 1 IN A {town.addresses["mail"]}"\n'
    replace = f"cat > {settings} && systemctl restart unbound"
    command = ["podman", "exec", "-i", town.containers["sink"], "sh", "-ec", replace]
    try:
        subprocess.run(command, input=told + before, text=True, check=True)
        yield
    finally:
        subprocess.run(command, input=before, text=True, check=True)


def test_a_name_that_leads_elsewhere_fails_alone_and_its_line_is_named(secured):
    town = secured
    lost = f"www.{town.anglars}"
    town.write("46/anglars", charter(ANGLARS, town.anglars))
    town.write("46/alvignac", charter(ALVIGNAC, town.alvignac))
    town.commit()
    with elsewhere(town, lost):
        done = town.apply(code=1)
    [fault] = [line for line in done.stdout.splitlines() if "A523" in line]
    assert fault.startswith(town.place("46/anglars", f"{town.anglars}:"))
    assert f"certificate:{town.anglars}: {lost}: " in fault
    assert get(town, f"https://www.{town.alvignac}/")[0] == 200
    # The other names of its domain have a certificate; it is served without, as it was.
    assert lost not in names_in(certificate(town, town.anglars))
    assert get(town, f"http://{lost}/")[0] == 200
    # It rests: neither a plan nor an apply asks the authority again before its time.
    [doomed] = town.plan()["doomed"]
    assert doomed["address"] == f"certificate:{town.anglars}"
    assert "again after" in doomed["error"]
    assert keep(town, town.anglars, 1) == [[town.anglars], {}]
    town.converge()
    assert get(town, f"https://{lost}/")[0] == 200


def keep(town, stem, day):
    """What the timer's program does on that day, for one certificate."""
    script = (
        f"import sys; sys.path.insert(0, {PROGRAM!r})\n"
        "import datetime as dt, json\n"
        "from ansible.module_utils import bastide_certkeeper as keeper\n"
        "from ansible.module_utils import bastide_certstore as store\n"
        "from ansible.module_utils.bastide_files import service_lock\n"
        "with service_lock(store.LOCK, 60):\n"
        f"    now = dt.datetime.now(dt.UTC) + dt.timedelta(days={day})\n"
        f"    report = keeper.keep(store.load_state(), [{stem!r}], now)\n"
        "print(json.dumps([report.obtained, report.failed]))\n"
    )
    return json.loads(town.podman("web", "python3", "-c", script))


def test_a_certificate_is_renewed_when_a_third_of_its_life_is_left(secured):
    town = secured
    before = certificate(town, town.albas)
    assert before.not_valid_after_utc - before.not_valid_before_utc >= dt.timedelta(days=89)
    assert keep(town, town.albas, 59) == [[], {}]
    assert certificate(town, town.albas).serial_number == before.serial_number
    assert keep(town, town.albas, 61) == [[town.albas], {}]
    after = certificate(town, town.albas)  # served without a reload
    assert after.serial_number != before.serial_number
    assert names_in(after) == names_in(before)


def test_the_hosts_own_names_are_proved_too_and_their_certificate_lies_where_services_read_it(
    secured,
):
    town = secured
    own = {"names": ["config.info46.com"], "certificate": "/root/own.pem", "key": "/root/own.key"}
    script = (
        f"import sys; sys.path.insert(0, {PROGRAM!r})\n"
        "from ansible.module_utils import bastide_certkeeper as keeper\n"
        "from ansible.module_utils import bastide_certstore as store\n"
        f"settings = {{**store.read_settings(), 'own': {own!r}}}\n"
        "store.read_settings = lambda: settings\n"
        "print(keeper.keep(store.load_state(), [store.OWN]).obtained)\n"
    )
    assert town.podman("web", "python3", "-c", script) == "['_host']\n"
    shown = x509.load_pem_x509_certificate(town.podman("web", "cat", "/root/own.pem").encode())
    assert names_in(shown) == ["config.info46.com"]
    assert "PRIVATE KEY" in town.podman("web", "cat", "/root/own.key")
    town.podman("web", "rm", "/root/own.pem", "/root/own.key", f"{FOLDER}/_host.pem")


def test_the_timer_looks_after_the_certificates_by_itself(secured):
    town = secured
    town.podman("web", "systemctl", "is-active", "bastide-certificates.timer")
    town.podman("web", "rm", f"{FOLDER}/{town.albas}.pem")
    town.podman("web", "systemctl", "start", "bastide-certificates")
    assert get(town, f"https://www.{town.albas}/")[0] == 200


def test_without_the_authority_everything_else_is_applied(secured):
    town = secured
    more = f"  ville-{town.albas}:\n    redirect_to: https://www.{town.albas}/\n"
    with town.stopped("sink", "pebble"):
        town.write("46/albas", charter(ALBAS, town.albas, more=more))
        town.commit()
        done = town.apply(code=1)
        [fault] = [line for line in done.stdout.splitlines() if "A523" in line]
        assert f"certificate:ville-{town.albas}" in fault
        assert "no answer from the authority" in fault
        # Served as far as it can be, and what is there stays.
        assert get(town, f"http://ville-{town.albas}/")[:2] == (301, f"https://www.{town.albas}/")
        assert get(town, f"https://www.{town.albas}/")[0] == 200
    # It has forgotten the account and made another root: the host signs in anew.
    town.converge()
    assert get(town, f"https://ville-{town.albas}/")[:2] == (301, f"https://www.{town.albas}/")


def test_killed_in_the_middle_of_an_order_the_next_apply_ends_right(secured, eventually):
    town = secured
    more = f"  bourg-{town.albas}:\n    redirect_to: https://www.{town.albas}/\n"
    town.write("46/albas", charter(ALBAS, town.albas, more=more))
    town.commit()
    town.podman("sink", "systemctl", "kill", "--signal", "STOP", "pebble")
    try:
        with town.start("apply") as process:
            holder = eventually(lambda: ordering(town, f"bourg-{town.albas}"), "the order")
            town.podman("web", "kill", "-9", str(holder))
            process.communicate(timeout=120)
        assert process.returncode == 1
    finally:
        town.podman("sink", "systemctl", "kill", "--signal", "CONT", "pebble")
    town.converge()
    assert get(town, f"https://bourg-{town.albas}/")[:2] == (301, f"https://www.{town.albas}/")
    assert town.podman("web", "ls", "/srv/acme") == ""


def ordering(town, stem):
    """The process that has this order under way on the web host."""
    state = json.loads(town.podman("web", "cat", "/var/lib/bastide/tls/state.json") or "{}")
    begun = any(stem in domains for _, _, domains in state.get("orders", []))
    lock = town.podman("web", "cat", "/var/lib/bastide/tls/lock")
    return json.loads(lock)["pid"] if begun and lock else None
