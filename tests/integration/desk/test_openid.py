# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents who come in through an OpenID Connect provider, and all that must not let anybody in."""

import dataclasses
import datetime as dt
import re
import time
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from joserfc import jwk

from integration.desk.forms import PASSWORD
from integration.desk.openid_provider import (
    CLIENT,
    SECRET,
    IdentityProvider,
    signed_by_hand,
    unsigned,
)

UNTRUE = "n’a pas pu être vérifiée"
MFA = {"amr": ["pwd", "mfa"], "acr": "eidas1"}
PLAIN = {"amr": ["pwd"], "acr": "eidas1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    found = IdentityProvider(tmp_path_factory.mktemp("provider"))
    yield found
    found.stop()


@pytest.fixture
def provider(running, cahors, desk, monkeypatch):
    """The provider, and desks that trust it."""
    from guichet.agents.provider import provider_of
    from guichet.config import OpenIdConnect

    running.honest()
    running.pkce, running.algorithm = True, "RS256"
    running.redirects = {f"https://{cahors.host}/agents/openid/retour"}
    running.outs = {f"https://{cahors.host}/agents/"}
    running.user = {"sub": f"s-{cahors.siren}", "email": f"Gestion@{cahors.domain}", **MFA}
    trusted = OpenIdConnect(
        running.issuer, CLIENT, SECRET, trust_email=True, ca_file=str(running.ca_file)
    )

    def configure(**other):
        provider_of.cache_clear()
        changed = dataclasses.replace(trusted, **other)
        found = dataclasses.replace(desk.CONFIGURATION, oidc=changed)
        monkeypatch.setattr(desk, "CONFIGURATION", found)

    configure()
    running.configure = configure
    return running


@pytest.fixture(autouse=True)
def unbound(cahors, scope):
    """No agent is bound to a subject by a test before."""
    from guichet.models import Agent

    with scope(cahors):
        Agent.objects.update(subject="", active=True)


@pytest.fixture
def away(provider):
    """away(visitor) goes to the provider and identifies there: the address that leads back."""

    def go(visitor, start="/agents/openid/"):
        there = visitor.get(start).headers["Location"]
        assert there.startswith(f"{provider.issuer}/authorize?")
        answer = requests.get(there, verify=provider.ca_file, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    return go


@pytest.fixture
def refused(provider, away, browse, cahors):
    """refused() goes there and back, is not let in, and gives the page."""

    def go(visitor=None):
        visitor = visitor or browse(cahors)
        answer = visitor.get(away(visitor))
        assert answer.status_code == 422, answer.headers
        assert visitor.get("/agents/demandes/").headers["Location"] == "/agents/"
        return answer.text

    return go


def test_an_agent_comes_in_with_two_factors_asked_for_there(provider, away, browse, cahors):
    visitor = browse(cahors)
    assert "S’identifier avec ProConnect" in visitor.get("/agents/").text
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"
    assert visitor.get("/agents/demandes/").status_code == 200
    # The address came from the userinfo, which was signed.
    assert "/userinfo" in provider.used


def test_who_left_an_english_page_comes_back_to_one(provider, away, browse, cahors, english):
    start = "/en/agents/openid/"
    visitor = browse(cahors)
    assert ("Sign in with ProConnect", "en") in english(visitor.get("/en/agents/")).texts
    assert visitor.get(away(visitor, start)).headers["Location"] == "/en/agents/demandes/"
    gone = english(visitor.post("/en/agents/sortie"))
    assert ("Sign out of ProConnect as well", "en") in gone.texts
    provider.user["email"] = "personne@exemple.fr"
    provider.user["sub"] = "nobody"
    refused = visitor.get(away(visitor, start))
    assert any("nobody of this desk’s staff" in text for text, _ in english(refused, 422).texts)
    # The address back serves once, so that the link of the other language does not lead there.
    assert 'href="/" lang="fr"' in refused.text
    assert visitor.get("/agents/openid/retour").headers["Content-Language"] == "fr"


def test_the_level_tells_of_two_factors_as_well(provider, away, browse, cahors):
    provider.user |= {**PLAIN, "acr": "https://proconnect.gouv.fr/assurance/self-asserted-2fa"}
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"


def test_with_one_factor_there_the_desks_own_is_asked_for(
    provider, away, browse, cahors, enter, scope
):
    from guichet.models import Agent

    key = enter(cahors, "gestion").key
    provider.user |= PLAIN
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/code/"
    assert visitor.get("/agents/demandes/").headers["Location"] == "/agents/"
    with scope(cahors):
        Agent.objects.update(last_step=0)
    sent = {"code": pyotp.TOTP(key).now()}
    assert visitor.post("/agents/code/", sent).headers["Location"] == "/agents/demandes/"


def test_with_one_factor_there_and_none_here_nobody_comes_in(provider, refused, cahors, scope):
    from guichet.models import Agent

    with scope(cahors):
        Agent.objects.filter(email__startswith="gestion@").update(secret="")
    provider.user |= PLAIN
    assert "second facteur" in refused()


def test_nobody_becomes_an_agent_by_coming_in(provider, refused, cahors, scope):
    from guichet.models import Agent

    with scope(cahors):
        before = Agent.objects.count()
    provider.user["email"] = "personne@exemple.fr"
    assert "aucun agent de ce guichet" in refused()
    with scope(cahors):
        assert Agent.objects.count() == before


def test_an_agent_of_another_town_is_nobody_here(provider, refused, figeac):
    provider.user["email"] = f"gestion@{figeac.domain}"
    assert "aucun agent de ce guichet" in refused()


def test_an_agent_who_was_suspended_stays_out(provider, refused, cahors, scope):
    from guichet.models import Agent

    with scope(cahors):
        Agent.objects.filter(email__startswith="gestion@").update(active=False)
    assert "aucun agent de ce guichet" in refused()


def test_an_address_that_nobody_vouches_for_opens_nothing(provider, refused, away, browse, cahors):
    provider.configure(trust_email=False)
    assert "aucun agent de ce guichet" in refused()
    for said in (False, "true", 1):
        provider.user["email_verified"] = said
        assert "aucun agent de ce guichet" in refused()
    provider.user["email_verified"] = True
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"
    del provider.user["email_verified"]


def test_an_agent_is_the_subject_from_the_first_time_on(
    provider, refused, away, browse, cahors, enter
):
    visitor = browse(cahors)
    visitor.get(away(visitor))
    provider.user["email"] = f"nouveau-nom@{cahors.domain}"
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"
    # Somebody else who was given the address is not that agent…
    provider.user |= {"sub": "another", "email": f"gestion@{cahors.domain}"}
    assert "aucun agent de ce guichet" in refused()
    # …until a manager invites them.
    enter(cahors, "gestion")
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"


def test_the_role_stays_what_the_desk_says(provider, away, browse, cahors):
    provider.user |= {"email": f"elus@{cahors.domain}", "role": "manager", "roles": ["manager"]}
    visitor = browse(cahors)
    visitor.get(away(visitor))
    assert visitor.get("/agents/demandes/").status_code == 200
    assert visitor.get("/agents/equipe/").status_code == 403


def test_a_code_and_an_address_back_serve_once(provider, away, browse, cahors):
    visitor = browse(cahors)
    back = away(visitor)
    assert visitor.get(back).status_code == 302
    visitor.post("/agents/sortie")
    assert UNTRUE in visitor.get(back).text
    # A session of its own with the same code: the provider has given it out.
    other = browse(cahors)
    fresh = away(other)
    old = parse_qs(urlsplit(back).query)["code"][0]
    new = parse_qs(urlsplit(fresh).query)["code"][0]
    assert UNTRUE in other.get(fresh.replace(new, old)).text
    assert other.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_somebody_elses_address_back_logs_nobody_in(provider, away, browse, cahors):
    """Login CSRF: a link that would make a victim work in the attacker's session."""
    theirs = away(browse(cahors))
    victim = browse(cahors)
    assert UNTRUE in victim.get(theirs).text
    away(victim)  # one that has left on its own account, too
    assert UNTRUE in victim.get(theirs).text
    assert victim.get("/agents/demandes/").headers["Location"] == "/agents/"


@pytest.mark.parametrize("state", ["", "x", "é", "x" * 5000])
def test_a_wrong_state_is_refused_and_uses_up_the_right_one(provider, away, browse, cahors, state):
    visitor = browse(cahors)
    back = away(visitor)
    right = parse_qs(urlsplit(back).query)["state"][0]
    assert UNTRUE in visitor.get(back.replace(right, state)).text
    assert UNTRUE in visitor.get(back).text


def test_a_code_of_another_session_of_the_same_browser_has_another_nonce_and_verifier(
    provider, away, browse, cahors
):
    """A stolen code put into the attacker's own flow (RFC 9700 §4.5)."""
    victim, attacker = browse(cahors), browse(cahors)
    stolen = parse_qs(urlsplit(away(victim)).query)["code"][0]
    own = away(attacker)
    code = parse_qs(urlsplit(own).query)["code"][0]
    assert UNTRUE in attacker.get(own.replace(code, stolen)).text
    provider.pkce = False
    provider.configure()
    stolen = parse_qs(urlsplit(away(victim)).query)["code"][0]
    own = away(attacker)
    code = parse_qs(urlsplit(own).query)["code"][0]
    assert UNTRUE in attacker.get(own.replace(code, stolen)).text


def test_who_stays_away_too_long_begins_again(provider, away, browse, cahors, monkeypatch):
    from django.utils import timezone

    visitor = browse(cahors)
    back = away(visitor)
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(minutes=11))
    assert UNTRUE in visitor.get(back).text


NOW = time.time()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://ailleurs.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": []},
        {"exp": NOW - 3600},
        {"exp": "2100-01-01"},
        {"exp": None},
        {"iat": NOW - 7200},
        {"iat": NOW + 7200},
        {"iat": 10**30},
        {"nonce": "n" * 43},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": ["s1"]},
        {"sub": "s" * 256},
    ],
)
def test_a_token_with_a_claim_that_is_not_right_is_not_believed(provider, refused, claims):
    provider.claims = claims
    assert UNTRUE in refused()
    assert "/userinfo" not in provider.used


