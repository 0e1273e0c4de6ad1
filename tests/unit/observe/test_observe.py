# SPDX-License-Identifier: GPL-3.0-or-later
"""What is observed is what real servers answer: DNS, DNSSEC, web, certificates, SMTP, DANE."""

import contextlib

import pytest
from world import (
    HERE,
    Authority,
    Names,
    closed_port,
    dns_server,
    key_digest,
    mail_server,
    web_server,
)

from bastide.conformity.criteria import BESIDE, RPNT
from bastide.conformity.evidence import Declared
from bastide.conformity.grade import grade
from bastide.conformity.records import Expected
from bastide.conformity.serving import Serving
from bastide.observe.dnssec import find_dnssec
from bastide.observe.observer import Observer
from bastide.observe.ports import Ports
from bastide.observe.resolver import Resolver, Server
from bastide.observe.spf import count_queries
from bastide.observe.web import Visitor

DECLARED = Declared("mairie@cahors.fr", "https://www.cahors.fr", "own", "own", "c.yml", 1, 1)
SERVING = Serving(
    https=True,
    dnssec=False,
    dane=False,
    mta_sts="none",
    web=frozenset({HERE}),
    mx=((10, "mx.cahors.fr", (HERE, "2001:db8::25")),),
    spf="v=spf1 mx -all",
    dmarc="v=DMARC1; p=quarantine",
    no_ipv6=(),
    mail_country="FR",
)
# The site's and the servers' addresses in IPv6 lead nowhere here; the first address answers.
ZONE = """
@ NS ns.cahors.fr.
ns A 127.0.0.1
ns AAAA 2001:db8::53
@ A 127.0.0.1
www A 127.0.0.1
www AAAA 2001:db8::80
@ MX 10 mx.cahors.fr.
mx A 127.0.0.1
mx AAAA 2001:db8::25
@ TXT "site=1"
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=quarantine"
@ CAA 0 issue "letsencrypt.org"
_mta-sts TXT "v=STSv1; id=1;"
mta-sts A 127.0.0.1
b2026._domainkey TXT "v=DKIM1; k=rsa; p=MIIB"
"""
PAGES = {
    "www.cahors.fr/": (200, "Cahors"),
    "cahors.fr/": (301, "https://www.cahors.fr/"),
    "mta-sts.cahors.fr/.well-known/mta-sts.txt": (
        200,
        "version: STSv1\r\nmode: enforce\r\nmx: mx.cahors.fr\r\nmax_age: 604800\r\n",
    ),
}
PLAIN = {
    "www.cahors.fr/": (301, "https://www.cahors.fr/"),
    "cahors.fr/": (301, "https://www.cahors.fr/"),
}
EXPECTED = [Expected("b2026._domainkey.cahors.fr.", "TXT", 60, ('"v=DKIM1; k=rsa; p=MIIB"',))]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


class Town:
    """A town whose servers are at work; its parts can be spoiled before."""

    def __init__(self, authority):
        self.authority = authority
        self.names = Names()
        self.zone = ZONE
        self.signed = True
        self.registered = True
        self.pages = dict(PAGES)
        self.plain = dict(PLAIN)
        self.bearing = ("www.cahors.fr", "cahors.fr", "mta-sts.cahors.fr")
        self.smtp_tls, certificate = authority.context("mx.cahors.fr")
        self.tlsa = f"3 1 1 {key_digest(certificate)}"

    @contextlib.contextmanager
    def alive(self):
        tlsa = f"_25._tcp.mx TLSA {self.tlsa}\n" if self.tlsa else ""
        self.names.add(
            "cahors.fr", self.zone + tlsa, signed=self.signed, registered=self.registered
        )
        tls = {name: self.authority.context(name)[0] for name in self.bearing}
        with (
            dns_server(self.names) as dns_port,
            web_server(self.plain) as http,
            web_server(self.pages, tls) as https,
            mail_server(self.smtp_tls) as smtp,
        ):
            resolver = Resolver([Server(HERE, dns_port)], timeout=1.0)
            yield Observer(resolver, SERVING, self.authority.file, None, Ports(http, https, smtp))

    def states(self, mode="anct"):
        return self.report(mode).verdicts.criteria

    def report(self, mode="anct"):
        with self.alive() as observer:
            evidence = observer.observe(DECLARED, EXPECTED)
        assert evidence.basis == "observed"
        return grade(evidence, mode)


