# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of an OpenID Connect provider, and what of its answers is believed.

Every signature is looked at, that of a token which came straight from the provider too: TLS says
who answered, not what was meant for whom.  JOSE is joserfc's; this module only says what has to
hold (OpenID Connect Core 1.0 §3.1.3.7 and §5.3.2).
"""

from __future__ import annotations

import functools
import hmac
import json
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from guichet.config import OpenIdConnect

_PATIENCE = (3.05, 5)  # seconds to connect, and between two parts of an answer
_LARGEST = 200_000  # bytes of an answer
_KEPT = 3600  # seconds that metadata and keys are good
_SKEW = 30  # seconds that two clocks may differ
_OLDEST = 600  # seconds since a token was made
_FAR = 1e12  # seconds; no clock says that


class Down(Exception):
    """The provider does not answer, or as no provider does."""


class Untrue(Exception):
    """An answer that must not be believed; the text says what was wrong, and nothing of anybody."""


class Provider:
    """One provider, by its issuer; keeps its metadata and keys for an hour."""

    def __init__(self, settings: OpenIdConnect) -> None:
        self.settings = settings
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def metadata(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0 §4.

        Raises:
            Down: Nothing came.
            Untrue: It is that of another issuer, or names addresses without TLS.
        """
        base = self.settings.issuer.removesuffix("/")
        found = self._get(f"{base}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise Untrue("metadata of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _over_tls(found.get(name)):
                raise Untrue(f"{name} is no https address")
        return found

    def tokens(self, code: str, verifier: str, back: str) -> dict[str, Any]:
        """Exchange a code (RFC 6749 §4.1.3; the secret in the body, as ProConnect asks).

        Raises:
            Down: Nothing came.
            Untrue: The provider refused the code, or gave no ID token.
        """
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
            **({"code_verifier": verifier} if verifier else {}),
        }
        status, _, body = self._ask("POST", self.metadata()["token_endpoint"], data=sent)
        if status != HTTPStatus.OK:  # RFC 6749 §5.1
            raise Untrue("the code was refused")
        found = _object(body)
        if not isinstance(found.get("id_token"), str):
            raise Untrue("no ID token")
        return found

    def identity(self, tokens: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token, with those of the userinfo when it holds no address.

        Raises:
            Down: Nothing came.
            Untrue: A signature, an issuer, an audience, a time or the nonce is not right.
        """
        claims = self._signed(tokens["id_token"])
        self._meant_for_us(claims)
        now = time.time()
        if _moment(claims.get("exp")) < now - _SKEW:
            raise Untrue("expired")
        if not now - _OLDEST < _moment(claims.get("iat")) < now + _SKEW:
            raise Untrue("made at another time")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise Untrue("another nonce")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # noqa: PLR2004 - §2
            raise Untrue("no subject")
        if "email" not in claims:
            claims = {**self._userinfo(tokens, subject), **claims}
        return claims

    def _userinfo(self, tokens: dict[str, Any], subject: str) -> dict[str, Any]:
        address, bearer = self.metadata().get("userinfo_endpoint"), tokens.get("access_token")
        if not _over_tls(address) or not isinstance(bearer, str):
            raise Untrue("no userinfo")
        status, kind, body = self._ask("GET", str(address), auth=_Bearer(bearer))
        if status != HTTPStatus.OK:  # RFC 6750 §3
            raise Untrue("userinfo refused")
        if kind == "application/jwt":
            found = self._signed(body.decode("ascii", "replace").strip())
            self._meant_for_us(found)
        else:
            found = _object(body)
        # §5.3.2: else somebody's token could bring somebody else's address.
        if found.get("sub") != subject:
            raise Untrue("userinfo of another subject")
        return found

    def _signed(self, token: str) -> dict[str, Any]:
        """The claims of a token that is signed by the one algorithm that was agreed upon."""
        algorithm = self.settings.algorithm
        try:
            if algorithm == "HS256":
                key = jwk.OctKey.import_key(self.settings.client_secret)
                return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
            kid = jws.extract_compact(token.encode()).headers().get("kid")
            keys = self._keys(fresh=False)
            if kid is not None and all(one.kid != kid for one in keys):
                # A key that the provider has begun to use since.
                keys = self._keys(fresh=True)
            return dict(jwt.decode(token, keys, algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Untrue(f"signature: {type(error).__name__}") from None

    def _keys(self, *, fresh: bool) -> jwk.KeySet:
        found = self._get(str(self.metadata()["jwks_uri"]), fresh=fresh)
        try:
            return jwk.KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise Untrue(f"keys: {type(error).__name__}") from None

    def _meant_for_us(self, claims: dict[str, Any]) -> None:
        if claims.get("iss") != self.settings.issuer:
            raise Untrue("another issuer")
        audience = claims.get("aud")
        several = audience if isinstance(audience, list) else [audience]
        if self.settings.client_id not in several:
            raise Untrue("another audience")
        party = claims.get("azp")
        if (len(several) > 1 or party is not None) and party != self.settings.client_id:
            raise Untrue("another authorized party")

    def _get(self, address: str, *, fresh: bool = False) -> dict[str, Any]:
        kept = self._kept.get(address)
        now = time.monotonic()
        if kept and not fresh and now - kept[0] < _KEPT:
            return kept[1]
        status, _, body = self._ask("GET", address)
        if status != HTTPStatus.OK:
            raise Down(f"status {status}")
        found = _object(body)
        self._kept[address] = now, found
        return found

    def _ask(self, method: str, address: str, **more: Any) -> tuple[int, str, bytes]:
        """Status, media type and body; no redirect is followed, no long answer read."""
        try:
            with requests.request(
                method,
                address,
                timeout=_PATIENCE,
                allow_redirects=False,
                stream=True,
                verify=self.settings.ca_file or True,
                **more,
            ) as answer:
                body = answer.raw.read(_LARGEST + 1, decode_content=True)
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                status = answer.status_code
        except (requests.RequestException, OSError, ValueError) as error:
            raise Down(type(error).__name__) from None
        except Exception as error:
            # urllib3's own, which requests passes on when a body breaks off.
            if type(error).__module__.startswith("urllib3"):
                raise Down(type(error).__name__) from None
            raise
        if len(body) > _LARGEST or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Down(f"status {status}, {len(body)} bytes")
        return status, kind, body


class _Bearer(requests.auth.AuthBase):
    """RFC 6750 §2.1; as `auth`, since a .netrc would otherwise put its own header there."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _over_tls(address: object) -> bool:
    return isinstance(address, str) and urlsplit(address).scheme == "https"


def _moment(said: object) -> float:
    """Seconds since 1970; what is no number is long ago."""
    return float(said) if isinstance(said, int | float) and abs(said) < _FAR else 0.0


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Down("no JSON") from None
    if not isinstance(found, dict):
        raise Down("no JSON object")
    return found


@functools.lru_cache(maxsize=4)
def provider_of(settings: OpenIdConnect) -> Provider:
    """The provider of these settings, one for each process."""
    return Provider(settings)
