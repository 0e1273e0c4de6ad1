# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the declaration itself: criteria 1.1, 1.2, 1.8, 2.1, 2.2 and 2.3.

Both modes judge alike: what the annuaire accepts is what counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bastide.conformity.criteria import ALL_MAIL, NO_SITE
from bastide.conformity.evidence import Declared, Found
from bastide.conformity.generic import SOVEREIGN, Generic
from bastide.conformity.issue import Issue, blocks
from bastide.diagnostics import Text
from bastide.model.names import to_ascii

ISSUES: dict[str, Issue] = {
    "EMAIL_MISSING": Issue(
        ALL_MAIL,
        Text("no e-mail address is declared", "aucune adresse de courriel n'est déclarée"),
        Text(
            "write `contact: {{email: …}}` on its own domain, and declare it on Service-Public",
            "écrivez `contact: {{email: …}}` sur son domaine, et déclarez-la sur Service-Public",
        ),
    ),
    "EMAIL_MALFORMED": Issue(
        ALL_MAIL,
        Text(
            "`{email}` is not an address that the annuaire accepts",
            "`{email}` n'est pas une adresse que l'annuaire accepte",
        ),
        Text(
            "use letters without accents, digits, `.`, `_` and `-` only",
            "n'employez que des lettres sans accent, des chiffres, `.`, `_` et `-`",
        ),
    ),
    "EMAIL_DOMAIN_GENERIC": Issue(
        blocks("2.2", "2.3"),
        Text(
            "{domain} is a domain that many share", "{domain} est un domaine que beaucoup partagent"
        ),
        Text(
            "declare an address on a domain of the collectivity's own",
            "déclarez une adresse sur un domaine propre à la collectivité",
        ),
    ),
    "EMAIL_DOMAIN_OTHER_ORG": Issue(
        blocks("2.2", "2.3"),
        Text("{domain} is the domain of {owner}", "{domain} est le domaine de {owner}"),
        Text(
            "declare an address on a domain of the collectivity's own",
            "déclarez une adresse sur un domaine propre à la collectivité",
        ),
    ),
    "EMAIL_DOMAIN_MISMATCH": Issue(
        blocks("2.3"),
        Text(
            "the e-mail is on {domain}, the site on {site}",
            "l'adresse est sur {domain}, le site sur {site}",
        ),
        Text(
            "declare an address on {site}, or move the site to {domain}",
            "déclarez une adresse sur {site}, ou placez le site sur {domain}",
        ),
    ),
    "EMAIL_DOMAIN_EXTENSION": Issue(
        blocks("2.3"),
        Text("{domain} has no sovereign extension", "{domain} n'a pas d'extension souveraine"),
        Text(
            "use a .fr domain (or .eu, regional, overseas)",
            "employez un domaine en .fr (ou .eu, régional, d'outre-mer)",
        ),
    ),
    "EMAIL_DOMAIN_IDNA": Issue(
        blocks("2.3"),
        Text("{domain} has accents", "{domain} porte des accents"),
        Text("use the domain without accents", "employez le domaine sans accent"),
    ),
    "WEBSITE_MISSING": Issue(
        NO_SITE,
        Text("no site is declared", "aucun site n'est déclaré"),
        Text(
            "write a `site`, or let the domain redirect to its page of Service-Public",
            "écrivez un `site`, ou faites rediriger le domaine vers sa page Service-Public",
        ),
    ),
    "WEBSITE_MALFORMED": Issue(
        NO_SITE,
        Text(
            "`{site}` is not an address that the annuaire accepts",
            "`{site}` n'est pas une adresse que l'annuaire accepte",
        ),
        Text(
            "declare the plain address: no port, no accents, no `&`, `~` or `#`",
            "déclarez l'adresse simple : ni port, ni accent, ni `&`, `~` ou `#`",
        ),
    ),
    "WEBSITE_DOMAIN_GENERIC": Issue(
        NO_SITE,
        Text(
            "{site} lies on a domain that many share: it counts as no site",
            "{site} est sur un domaine que beaucoup partagent : il compte pour rien",
        ),
        Text(
            "give the site a domain of the collectivity's own",
            "donnez au site un domaine propre à la collectivité",
        ),
    ),
    "WEBSITE_DOMAIN_OTHER_ORG": Issue(
        NO_SITE,
        Text(
            "{site} lies on the domain of {owner}: it counts as no site",
            "{site} est sur le domaine de {owner} : il compte pour rien",
        ),
        Text(
            "give the site a domain of the collectivity's own",
            "donnez au site un domaine propre à la collectivité",
        ),
    ),
    "WEBSITE_DOMAIN_EXTENSION": Issue(
        blocks("1.2"),
        Text("{site} has no sovereign extension", "{site} n'a pas d'extension souveraine"),
        Text(
            "use a .fr domain (or .eu, regional, overseas)",
            "employez un domaine en .fr (ou .eu, régional, d'outre-mer)",
        ),
    ),
    "WEBSITE_DOMAIN_IDNA": Issue(
        blocks("1.2"),
        Text("{site} has accents", "{site} porte des accents"),
        Text(
            "use the domain without accents, and let this one redirect to it",
            "employez le domaine sans accent, et faites rediriger celui-ci vers lui",
        ),
    ),
    "WEBSITE_DECLARED_HTTP": Issue(
        blocks("1.8"),
        Text("the site is declared as http://", "le site est déclaré en http://"),
        Text("declare it as https://", "déclarez-le en https://"),
    ),
}