def test_a_token_that_is_signed_by_nobody_or_somebody_else_is_not_believed(
    provider, refused, cahors
):
    claims = {
        "iss": provider.issuer,
        "aud": CLIENT,
        "sub": "s1",
        "amr": ["mfa"],
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
        "email": f"gestion@{cahors.domain}",
    }
    for raw in (unsigned(claims), "a.b.c", "", ".", "x" * 5000, "é.é.é"):
        provider.raw = raw or " "
        assert UNTRUE in refused(), raw
    provider.raw = None
    # Another key under the provider's name, and under a name that it does not have.
    for kid in ("first", "second"):
        provider.sign_with = jwk.RSAKey.generate_key(2048, {"kid": kid})
        assert UNTRUE in refused(), kid


def test_a_public_key_is_no_secret_to_sign_with(provider, refused, cahors):
    """RS256 taken for HS256 (RFC 8725 §2.1)."""
    now = int(time.time())
    claims = {
        "iss": provider.issuer,
        "aud": CLIENT,
        "sub": "s1",
        "amr": ["mfa"],
        "iat": now,
        "exp": now + 60,
        "email": f"gestion@{cahors.domain}",
    }
    for secret in (provider.key.as_pem(private=False), provider.key.as_der(private=False)):
        provider.raw = signed_by_hand({"alg": "HS256", "kid": "first"}, claims, secret)
        assert UNTRUE in refused()