@pytest.fixture
def town(authority):
    return Town(authority)


@pytest.mark.parametrize("mode", ["anct", "strict"])
def test_a_town_without_a_fault_is_seen_as_such(town, mode):
    report = town.report(mode)
    assert {code: s for code, s in report.verdicts.criteria.items() if s != "met"} == {}
    assert report.best == "aa"


def failed(states):
    return {code for code, state in states.items() if state == "failed"}


def test_a_site_without_http_redirect(town):
    town.plain = {"www.cahors.fr/": (200, "Cahors"), "cahors.fr/": (200, "Cahors")}
    assert failed(town.states()) & RPNT.keys() == {"1.4", "1.7"}


def test_a_certificate_for_another_name(town):
    town.bearing = ("example.org", "cahors.fr", "mta-sts.cahors.fr")
    states = town.states()
    assert failed(states) & RPNT.keys() == {"1.5", "1.7"}
    town.names = Names()
    assert {"1.3", "1.4", "1.5", "1.7"} == failed(town.states("strict")) & RPNT.keys()


def test_a_site_that_leads_elsewhere_is_followed_to_the_end(town):
    town.names.add("example.org", "@ A 127.0.0.1")
    town.pages["www.cahors.fr/"] = (302, "https://example.org/cahors")
    town.pages["example.org/cahors"] = (200, "Cahors")
    town.bearing = (*town.bearing, "example.org")
    assert failed(town.states()) & RPNT.keys() == {"1.6"}


def test_a_site_that_is_not_found_and_a_way_in_a_circle(town):
    town.pages["www.cahors.fr/"] = (404, "")
    assert {"1.3", "1.4", "1.5", "1.6"} <= failed(town.states())
    town.names = Names()
    town.pages["www.cahors.fr/"] = (302, "/")
    report = town.report()
    assert {"1.3"} <= failed(report.verdicts.criteria)
    [found] = [one for one in report.found if one.issue == "WEBSITE_DOWN"]
    assert "too many redirects" in dict(found.facts)["answer"]


def test_an_answer_that_says_nothing_of_the_dns_is_told_as_such(town):
    town.names.broken.add("cahors.fr")
    report = town.report()
    [found] = [one for one in report.found if one.issue == "DNS_DOWN"]
    assert "SERVFAIL" in dict(found.facts)["answer"]
    assert {"2.4", "2.5", "2.8"} <= failed(report.verdicts.criteria)


def test_weak_mail(town):
    town.zone = ZONE.replace("p=quarantine", "p=none").replace('"v=spf1 mx -all"', '"x"')
    assert failed(town.states()) & RPNT.keys() == {"2.5", "2.7"}


def test_a_domain_that_is_not_there_has_no_mail(town):
    declared = DECLARED._replace(email="mairie@absent.cahors.fr")
    with town.alive() as observer:
        evidence = observer.observe(declared, [])
    assert evidence.mail.mx == ()
    assert not evidence.mail.fault


