# SPDX-License-Identifier: GPL-3.0-or-later
"""The provider of the tests is one: an independent client (Authlib) gets in, and it refuses."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt

from integration.desk.openid_provider import CLIENT, SECRET, IdentityProvider

BACK = "https://demarches.cahors.example/retour"
LONG = "n" * 32
VERIFIER = "a verifier of the tests, of fifty characters or so"


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    found = IdentityProvider(tmp_path_factory.mktemp("provider"))
    found.redirects.add(BACK)
    yield found
    found.stop()


@pytest.fixture
def client(provider):
    session = OAuth2Session(
        *(CLIENT, SECRET),
        scope="openid email",
        redirect_uri=BACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post",
        leeway=5,
    )
    yield session
    session.close()


def get(provider, path, **more):
    at = f"{provider.issuer}{path}"
    return requests.get(at, verify=provider.ca_file, allow_redirects=False, timeout=10, **more)


def test_a_client_that_is_not_ours_gets_tokens_that_authlib_believes(provider, client):
    verifier = "v" * 48
    at, state = client.create_authorization_url(
        f"{provider.issuer}/authorize", code_verifier=verifier, nonce=LONG, state="s" * 32
    )
    trust = {"verify": str(provider.ca_file)}
    back = client.get(at, allow_redirects=False, withhold_token=True, **trust).headers["Location"]
    assert parse_qs(urlsplit(back).query)["state"] == [state]
    tokens = client.fetch_token(
        f"{provider.issuer}/token",
        authorization_response=back,
        code_verifier=verifier,
        state=state,
        **trust,
    )
    keys = jwk.KeySet.import_key_set(get(provider, "/jwks").json())
    decoded = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={"iss": {"value": provider.issuer}, "aud": {"value": CLIENT}},
        params={"nonce": LONG, "client_id": CLIENT, "access_token": tokens["access_token"]},
    )
    claims.validate()
    answer = client.get(f"{provider.issuer}/userinfo", **trust)
    assert answer.headers["Content-Type"] == "application/jwt"
    assert jwt.decode(answer.text, keys, algorithms=["RS256"]).claims["sub"] == claims["sub"]


GOOD = {
    "response_type": "code",
    "client_id": CLIENT,
    "redirect_uri": BACK,
    "scope": "openid",
    "state": LONG,
    "nonce": LONG,
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": "https://ailleurs.example/"},
        {"client_id": "another"},
        {"response_type": "token"},
        {"scope": "email"},
        {"state": "short"},
        {"nonce": "short"},
        {"code_challenge_method": "plain"},
        {"display": "page"},
    ],
)
def test_it_refuses_what_proconnect_refuses(provider, wrong):
    assert get(provider, "/authorize", params=GOOD).status_code == 303
    assert get(provider, "/authorize", params={**GOOD, **wrong}).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "another"},
        {"redirect_uri": f"{BACK}/"},
        {"code_verifier": "another"},
        {"grant_type": "password"},
        {"code": "another"},
    ],
)
def test_it_exchanges_a_code_once_and_for_whom_it_was_made(provider, wrong):
    challenge = {"code_challenge": "lWuFk1mqB7u4H-QPM6IsXxJmIuQWRPByWvXaHMBEuzw"}

    def exchange(**other):
        back = get(provider, "/authorize", params={**GOOD, **challenge}).headers["Location"]
        sent = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": BACK,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "code_verifier": VERIFIER,
            **other,
        }
        at = f"{provider.issuer}/token"
        first = requests.post(at, sent, verify=provider.ca_file, timeout=10)
        again = requests.post(at, sent, verify=provider.ca_file, timeout=10)
        return first.status_code, again.status_code

    assert exchange() == (200, 400)
    assert exchange(**wrong) == (400, 400)