def test_tokens_signed_with_the_shared_secret_are_believed_where_that_was_agreed_upon(
    provider, away, refused, browse, cahors
):
    provider.algorithm = "HS256"
    assert UNTRUE in refused()
    provider.configure(algorithm="HS256")
    visitor = browse(cahors)
    assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"


def test_a_key_that_the_provider_began_to_use_since_is_found(provider, away, browse, cahors):
    for kid in ("first", "after"):
        provider.key = jwk.RSAKey.generate_key(2048, {"kid": kid})
        if kid == "first":
            provider.configure()
        visitor = browse(cahors)
        assert visitor.get(away(visitor)).headers["Location"] == "/agents/demandes/"


@pytest.mark.parametrize(
    "claims", [{"sub": "another"}, {"aud": "another"}, {"iss": "https://ailleurs.example"}]
)
def test_userinfo_about_somebody_else_is_not_believed(provider, refused, claims):
    provider.userinfo = claims
    assert UNTRUE in refused()


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://ailleurs.example"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_metadata_of_somebody_else_or_without_tls_lead_nowhere(provider, browse, cahors, said):
    provider.metadata_says = said
    answer = browse(cahors).get("/agents/openid/")
    assert answer.status_code == 422
    assert UNTRUE in answer.text


def test_an_answer_of_another_issuer_is_not_brought_to_this_one(provider, away, browse, cahors):
    """RFC 9207: mixing up two providers."""
    visitor = browse(cahors)
    assert UNTRUE in visitor.get(f"{away(visitor)}&iss=https%3A%2F%2Failleurs.example").text
    provider.metadata_says = {"authorization_response_iss_parameter_supported": True}
    provider.configure()
    assert UNTRUE in visitor.get(away(visitor)).text


