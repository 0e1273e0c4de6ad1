# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong beside the RPNT, as Internet.nl sees it, and with DKIM."""

from __future__ import annotations

from bastide.conformity.issue import Issue, blocks
from bastide.diagnostics import Text

ISSUES: dict[str, Issue] = {
    "DNSSEC_UNSIGNED": Issue(
        blocks("dnssec"),
        Text("{domain} is not signed", "{domain} n'est pas signé"),
        Text(
            "sign the zone and give its DS to the registry",
            "signez la zone et donnez son DS au registre",
        ),
    ),
    "DNSSEC_NO_DS": Issue(
        blocks("dnssec"),
        Text(
            "{domain} is signed, its DS is not at the registry",
            "{domain} est signé, son DS n'est pas au registre",
        ),
        Text(
            "give the registrar this line: {line}",
            "donnez cette ligne au bureau d'enregistrement : {line}",
        ),
    ),
    "DNSSEC_BOGUS": Issue(
        blocks("dnssec"),
        Text(
            "the signature of {domain} is not right: {answer}",
            "la signature de {domain} n'est pas bonne : {answer}",
        ),
        Text(
            "resolvers that check refuse the whole domain: renew its DS at once",
            "les résolveurs qui vérifient refusent tout le domaine : refaites son DS aussitôt",
        ),
    ),
    "CAA_MISSING": Issue(
        blocks("caa"),
        Text("{domain} names no authority", "{domain} ne nomme aucune autorité"),
        Text(
            'publish {domain} CAA 0 issue "letsencrypt.org"',
            'publiez {domain} CAA 0 issue "letsencrypt.org"',
        ),
    ),
    "IPV6_MISSING": Issue(
        blocks("ipv6"),
        Text("no IPv6 address: {names}", "pas d'adresse IPv6 : {names}"),
        Text("give the servers IPv6 addresses", "donnez des adresses IPv6 aux serveurs"),
    ),
    "STARTTLS_MISSING": Issue(
        blocks("starttls", "dane"),
        Text("{host} does not encrypt: {answer}", "{host} ne chiffre pas : {answer}"),
        Text(
            "the server has to offer STARTTLS with TLS 1.2 or later",
            "le serveur doit offrir STARTTLS en TLS 1.2 ou plus",
        ),
    ),
    "DANE_MISSING": Issue(
        blocks("dane"),
        Text(
            "{host} has no TLSA record in a signed zone",
            "{host} n'a pas d'enregistrement TLSA dans une zone signée",
        ),
        Text(
            "sign its zone and publish _25._tcp.{host} TLSA",
            "signez sa zone et publiez _25._tcp.{host} TLSA",
        ),
    ),
    "DANE_OTHER_KEY": Issue(
        blocks("dane"),
        Text(
            "the TLSA record of {host} is not of its key",
            "l'enregistrement TLSA de {host} n'est pas celui de sa clé",
        ),
        Text("publish {line}", "publiez {line}"),
    ),
    "MTA_STS_MISSING": Issue(
        blocks("mta-sts"),
        Text("{domain} does not announce MTA-STS", "{domain} n'annonce pas MTA-STS"),
        Text("set `mail.mta_sts` of platform.yml", "réglez `mail.mta_sts` dans platform.yml"),
    ),
    "MTA_STS_TESTING": Issue(
        blocks("mta-sts"),
        Text("MTA-STS of {domain} is in mode {mode}", "le MTA-STS de {domain} est en mode {mode}"),
        Text(
            "go on to `enforce` once the reports are good",
            "passez à `enforce` quand les bilans sont bons",
        ),
    ),
    "MTA_STS_POLICY": Issue(
        blocks("mta-sts"),
        Text(
            "the MTA-STS policy of {domain} is not right: {answer}",
            "la politique MTA-STS de {domain} n'est pas bonne : {answer}",
        ),
        Text(
            "serve it under https://mta-sts.{domain}/.well-known/mta-sts.txt",
            "servez-la sous https://mta-sts.{domain}/.well-known/mta-sts.txt",
        ),
    ),
    "DKIM_MISSING": Issue(
        blocks("dkim"),
        Text("no key under {name}", "pas de clé sous {name}"),
        Text(
            "publish the key of the mail servers there",
            "publiez-y la clé des serveurs de messagerie",
        ),
    ),
}
