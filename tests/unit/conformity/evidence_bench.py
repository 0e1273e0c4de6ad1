# SPDX-License-Identifier: GPL-3.0-or-later
"""A town without a fault, to be spoiled by tests."""

from bastide.conformity.evidence import Answer, Declared, Evidence, MailDns, MxHost

SITE = "https://www.cahors.fr"
EMAIL = "mairie@cahors.fr"
HERE = "https://www.cahors.fr/"


def declared(email=EMAIL, site=SITE, email_home="own", site_home="own"):
    return Declared(email, site, email_home, site_home, "collectivities/46/cahors.yml", 4, 9)


def answers(**changed):
    """The four answers; ``None`` takes one away."""
    good = {
        "http": Answer(("http://www.cahors.fr", HERE), 200),
        "https": Answer((SITE,), 200),
        "http_apex": Answer(("http://cahors.fr", "https://cahors.fr/", HERE), 200),
        "https_apex": Answer(("https://cahors.fr", HERE), 200),
    }
    return {name: answer for name, answer in {**good, **changed}.items() if answer}


def mail(**changed):
    good = MailDns(
        "cahors.fr",
        (MxHost(10, "mx.example.org", ("192.0.2.25",), ("FR",)),),
        ("v=spf1 mx -all",),
        ("v=DMARC1; p=quarantine",),
        1,
    )
    return good._replace(**changed)


def evidence(web=None, mails=None, **changed):
    return Evidence(declared(**changed), answers() if web is None else web, mails or mail(), ())
