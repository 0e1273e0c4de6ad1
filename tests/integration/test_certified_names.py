# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates from a real ACME server, which really looks at the names; and what they change.

The authority is Pebble on the host sink, which has names proved over HTTP in the lab of the tests
of mail and by DNS in the other, by what the lab's resolver says. Clients here trust its roots and
nothing else.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import subprocess

import pytest
from cryptography import x509

from integration.town import charter, some_siren

ALBAS, ALVIGNAC, ANGLARS = "214600017", some_siren(), some_siren()
PROGRAM = "/usr/local/lib/bastide/certificates"


@pytest.fixture(scope="module", params=["mail", "platform"])
def secured(request, standing_town):
    """A town whose platform obtains certificates, with one commune that has its own."""
    town = standing_town
    if by_dns(town) != (request.param == "platform"):
        pytest.skip("the other lab proves names so: pytest -n 2 runs both")
    platform = town.root / "inventory" / "lab" / "platform.yml"
    text = platform.read_text("utf-8")
    assert "tls: {mode: local," in text
    platform.write_text(text.replace("tls: {mode: local,", "tls: {mode: acme,"), "utf-8")
    town.write("46/albas", charter(ALBAS, town.albas))
    town.commit()
    town.apply()
    yield town
    town.run("audit", "--check")


def by_dns(town):
    return "challenge: dns" in (town.root / "inventory" / "lab" / "platform.yml").read_text("utf-8")


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


@contextlib.contextmanager
def elsewhere(town, name):
    """For the world, the lab's resolver, a name leads to the mail host inside of the `with`.

    Or the name of its proofs leads to one of somebody else.
    """
    settings = "/etc/unbound/unbound.conf"
    before = town.podman("sink", "cat", settings)
    data = f"{name}. 1 IN A {town.addresses['mail']}"
    if by_dns(town):
        data = f"_acme-challenge.{name}. 1 IN TXT elsewhere"
    told = f'server:\n    local-data: "{data}"\n'
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


@pytest.mark.parametrize("secured", ["mail"], indirect=True)
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
