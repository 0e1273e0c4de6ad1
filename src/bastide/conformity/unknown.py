# SPDX-License-Identifier: GPL-3.0-or-later
"""Why something is not known, and how it can be."""

from __future__ import annotations

from bastide.conformity.criteria import MAIL, WEB
from bastide.conformity.issue import Issue, blocks
from bastide.diagnostics import Text

ISSUES: dict[str, Issue] = {
    "WEB_ELSEWHERE": Issue(
        WEB,
        Text("{name} is served elsewhere", "{name} est servi ailleurs"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "DNS_ELSEWHERE": Issue(
        MAIL,
        Text("the zone of {name} is held elsewhere", "la zone de {name} est tenue ailleurs"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "DNS_MOVING": Issue(
        MAIL,
        Text("{name} is being transferred", "{name} est en cours de transfert"),
        Text(
            "ask with --observe until the transfer is done",
            "interrogez avec --observe jusqu'à la fin du transfert",
        ),
    ),
    "WEB_MOVING": Issue(
        WEB,
        Text("{name} is being transferred", "{name} est en cours de transfert"),
        Text(
            "ask with --observe until the transfer is done",
            "interrogez avec --observe jusqu'à la fin du transfert",
        ),
    ),
    "DNS_NOT_OURS": Issue(
        MAIL,
        Text("no charter holds {name}", "aucune charte ne tient {name}"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "WEB_NOT_OURS": Issue(
        WEB,
        Text("no charter holds {name}", "aucune charte ne tient {name}"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "DNS_NEW": Issue(
        MAIL,
        Text("{name} is not served here yet", "{name} n'est pas encore servi ici"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "WEB_NEW": Issue(
        WEB,
        Text("{name} is not served here yet", "{name} n'est pas encore servi ici"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "DNS_UNANSWERED": Issue(
        MAIL,
        Text("{name} did not answer", "{name} n'a pas répondu"),
        Text("plan again once it answers", "refaites le plan quand il répond"),
    ),
    "WEB_UNANSWERED": Issue(
        WEB,
        Text("{name} did not answer", "{name} n'a pas répondu"),
        Text("plan again once it answers", "refaites le plan quand il répond"),
    ),
    "MX_COUNTRY": Issue(
        blocks("2.8"),
        Text("where {name} stands is not known", "on ne sait pas où se trouve {name}"),
        Text(
            "give --mmdb FILE; for the platform's own servers write `conformity: "
            "{{mail_country: FR}}` in platform.yml",
            "donnez --mmdb FICHIER ; pour les serveurs de la plateforme, écrivez `conformity: "
            "{{mail_country: FR}}` dans platform.yml",
        ),
    ),
    "SPF_INCLUDES": Issue(
        blocks("2.5"),
        Text(
            "how many queries {name} needs is not known",
            "on ne sait pas combien de requêtes demande {name}",
        ),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "SITE_ELSEWHERE": Issue(
        blocks("dnssec", "caa", "ipv6"),
        Text("{name} is served elsewhere", "{name} est servi ailleurs"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "MAIL_ELSEWHERE": Issue(
        blocks("starttls", "dane", "mta-sts", "dkim"),
        Text("the mail of {name} is elsewhere", "le courrier de {name} est ailleurs"),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "MAIL_NONE": Issue(
        blocks("starttls", "dane", "mta-sts", "dkim"),
        Text("{name} takes no mail", "{name} ne reçoit pas de courrier"),
        Text("declare a mailbox on it", "déclarez-y une boîte"),
    ),
    "DKIM_SELECTOR": Issue(
        blocks("dkim"),
        Text(
            "under which selector {name} signs is not known",
            "on ne sait pas sous quel sélecteur {name} signe",
        ),
        Text(
            "write the records of the keys into the charter",
            "écrivez les enregistrements des clés dans la charte",
        ),
    ),
    "DS_AT_REGISTRY": Issue(
        blocks("dnssec"),
        Text(
            "{name} is signed; whether its DS is at the registry is not in the charter",
            "{name} est signé ; la charte ne dit pas si son DS est au registre",
        ),
        Text("ask with --observe", "interrogez avec --observe"),
    ),
    "TLSA_AUTHORITY": Issue(
        blocks("dane"),
        Text(
            "{name} names an authority, which cannot be compared here",
            "{name} désigne une autorité, qui ne se compare pas ici",
        ),
        Text(
            "publish 3 1 1 records (RFC 7672 §3.1)",
            "publiez des enregistrements 3 1 1 (RFC 7672 §3.1)",
        ),
    ),
    "NOT_ASKED_DNSSEC": Issue(
        blocks("dnssec"),
        Text("the DNS gave no answer: {name}", "le DNS n'a pas répondu : {name}"),
        Text("ask again", "interrogez de nouveau"),
    ),
}
