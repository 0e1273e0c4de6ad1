# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts of both modes, case by case: what the ANCT's checker does, and what the RFCs say.

The cases of the `anct` mode follow the public behaviour of the checker (st-home, July 2026),
where it is odd as well.
"""

import pytest
from evidence_bench import EMAIL, HERE, SITE, answers, evidence, mail

from bastide.conformity.criteria import RPNT
from bastide.conformity.evidence import Answer, MxHost, Why
from bastide.conformity.generic import Generic
from bastide.conformity.grade import GRADES, best_of, grade, possible_of

ALL = {*RPNT, *GRADES}
WEB = {"1.3", "1.4", "1.5", "1.6", "1.7"}
SITE_CRITERIA = {*WEB, "1.1", "1.2", "1.8"}
MAIL_CRITERIA = {"2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8"}
HALF_ONE = {"1.a", "1.aa"}
HALF_TWO = {"2.a", "2.aa"}
BOTH = {"a", "aa"}


def met(found, mode="anct", **more):
    verdicts = grade(found, mode, **more).verdicts
    states = {**verdicts.criteria, **verdicts.grades}
    return {code for code in ALL if states[code] == "met"}


def test_a_town_without_a_fault_has_everything_in_both_modes():
    assert met(evidence()) == ALL
    assert met(evidence(), "strict") == ALL


def test_every_criterion_is_one_of_sixteen_and_every_grade_one_of_six():
    assert len(RPNT) == 16
    assert set(GRADES) == {"1.a", "1.aa", "2.a", "2.aa", "a", "aa"}


# -- the declaration: both modes judge alike ------------------------------------------------------

DECLARED = {
    "no e-mail": ({"email": ""}, MAIL_CRITERIA | HALF_TWO | BOTH),
    "an e-mail with a plus": (
        {"email": "mairie+x@cahors.fr"},
        MAIL_CRITERIA | HALF_TWO | BOTH,
    ),
    "an e-mail with accents": ({"email": "mairie@évêché.fr"}, MAIL_CRITERIA | HALF_TWO | BOTH),
    "no site": ({"site": ""}, SITE_CRITERIA | {"2.3"} | HALF_ONE | BOTH),
    "a site with a port": (
        {"site": "https://www.cahors.fr:8443/"},
        SITE_CRITERIA | {"2.3"} | HALF_ONE | BOTH,
    ),
    "a site with an ampersand": (
        {"site": "https://www.cahors.fr/index.php?id=1&L=0"},
        SITE_CRITERIA | {"2.3"} | HALF_ONE | BOTH,
    ),
    "a site declared as http": ({"site": "http://www.cahors.fr"}, {"1.8", "1.aa", "aa"}),
    "an e-mail of a provider": (
        {"email": "mairie@wanadoo.fr"},
        {"2.2", "2.3"} | HALF_TWO | BOTH,
    ),
    "an e-mail of a provider in capitals": (
        {"email": "mairie@Wanadoo.fr"},
        {"2.2", "2.3"} | HALF_TWO | BOTH,
    ),
    "an e-mail on another domain": ({"email": "mairie@ville.fr"}, {"2.3"} | HALF_TWO | BOTH),
    "an e-mail without a sovereign extension": (
        {"email": "mairie@cahors.com"},
        {"2.3"} | HALF_TWO | BOTH,
    ),
    "an e-mail with accents in A-labels": (
        {"email": "mairie@xn--hry-bma.fr"},
        {"2.3"} | HALF_TWO | BOTH,
    ),
}


@pytest.mark.parametrize("mode", ["anct", "strict"])
@pytest.mark.parametrize("case", DECLARED)
def test_a_declaration_loses(case, mode):
    changed, lost = DECLARED[case]
    assert met(evidence(**changed), mode) == ALL - lost


# Without a site that counts, 2.3 fails and yet is not asked for the grades of the mail: by the
# text where there is none, by the checker wherever something is wrong with its domain.
ODD_SITES = {
    "on a platform of many": ("https://cahors.wixsite.com", SITE_CRITERIA | {"2.3"} | HALF_ONE),
    "on a sub-domain of a CDG's": (
        "https://cahors.mairie54.fr",
        SITE_CRITERIA | {"2.3"} | HALF_ONE,
    ),
    "without a sovereign extension": ("https://www.cahors.com", {"1.2", "2.3"} | HALF_ONE),
    "with accents": ("https://www.évêché.fr", {"1.2", "2.3"} | HALF_ONE),
    "with accents in A-labels": ("https://www.xn--hry-bma.fr", {"1.2", "2.3"} | HALF_ONE),
}


@pytest.mark.parametrize("case", ODD_SITES)
def test_the_checker_forgives_the_mail_what_is_wrong_with_the_site(case):
    site, lost = ODD_SITES[case]
    host = site.removeprefix("https://")
    web = answers(
        http=Answer((f"http://{host}", f"https://{host}"), 200),
        https=Answer((f"https://{host}",), 200),
        http_apex=None,
        https_apex=None,
    )
    assert met(evidence(web, site=site)) == ALL - lost - BOTH
    assert met(evidence(web, site=site), "strict") == ALL - lost - BOTH - HALF_TWO


def test_two_faults_are_not_forgiven():
    found = met(evidence(site="https://www.cahors.com", email="mairie@cahors.com"))
    assert found.isdisjoint({"1.2", "2.3", *HALF_ONE, *HALF_TWO, *BOTH})


def test_a_site_that_counts_as_none_is_not_asked_for():
    report = grade(evidence({}, site="https://www.facebook.com/cahors"), "anct")
    assert [one.issue for one in report.found] == ["WEBSITE_DOMAIN_GENERIC"]


def test_the_operator_corrects_the_lists_and_shares_its_own_domains():
    own = Generic(frozenset({"info46.com"}), {"info46.com": False, "ville.fr": True})
    assert "2.2" in met(evidence(email="mairie@info46.com"), generic=own)
    assert "2.2" not in met(evidence(email="mairie@ville.fr"), generic=own)
    shared = Generic(frozenset({"info46.com"}))
    assert "2.2" not in met(evidence(email="mairie@info46.com"), generic=shared)
    assert "1.1" not in met(evidence(site="https://cahors.info46.com"), generic=shared)


def test_a_domain_of_another_collectivity_is_not_ones_own():
    def owner(domain):
        return "46/figeac" if domain == "figeac.fr" else None

    borrowed = evidence(email="mairie@figeac.fr", email_home="elsewhere")
    assert met(borrowed, owner=owner).isdisjoint({"2.2", "2.3", "2.a", "a"})
    site = evidence(site="https://www.figeac.fr", site_home="elsewhere")
    assert met(site, owner=owner).isdisjoint(SITE_CRITERIA | {"2.3"})
    assert met(site, owner=owner) >= HALF_TWO


# -- the site -----------------------------------------------------------------------------------

DOWN = Answer((SITE,), 0, fault="ConnectionRefusedError")
BAD = Answer((SITE,), 200, "self-signed certificate", 0)
AWAY = Answer((SITE, "https://www.example.org/"), 200)
STATE = "https://lannuaire.service-public.gouv.fr/cahors"
SITES = {
    "https down": ({"https": DOWN}, WEB | HALF_ONE | BOTH),
    "https not found": ({"https": Answer((SITE,), 404)}, WEB | HALF_ONE | BOTH),
    "http down": (
        {"http": Answer(("http://www.cahors.fr",), 0, fault="timeout")},
        {"1.4", "1.7"} | HALF_ONE | BOTH,
    ),
    "http stays": (
        {"http": Answer(("http://www.cahors.fr",), 200)},
        {"1.4", "1.7"} | HALF_ONE | BOTH,
    ),
    "apex down": (
        {"https_apex": Answer(("https://cahors.fr",), 0, fault="timeout")},
        {"1.7", "1.aa", "aa"},
    ),
    "apex not found": (
        {"http_apex": Answer(("http://cahors.fr",), 404)},
        {"1.7", "1.aa", "aa"},
    ),
    "apex elsewhere": (
        {"http_apex": Answer(("http://cahors.fr", "https://example.org/"), 200)},
        {"1.7", "1.aa", "aa"},
    ),
    "no www at all": ({"http_apex": None, "https_apex": None}, set()),
}


@pytest.mark.parametrize("mode", ["anct", "strict"])
@pytest.mark.parametrize("case", SITES)
def test_a_site_loses(case, mode):
    changed, lost = SITES[case]
    assert met(evidence(answers(**changed)), mode) == ALL - lost


def test_a_way_elsewhere_loses_1_6_and_not_the_grade_a_of_the_checker():
    # The names without www would have to lead there, too: 1.7.
    web = answers(https=AWAY, http=Answer(("http://www.cahors.fr", *AWAY.hops), 200))
    assert met(evidence(web)) == ALL - {"1.6", "1.7", "aa"} - HALF_ONE
    assert met(evidence(web), "strict") == ALL - {"1.6", "1.7"} - BOTH - HALF_ONE


def test_a_service_of_the_state_is_trusted_for_five_hops_and_no_longer():
    hops = tuple(f"https://x{n}.gouv.fr/" for n in range(5))
    every = {
        "http": Answer(("http://www.cahors.fr", *hops), 200),
        "https": Answer((SITE, *hops), 200),
        "http_apex": Answer(("http://cahors.fr", *hops), 200),
        "https_apex": Answer(("https://cahors.fr", *hops), 200),
    }
    assert met(evidence(every)) == ALL
    longer = {**every, "https": Answer((SITE, HERE, *hops), 200)}
    assert "1.6" not in met(evidence(longer))
    through = {**every, "https": Answer((SITE, "https://example.org/", hops[-1]), 200)}
    assert "1.6" not in met(evidence(through))


def test_a_bad_certificate_costs_1_5_and_the_strict_mode_minds_it_everywhere():
    web = answers(https=BAD)
    # The name without www must lead to a good certificate as well.
    assert met(evidence(web)) == ALL - {"1.5", "1.7"} - HALF_ONE - BOTH
    assert met(evidence(web), "strict") == ALL - {"1.3", "1.4", "1.5", "1.7"} - HALF_ONE - BOTH
    apex = Answer(("https://cahors.fr", HERE), 200, "it is of another name", 0)
    assert met(evidence(answers(https_apex=apex))) == ALL
    assert "1.7" not in met(evidence(answers(https_apex=apex)), "strict")


# -- the mail -----------------------------------------------------------------------------------

OUTSIDE = (MxHost(10, "mx.example.org", ("192.0.2.25",), ("US",)),)
MAILS = {
    "no DNS": ({"fault": "SERVFAIL"}, {"2.4", "2.5", "2.6", "2.7", "2.8"} | HALF_TWO | BOTH),
    "no MX": ({"mx": ()}, {"2.4", "2.5", "2.6", "2.7", "2.8"} | HALF_TWO | BOTH),
    "no DMARC": ({"dmarc": ()}, {"2.6", "2.7", "2.aa", "aa"}),
    "DMARC none": ({"dmarc": ("v=DMARC1; p=none",)}, {"2.7", "2.aa", "aa"}),
    "DMARC for a share": (
        {"dmarc": ("v=DMARC1; p=quarantine; pct=50",)},
        {"2.7", "2.aa", "aa"},
    ),
    "DMARC reject": ({"dmarc": ("v=DMARC1; p=reject",)}, set()),
    "outside the EU": ({"mx": OUTSIDE}, {"2.8"} | HALF_TWO | BOTH),
}


@pytest.mark.parametrize("mode", ["anct", "strict"])
@pytest.mark.parametrize("case", MAILS)
def test_mail_loses(case, mode):
    changed, lost = MAILS[case]
    assert met(evidence(mails=mail(**changed)), mode) == ALL - lost


def test_spf_is_asked_for_the_grade_a_by_the_checker_alone():
    without = evidence(mails=mail(spf=()))
    assert met(without) == ALL - {"2.5"} - HALF_TWO - BOTH
    assert met(without, "strict") == ALL - {"2.5", "2.aa", "aa"}


# What the checker lets pass and the RFCs do not; and the other way round.
QUIRKS = {
    "SPF for everybody": ({"spf": ("v=spf1 +all",)}, set(), {"2.5"}),
    "SPF without an end": ({"spf": ("v=spf1 mx",)}, set(), {"2.5"}),
    "two SPF": ({"spf": ("v=spf1 mx -all", "v=spf1 a -all")}, set(), {"2.5"}),
    "broken SPF": ({"spf": ("v=spf1 ipv4:192.0.2.1 -all",)}, set(), {"2.5"}),
    "SPF with eleven queries": ({"spf_lookups": 11}, set(), {"2.5"}),
    "SPF with ten queries": ({"spf_lookups": 10}, set(), set()),
    "two DMARC": ({"dmarc": ("v=DMARC1; p=reject", "v=DMARC1; p=none")}, set(), {"2.6", "2.7"}),
    "the p of sp": ({"dmarc": ("v=DMARC1; sp=none; p=reject",)}, {"2.7"}, {"2.7"}),
    "the p of a strong sp": ({"dmarc": ("v=DMARC1; sp=reject; p=none",)}, set(), {"2.7"}),
    "sub-domains left open": ({"dmarc": ("v=DMARC1; p=reject; sp=none",)}, set(), {"2.7"}),
    "names that are not there": ({"dmarc": ("v=DMARC1; p=reject; np=none",)}, set(), {"2.7"}),
    "DMARC on trial": ({"dmarc": ("v=DMARC1; p=reject; t=y",)}, set(), {"2.7"}),
    "a share of reject": ({"dmarc": ("v=DMARC1; p=reject; pct=10",)}, set(), {"2.7"}),
    "broken DMARC": ({"dmarc": ("v=DMARC1; p=reject; p=none",)}, set(), {"2.6", "2.7"}),
    "null MX": (
        {"mx": (MxHost(0, ".", (), ()),)},
        set(),
        {"2.4", "2.5", "2.6", "2.7", "2.8"},
    ),
    "the second MX outside the EU": (
        {
            "mx": (
                MxHost(10, "a", ("192.0.2.1",), ("FR",)),
                MxHost(20, "b", ("192.0.2.2",), ("US",)),
            )
        },
        set(),
        {"2.8"},
    ),
    "the first MX without an address": (
        {"mx": (MxHost(10, "a", (), ()), MxHost(20, "b", ("192.0.2.2",), ("FR",)))},
        set(),
        {"2.4", "2.8"},
    ),
}


@pytest.mark.parametrize("case", QUIRKS)
def test_where_the_modes_part(case):
    changed, by_the_checker, by_the_rfcs = QUIRKS[case]
    found = evidence(mails=mail(**changed))
    assert RPNT.keys() - met(found) == by_the_checker
    assert RPNT.keys() - met(found, "strict") == by_the_rfcs


# -- what is not known --------------------------------------------------------------------------


def test_what_nobody_asked_is_unknown_and_never_met():
    found = evidence(Why("WEB_ELSEWHERE", "www.cahors.fr"), Why("DNS_ELSEWHERE", "cahors.fr"))
    report = grade(found, "anct")
    states = report.verdicts.criteria
    assert {code for code in RPNT if states[code] == "unknown"} == WEB | MAIL_CRITERIA - {
        "2.1",
        "2.2",
        "2.3",
    }
    assert {report.verdicts.grades[name] for name in GRADES} == {"unknown"}
    assert best_of(report.verdicts.grades) == ""
    assert possible_of(report.verdicts.grades) == "aa"


def test_an_unknown_country_leaves_the_grade_open_and_a_failure_closes_it():
    open_host = (MxHost(10, "mx.example.org", ("192.0.2.25",), None),)
    verdicts = grade(evidence(mails=mail(mx=open_host)), "anct").verdicts
    assert verdicts.criteria["2.8"] == "unknown"
    assert verdicts.grades["aa"] == "unknown"
    verdicts = grade(evidence(mails=mail(mx=open_host, dmarc=())), "anct").verdicts
    assert verdicts.grades["2.aa"] == "failed"
    assert verdicts.grades["2.a"] == "unknown"


def test_a_reason_is_given_for_everything_that_is_not_met():
    found = evidence({"https": DOWN, "http": DOWN}, mail(mx=()), email=EMAIL, site=SITE)
    report = grade(found, "strict")
    for code, state in report.verdicts.criteria.items():
        assert bool(report.of(code)) == (state != "met")
