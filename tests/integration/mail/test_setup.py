# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail programs find their settings by themselves, for any domain, with one certificate."""

import http.client
import plistlib
import socket
import ssl
import subprocess
import xml.etree.ElementTree as ET

import pytest

SETUP, SERVER = "config.info46.com", "mail.info46.com"
DOMAIN = "cahors.fr"
AUTODISCOVER = "/autodiscover/autodiscover.xml"
OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


def question(address):
    return (
        '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/'
        'exchange/autodiscover/outlook/requestschema/2006"><Request>'
        f"<EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft"
        ".com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    )


@pytest.fixture
def plain(address):
    """plain(host, path) asks over HTTP, as a program does after a look at the DNS."""

    def ask(host, path, method="GET", body=None):
        connection = http.client.HTTPConnection(address("web"), 80, timeout=10)
        connection.request(method, path, body=body, headers={"Host": host})
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    return ask


@pytest.fixture
def secure(address, trust):
    """secure(path) asks the operator's name over HTTPS; its certificate is checked."""

    def ask(path, method="GET", body=None):
        connection = http.client.HTTPSConnection(SETUP, timeout=10, context=trust)
        raw = socket.create_connection((address("web"), 443), timeout=10)
        connection.sock = trust.wrap_socket(raw, server_hostname=SETUP)
        connection.request(method, path, body=body, headers={"Content-Type": "text/xml"})
        answer = connection.getresponse()
        answer.body = answer.read()
        connection.close()
        return answer

    return ask


@pytest.mark.parametrize("domain", [DOMAIN, "xn--vch-9ladd.fr", "a.b.example"])
@pytest.mark.parametrize(
    "path", ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"]
)
def test_thunderbird_gets_servers_that_answer_on_the_ports_it_is_told(plain, domain, path):
    answer = plain(f"autoconfig.{domain}", f"{path}?emailaddress=mairie%40{domain}")
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/xml")
    provider = ET.fromstring(answer.body).find("emailProvider")
    servers = [
        tuple(one.findtext(f) for f in ("hostname", "port", "socketType", "username"))
        for one in (*provider.iter("incomingServer"), *provider.iter("outgoingServer"))
    ]
    assert servers == [
        (SERVER, "993", "SSL", "%EMAILADDRESS%"),
        (SERVER, "465", "SSL", "%EMAILADDRESS%"),
        (SERVER, "587", "STARTTLS", "%EMAILADDRESS%"),
    ]
    # Thunderbird refuses a file whose <domain> is no host name.
    assert "%" not in provider.findtext("domain")


def test_what_the_settings_promise_is_what_the_mail_host_does(plain, address, trust):
    answer = plain(f"autoconfig.{DOMAIN}", "/mail/config-v1.1.xml")
    for server in ET.fromstring(answer.body).iter():
        if server.findtext("socketType") == "SSL":
            raw = socket.create_connection((address("mail"), int(server.findtext("port"))), 10)
            with trust.wrap_socket(raw, server_hostname=server.findtext("hostname")) as tls:
                assert tls.recv(100).startswith((b"* OK", b"220"))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", [AUTODISCOVER, "/Autodiscover/Autodiscover.xml"])
def test_outlook_is_led_from_the_domain_to_the_name_with_a_certificate(plain, method, path):
    answer = plain(f"autodiscover.{DOMAIN}", path, method)
    assert answer.status == 302
    assert answer.headers["Location"] == f"https://{SETUP}{AUTODISCOVER}"


@pytest.mark.parametrize("name", ["autoconfig", "autodiscover"])
def test_tls_on_a_name_without_a_certificate_is_refused_and_not_faked(address, trust, name):
    with (
        socket.create_connection((address("web"), 443), timeout=10) as raw,
        pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name") as refused,
    ):
        trust.wrap_socket(raw, server_hostname=f"{name}.{DOMAIN}")
    assert not isinstance(refused.value, ssl.SSLCertVerificationError)


def test_outlook_is_told_the_whole_address_as_login_name(secure):
    answer = secure(AUTODISCOVER, "POST", question(f"mairie@{DOMAIN}"))
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/xml")
    protocols = {
        one.findtext(f"{OUTLOOK}Type"): tuple(
            one.findtext(f"{OUTLOOK}{f}") for f in ("Server", "Port", "SSL", "LoginName")
        )
        for one in ET.fromstring(answer.body).iter(f"{OUTLOOK}Protocol")
    }
    assert protocols == {
        "IMAP": (SERVER, "993", "on", f"mairie@{DOMAIN}"),
        "SMTP": (SERVER, "465", "on", f"mairie@{DOMAIN}"),
    }


@pytest.mark.parametrize(
    "body", ["", "x", question("<b>a@b.fr</b>"), question("a&quot;@b.fr"), question("a b@c.fr")]
)
def test_what_is_no_address_is_never_given_back(secure, body):
    answer = secure(AUTODISCOVER, "POST", body)
    assert answer.status == 200
    names = {one.text for one in ET.fromstring(answer.body).iter(f"{OUTLOOK}LoginName")}
    assert names == {None}


def test_a_question_without_end_is_refused(secure):
    assert secure(AUTODISCOVER, "POST", question("x" * 100_000)).status == 413


def test_the_site_of_a_domain_gives_outlook_no_page(plain):
    assert plain(DOMAIN, AUTODISCOVER, "POST").status == 404


def test_the_profile_of_apple_devices_is_signed_by_the_hosts_certificate(secure, lab, tmp_path):
    answer = secure("/mobileconfig")
    assert answer.headers.get_content_type() == "application/x-apple-aspen-config"
    signed, plain = tmp_path / "signed", tmp_path / "plain"
    signed.write_bytes(answer.body)
    authority = lab.files / "tls" / "ca.pem"
    command = ["openssl", "smime", "-verify", "-inform", "der", "-CAfile", authority]
    files = ["-purpose", "any", "-in", signed, "-out", plain]
    subprocess.run([*command, *files], check=True, capture_output=True)
    profile = plistlib.loads(plain.read_bytes())
    [mail] = profile["PayloadContent"]
    assert profile["PayloadType"] == "Configuration"
    assert mail["PayloadType"] == "com.apple.mail.managed"
    assert mail["IncomingMailServerHostName"] == mail["OutgoingMailServerHostName"] == SERVER
    assert "EmailAddress" not in mail  # the device asks