# The checker's own, stricter than any RFC: addresses shall be simple.  Its `$` lets a final
# line break through, which nothing that comes from YAML or the annuaire has.
_EMAIL = re.compile(r"[a-zA-Z0-9._-]+@[a-zA-Z0-9.-]+\.[a-z]{2,10}\Z")
_SITE = re.compile(r"https?://[-a-zA-Z0-9.]{2,256}\.[a-z]{2,10}(/[a-zA-Z0-9._/?=-]*)?\Z")

Owner = Callable[[str], str | None]
"""Who else holds a domain: the collectivity's slug, None when nobody of the fleet does."""


def find_declared(declared: Declared, generic: Generic, owner: Owner) -> Iterator[Found]:
    """Issues of the declaration."""
    domain = ""
    if not declared.email:
        yield Found("EMAIL_MISSING", raised=True)
    elif not _EMAIL.match(declared.email):
        yield Found("EMAIL_MALFORMED", raised=True, facts=(("email", declared.email),))
    else:
        domain = declared.email.rpartition("@")[2].lower()
    host, found = _host(declared, generic, owner)
    yield from found
    if domain:
        yield from _email_domain(declared, domain, host, generic, owner)


def _host(declared: Declared, generic: Generic, owner: Owner) -> tuple[str, list[Found]]:
    """Host of the site without www, empty when it counts as none, and what is wrong with it."""
    if not declared.site:
        return "", [Found("WEBSITE_MISSING", raised=True)]
    site = _with_ascii_host(declared.site)
    if not _SITE.match(site):
        return "", [Found("WEBSITE_MALFORMED", raised=True, facts=(("site", declared.site),))]
    host = site.split("/")[2].lower().removeprefix("www.")
    facts = (("site", host),)
    if generic.is_generic_site(host):
        return "", [Found("WEBSITE_DOMAIN_GENERIC", raised=True, facts=facts)]
    other = owner(host) if declared.site_home == "elsewhere" else None
    if other:
        return "", [
            Found("WEBSITE_DOMAIN_OTHER_ORG", raised=True, facts=(*facts, ("owner", other)))
        ]
    found = []
    if site.startswith("http://"):
        found.append(Found("WEBSITE_DECLARED_HTTP", raised=True, facts=facts))
    if _has_accents(host):
        found.append(Found("WEBSITE_DOMAIN_IDNA", raised=True, facts=facts))
    elif host.rpartition(".")[2] not in SOVEREIGN:
        found.append(Found("WEBSITE_DOMAIN_EXTENSION", raised=True, facts=facts))
    return host, found


def _email_domain(
    declared: Declared, domain: str, host: str, generic: Generic, owner: Owner
) -> Iterator[Found]:
    facts = (("domain", domain),)
    if host and domain != host:
        yield Found("EMAIL_DOMAIN_MISMATCH", raised=True, facts=(*facts, ("site", host)))
    if generic.is_generic_mail(domain):
        yield Found("EMAIL_DOMAIN_GENERIC", raised=True, facts=facts)
    elif declared.email_home == "elsewhere" and (other := owner(domain)):
        yield Found("EMAIL_DOMAIN_OTHER_ORG", raised=True, facts=(*facts, ("owner", other)))
    if _has_accents(domain):
        yield Found("EMAIL_DOMAIN_IDNA", raised=True, facts=facts)
    elif domain.rpartition(".")[2] not in SOVEREIGN:
        yield Found("EMAIL_DOMAIN_EXTENSION", raised=True, facts=facts)


def _has_accents(name: str) -> bool:
    return name.startswith("xn--") or ".xn--" in name


def _with_ascii_host(site: str) -> str:
    """The address with its host in A-labels, so that accents are told as such."""
    if site.isascii():
        return site
    scheme, separator, rest = site.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{to_ascii(host) or host}{slash}{path}"