# -- beside the RPNT ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "lost"),
    [
        ({"signed": False}, {"dnssec", "dane"}),
        ({"registered": False}, {"dnssec", "dane"}),
        ({"tlsa": ""}, {"dane"}),
        ({"tlsa": "3 1 1 " + "00" * 32}, {"dane"}),
        ({"smtp_tls": None}, {"starttls", "dane"}),
        ({"zone": ZONE.replace("CAA", "TXT")}, {"caa"}),
        ({"zone": ZONE.replace("www AAAA 2001:db8::80", "")}, {"ipv6"}),
        ({"zone": ZONE.replace("mx AAAA 2001:db8::25", "")}, {"ipv6"}),
        ({"zone": ZONE.replace("_mta-sts", "x-mta-sts")}, {"mta-sts"}),
        ({"zone": ZONE.replace("p=MIIB", "n=none")}, {"dkim"}),
        ({"bearing": ("www.cahors.fr", "cahors.fr")}, {"mta-sts"}),
    ],
)
def test_beside_the_rpnt(town, spoil, lost):
    for name, value in spoil.items():
        setattr(town, name, value)
    assert failed(town.states()) & BESIDE.keys() == lost


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("version: STSv1\nmode: testing\nmx: mx.cahors.fr\nmax_age: 1\n", "MTA_STS_TESTING"),
        ("version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 1\n", "MTA_STS_POLICY"),
        ("mode: enforce\nmx: mx.cahors.fr\nmax_age: 1\n", "MTA_STS_POLICY"),
        ("<html>", "MTA_STS_POLICY"),
    ],
)
def test_a_policy_of_mta_sts_that_is_not_right(town, text, issue):
    town.pages["mta-sts.cahors.fr/.well-known/mta-sts.txt"] = (200, text)
    assert issue in {one.issue for one in town.report().found}


def test_a_signature_that_does_not_hold_is_found(town):
    with town.alive() as observer:
        zone = town.names.zones[next(iter(town.names.zones))]
        with zone.writer() as change:
            # Somebody changed the SOA without signing it anew.
            old = zone.get_rdataset("cahors.fr.", "SOA")
            change.replace("cahors.fr.", 60, old[0].replace(serial=77))
        [found] = find_dnssec(observer.resolver, "cahors.fr")
    assert found.issue == "DNSSEC_BOGUS"


def test_the_ds_to_give_to_the_registrar_is_told_and_a_foreign_one_is_found(town):
    town.registered = False
    with town.alive() as observer:
        [found] = find_dnssec(observer.resolver, "cahors.fr")
    assert found.issue == "DNSSEC_NO_DS"
    line = dict(found.facts)["line"]
    assert line.startswith("cahors.fr. IN DS ")
    [origin] = town.names.zones
    town.names.parents[origin] = "1 13 2 " + "00" * 32
    with dns_server(town.names) as port:
        [found] = find_dnssec(Resolver([Server(HERE, port)]), "cahors.fr")
        assert found.issue == "DNSSEC_BOGUS"
        town.names.parents[origin] = line.partition(" DS ")[2]
        assert find_dnssec(Resolver([Server(HERE, port)]), "cahors.fr") == []


# -- the DNS itself -----------------------------------------------------------------------------


def test_aliases_are_followed_and_told():
    names = Names()
    names.add("cahors.fr", "www CNAME sites.example.org.")
    names.add("example.org", "sites A 192.0.2.80\nloop CNAME loop.example.org.")
    with dns_server(names) as port:
        resolver = Resolver([Server(HERE, port)])
        assert resolver.look("www.cahors.fr", "A").alias == "sites.example.org"
        assert resolver.look("www.cahors.fr", "A").rdata == ()
        assert resolver.find("www.cahors.fr", "A").rdata == ("192.0.2.80",)
        assert resolver.find("loop.example.org", "A").rdata == ()
        assert resolver.zone_of("a.b.cahors.fr") == "cahors.fr"


def test_a_long_answer_comes_over_tcp():
    names = Names()
    names.add("cahors.fr", "\n".join(f'@ TXT "{n:03d}{"x" * 200}"' for n in range(40)))
    with dns_server(names) as port:
        assert len(Resolver([Server(HERE, port)]).look("cahors.fr", "TXT").rdata) == 40


def test_a_question_is_asked_once_and_a_mute_server_three_times_at_most():
    names = Names()
    names.add("cahors.fr", "@ A 192.0.2.1")
    names.mute |= {f"{n}.cahors.fr" for n in range(9)}
    with dns_server(names) as port:
        resolver = Resolver([Server(HERE, port)], timeout=0.05)
        for _ in range(3):
            resolver.look("cahors.fr", "A")
        assert len(names.asked) == 1
        faults = [resolver.look(f"{n}.cahors.fr", "A").fault for n in range(9)]
        assert all(faults)
        assert len(names.asked) == 4