def test_who_says_no_there_is_told_so(provider, away, browse, cahors):
    visitor = browse(cahors)
    state = parse_qs(urlsplit(away(visitor)).query)["state"][0]
    answer = visitor.get(f"/agents/openid/retour?error=access_denied&state={state}")
    assert "au bout de l’identification" in answer.text


def test_a_provider_that_is_down_is_told_and_the_password_still_opens(
    provider, away, browse, cahors, enter, scope
):
    from guichet.models import Agent

    key = enter(cahors, "gestion").key
    visitor = browse(cahors)
    back = away(visitor)
    provider.down = True
    provider.configure()
    assert "ProConnect ne répond pas" in visitor.get(back).text
    page = visitor.get("/agents/openid/")
    assert "ProConnect ne répond pas" in page.text
    assert 'name="password"' in page.text
    sent = {"email": f"gestion@{cahors.domain}", "password": PASSWORD}
    assert visitor.post("/agents/", sent).headers["Location"] == "/agents/code/"
    with scope(cahors):
        Agent.objects.update(last_step=0)
    code = {"code": pyotp.TOTP(key).now()}
    assert visitor.post("/agents/code/", code).headers["Location"] == "/agents/demandes/"


def test_a_provider_whose_certificate_nobody_trusts_counts_as_down(provider, browse, cahors):
    provider.configure(ca_file="")
    assert "ne répond pas" in browse(cahors).get("/agents/openid/").text


def test_nobody_listens_is_down_too(provider, browse, cahors):
    provider.configure(issuer="https://127.0.0.1:1")
    assert "ne répond pas" in browse(cahors).get("/agents/openid/").text


def test_the_session_begins_under_a_new_key_and_the_old_one_is_worth_nothing(
    provider, away, browse, cahors
):
    visitor = browse(cahors)
    back = away(visitor)
    before = visitor.cookies["__Host-guichet"].value
    visitor.get(back)
    assert visitor.cookies["__Host-guichet"].value != before
    thief = browse(cahors)
    thief.cookies["__Host-guichet"] = before
    assert thief.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_going_out_here_leads_to_going_out_there(provider, away, browse, cahors):
    visitor = browse(cahors)
    visitor.get(away(visitor))
    page = visitor.post("/agents/sortie")
    out = re.search(r'<a href="(https://127.*?)">', page.text)[1].replace("&amp;", "&")
    answer = requests.get(out, verify=provider.ca_file, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == f"https://{cahors.host}/agents/"
    assert visitor.get("/agents/demandes/").headers["Location"] == "/agents/"


def test_a_town_that_is_not_named_has_no_provider(provider, browse, cahors, figeac):
    provider.configure(sirens=frozenset({figeac.siren}))
    visitor = browse(cahors)
    assert "ProConnect" not in visitor.get("/agents/").text
    for at in ("/agents/openid/", "/agents/openid/retour?code=x&state=y"):
        assert visitor.get(at).status_code == 404


def test_where_a_provider_sends_back_to_is_not_the_visitors_to_say(provider, browse, cahors):
    there = browse(cahors).get("/agents/openid/", HTTP_X_FORWARDED_HOST="ailleurs.example")
    asked = parse_qs(urlsplit(there.headers["Location"]).query)
    assert asked["redirect_uri"] == [f"https://{cahors.host}/agents/openid/retour"]
    assert asked["scope"] == ["openid email"]
    assert asked["code_challenge_method"] == ["S256"]


def test_refusals_are_logged_without_anybodys_name(provider, refused, cahors, caplog):
    provider.claims = {"nonce": "n" * 43}
    refused()
    assert "another nonce" in caplog.text
    assert cahors.domain not in caplog.text
    assert provider.user["sub"] not in caplog.text


def test_one_address_may_not_ask_for_ever(provider, browse, cahors):
    visitor = browse(cahors)
    answers = [visitor.get("/agents/openid/retour").status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]
