# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the site as it answers: criteria 1.3 to 1.7.

The order of the questions is the checker's: http and https of the declared address, then both
without www.  Certificates are minded for https alone, and in the strict mode everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from bastide.conformity.criteria import WEB
from bastide.conformity.evidence import Answer, Found, Web
from bastide.conformity.generic import MAX_HOPS, is_trusted
from bastide.conformity.issue import Issue, blocks
from bastide.diagnostics import Text

ISSUES: dict[str, Issue] = {
    "WEBSITE_DOWN": Issue(
        WEB,
        Text("the site does not answer well: {answer}", "le site ne répond pas bien : {answer}"),
        Text("the address has to answer 200 over https", "l'adresse doit répondre 200 en https"),
    ),
    "WEBSITE_SSL": Issue(
        blocks("1.5"),
        Text("the certificate is not right: {answer}", "le certificat n'est pas bon : {answer}"),
        Text("the name needs a certificate of its own", "le nom a besoin d'un certificat à lui"),
    ),
    "WEBSITE_DOMAIN_REDIRECT": Issue(
        blocks("1.6"),
        Text("the site leads to {answer}", "le site renvoie vers {answer}"),
        Text(
            "declare the address where the site is, or serve the site on the declared one",
            "déclarez l'adresse où se trouve le site, ou servez-le à l'adresse déclarée",
        ),
    ),
    "WEBSITE_HTTP_REDIRECT": Issue(
        blocks("1.4", "1.7"),
        Text("http does not lead to https: {answer}", "http ne mène pas à https : {answer}"),
        Text("http:// has to redirect to https://", "http:// doit rediriger vers https://"),
    ),
    "WEBSITE_HTTPS_NOWWW": Issue(
        blocks("1.7"),
        Text("https without www: {answer}", "https sans www : {answer}"),
        Text("the name without www has to lead to the site", "le nom sans www doit mener au site"),
    ),
    "WEBSITE_HTTP_NOWWW": Issue(
        blocks("1.7"),
        Text("http without www: {answer}", "http sans www : {answer}"),
        Text("the name without www has to lead to the site", "le nom sans www doit mener au site"),
    ),
    "STRICT_CERTIFICATE": Issue(
        blocks("1.3", "1.4", "1.7"),
        Text("browsers refuse the site: {answer}", "les navigateurs refusent le site : {answer}"),
        Text(
            "every name on the way needs a good certificate",
            "chaque nom du chemin a besoin d'un bon certificat",
        ),
    ),
}


_OK = 200


def find_web(site: str, web: Web, *, strict: bool) -> Iterator[Found]:
    """Issues of the answers `web` for the declared address `site`."""
    declared = plain_host(site)
    secure = site.startswith("https://")
    found: dict[str, Found] = {}
    for one in (
        *_http(web["http"], declared, secure=secure),
        *_https(web["https"], declared),
        *_apex(web, declared),
    ):
        found.setdefault(one.issue, one)
    yield from found.values()
    if strict:
        refused = [a for name, a in web.items() if a.certificate and name != "https"]
        refused = [a for a in (web["https"], *refused) if a.certificate]
        if refused:
            yield _found("STRICT_CERTIFICATE", _certificate(refused[0]))


def _http(answer: Answer, declared: str, *, secure: bool) -> Iterator[Found]:
    # A site declared as https may have http off; one declared as http is down then.
    worst = "WEBSITE_HTTP_REDIRECT" if secure else "WEBSITE_DOWN"
    if answer.fault or answer.status != _OK:
        yield _found(worst, _words(answer))
        return
    if not answer.last.startswith("https://"):
        yield _found("WEBSITE_HTTP_REDIRECT", answer.last)
    yield from _away(answer, declared)


def _https(answer: Answer, declared: str) -> Iterator[Found]:
    if answer.certificate:
        yield _found("WEBSITE_SSL", _certificate(answer))
    elif answer.fault or answer.status != _OK:
        yield _found("WEBSITE_DOWN", _words(answer))
    else:
        yield from _away(answer, declared)


def _away(answer: Answer, declared: str) -> Iterator[Found]:
    if plain_host(answer.last) != declared and not _is_trusted_way(answer, declared):
        yield _found("WEBSITE_DOMAIN_REDIRECT", answer.last)


def _is_trusted_way(answer: Answer, declared: str) -> bool:
    """A way that stays on the declared domain and services of the State, and is not too long."""
    if len(answer.hops) - 1 > MAX_HOPS:
        return False
    return all(
        (host := plain_host(hop)) == declared or is_trusted(host.partition(":")[0])
        for hop in answer.hops
    )


def _apex(web: Web, declared: str) -> Iterator[Found]:
    end = next(
        (
            plain_host(a.last)
            for a in (web["https"], web["http"])
            if not a.fault and a.status == _OK and not (a is web["https"] and a.certificate)
        ),
        declared,
    )
    for variant, issue in (
        ("http_apex", "WEBSITE_HTTP_NOWWW"),
        ("https_apex", "WEBSITE_HTTPS_NOWWW"),
    ):
        answer = web.get(variant)
        if answer is None:
            continue
        if answer.fault or (answer.status != _OK and len(answer.hops) == 1):
            yield _found(issue, _words(answer))
        elif plain_host(answer.last) != end:
            yield _found(issue, answer.last)
        elif variant == "https_apex" and web["https"].certificate_hop == 0:
            yield _found(issue, _certificate(web["https"]))


def host_of(url: str) -> str:
    """Host of an address in lower case, without port; empty when there is none."""
    return _authority(url).partition(":")[0]


def plain_host(url: str) -> str:
    """Host of an address as the checker compares it: no www, no default port."""
    return _authority(url).removesuffix(":80").removesuffix(":443").removeprefix("www.")


def _authority(url: str) -> str:
    rest = url.partition("://")[2].partition("/")[0]
    rest = rest.partition("?")[0].partition("#")[0]
    return rest.rpartition("@")[2].lower()


def _words(answer: Answer) -> str:
    return f"{answer.last}: {answer.fault or answer.status}"


def _certificate(answer: Answer) -> str:
    return f"{answer.hops[answer.certificate_hop]}: {answer.certificate}"


def _found(issue: str, answer: str) -> Found:
    return Found(issue, raised=True, facts=(("answer", answer),))