def test_the_next_server_is_asked_when_one_is_away():
    names = Names()
    names.add("cahors.fr", "@ A 192.0.2.1")
    with dns_server(names) as port:
        servers = [Server(HERE, closed_port()), Server(HERE, port)]
        resolver = Resolver(servers, timeout=0.5)
        assert resolver.look("cahors.fr", "A").rdata == ("192.0.2.1",)


def test_the_queries_of_spf_are_counted_through_includes():
    names = Names()
    names.add(
        "cahors.fr",
        '@ TXT "v=spf1 include:a.cahors.fr include:b.cahors.fr mx -all"\n'
        'a TXT "v=spf1 a mx include:c.cahors.fr -all"\n'
        'b TXT "other"\n'
        'c TXT "v=spf1 exists:x.cahors.fr -all"\n'
        'circle TXT "v=spf1 include:circle.cahors.fr -all"\n',
    )
    names.broken.add("down.cahors.fr")
    with dns_server(names) as port:
        resolver = Resolver([Server(HERE, port)])
        record = "v=spf1 include:a.cahors.fr include:b.cahors.fr mx -all"
        assert count_queries(record, resolver) == 7
        assert count_queries("v=spf1 include:circle.cahors.fr -all", resolver) > 10
        assert count_queries("v=spf1 include:down.cahors.fr -all", resolver) is None
        assert count_queries("v=spf1 include:%{i}.cahors.fr -all", resolver) is None


def test_each_record_has_its_status():
    names = Names()
    names.add(
        "gourdon-medieval.fr",
        '@ MX 10 mx.example.org.\n@ TXT "v=spf1 ~all"\nwww CNAME host.example.org.\n'
        "wild.card A 192.0.2.9\nkey CNAME keys.gourdon-medieval.fr.\n"
        'keys TXT "v=DKIM1; p=MIIB"\n',
    )
    names.broken.add("_dmarc.gourdon-medieval.fr")

    def expected(name, rtype, *rdata):
        owner = f"{name}.gourdon-medieval.fr.".removeprefix("@.")
        return Expected(owner, rtype, 60, rdata)

    wanted = [
        expected("@", "MX", "10 mx.example.org."),
        expected("@", "TXT", '"v=spf1 include:_spf.example.org -all"'),
        expected("www", "A", "192.0.2.80"),
        expected("@", "A", "192.0.2.80"),
        expected("_dmarc", "TXT", '"v=DMARC1; p=reject"'),
        expected("*", "A", "192.0.2.9"),
        expected("key", "TXT", '"v=DKIM1; p=MIIB"'),
    ]
    with dns_server(names) as port:
        observer = Observer(Resolver([Server(HERE, port)]), SERVING)
        found = [one.status for one in observer.statuses(wanted)]
    assert found == [
        "correct",
        "insecure",
        "conflicting",
        "missing",
        "error",
        "missing",
        "correct",
    ]


# -- the web ------------------------------------------------------------------------------------


def test_a_server_that_breaks_off_and_an_address_that_is_none(authority):
    names = Names()
    names.add("cahors.fr", "www A 127.0.0.1")
    with dns_server(names) as port:
        resolver = Resolver([Server(HERE, port)])
        ports = Ports(closed_port(), closed_port(), closed_port())
        visitor = Visitor(resolver, authority.file, ports, timeout=0.5)
        assert "Refused" in visitor.visit("http://www.cahors.fr").fault
        assert "no address" in visitor.visit("https://absent.cahors.fr/").fault
        assert visitor.visit("ftp://www.cahors.fr").fault


@pytest.mark.parametrize("location", ["//", "https://", "http://[::1", "mailto:x@y", "\x00", "é"])
def test_a_location_that_is_none_ends_the_way(authority, location):
    names = Names()
    names.add("cahors.fr", "www A 127.0.0.1")
    pages = {"www.cahors.fr/": (301, location)}
    with dns_server(names) as port, web_server(pages) as http:
        resolver = Resolver([Server(HERE, port)])
        visitor = Visitor(resolver, authority.file, Ports(http, http, http), timeout=1)
        answer = visitor.visit("http://www.cahors.fr")
    assert answer.fault or answer.status in {301, 404}
