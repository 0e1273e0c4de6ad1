# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenID Connect provider over TLS for tests: as strict as ProConnect, and a liar when told so.

It refuses what ProConnect refuses (its pages "Implémentation technique"): parameters it does not
know, a redirect_uri that was not registered, a state or a nonce below 32 characters, a code that is
old, used, or comes with another client, redirect_uri or verifier.  Userinfo is a signed JWT.  What
can be installed as a provider for tests speaks plain HTTP, without PKCE or signed userinfo.
"""

import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import secrets
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwk, jwt

CLIENT, SECRET = "bastide-desk", "a secret of the tests, which is long enough"
KNOWN = {
    *("response_type", "client_id", "redirect_uri", "scope", "claims", "state", "nonce"),
    *("prompt", "idp_hint", "acr_values"),
}
PKCE = {"code_challenge", "code_challenge_method"}
SHORTEST = 32


class Refusal(Exception):
    """What is answered with a status of 400."""


class IdentityProvider:
    """Serves until `stop`.  `user` is who identifies next; the other attributes are its lies."""

    def __init__(self, folder, *, algorithm="RS256", pkce=True):
        self.algorithm, self.pkce = algorithm, pkce
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "first"})
        self.redirects, self.outs, self.codes, self.bearers = set(), set(), {}, {}
        self.user = {"sub": "s1", "email": "agent@exemple.fr", "amr": ["pwd"], "acr": "eidas1"}
        self.honest()
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Bound", (Handler,), {"provider": self})
        )
        self.server.daemon_threads = True
        self.ca_file = folder / "provider.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(self.ca_file))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.issuer = f"https://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def honest(self):
        """Tell no lie from now on."""
        self.down, self.claims, self.header, self.sign_with = False, {}, {}, None
        self.userinfo, self.metadata_says, self.raw = {}, {}, None
        self.used = set()

    def stop(self):
        """End it."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def metadata(self):
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/session/end",
            "jwks_uri": f"{self.issuer}/jwks",
            "claims_parameter_supported": True,
            "id_token_signing_alg_values_supported": [self.algorithm],
        }
        if self.pkce:
            found["code_challenge_methods_supported"] = ["S256"]
        return {**found, **self.metadata_says}

    def authorize(self, asked):
        """Where the browser is sent, as somebody identifies who is known already."""
        pairs = dict(asked)
        if len(pairs) != len(asked) or pairs.keys() - (KNOWN | PKCE if self.pkce else KNOWN):
            raise Refusal("Y000400")
        if pairs.get("client_id") != CLIENT or pairs.get("redirect_uri") not in self.redirects:
            raise Refusal("redirect_uri or client_id")
        if pairs.get("response_type") != "code" or "openid" not in pairs.get("scope", "").split():
            raise Refusal("response_type or scope")
        if min(len(pairs.get(name, "")) for name in ("state", "nonce")) < SHORTEST:
            raise Refusal("state or nonce")
        if self.pkce and pairs.get("code_challenge_method") != "S256":
            raise Refusal("code_challenge_method")
        code = secrets.token_urlsafe(32)
        self.codes[code] = {**pairs, "user": dict(self.user), "until": time.time() + 30}
        return f"{pairs['redirect_uri']}?{urlencode({'code': code, 'state': pairs['state']})}"

    def token(self, sent):
        kept = self.codes.pop(sent.get("code"), None)
        good = kept is not None and kept["until"] > time.time()
        good = good and sent.get("grant_type") == "authorization_code"
        good = good and (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        good = good and sent.get("redirect_uri") == kept["redirect_uri"]
        if good and self.pkce:
            digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = challenge == kept["code_challenge"]
        if not good:
            raise Refusal("invalid_grant")
        user, bearer, now = kept["user"], secrets.token_urlsafe(32), int(time.time())
        self.bearers[bearer] = user
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": user["sub"],
            "nonce": kept["nonce"],
            "iat": now,
            "exp": now + 60,
            "acr": user["acr"],
            "amr": user["amr"],
            **self.claims,
        }
        token = self.raw or self.signed(claims)
        return {"access_token": bearer, "token_type": "Bearer", "expires_in": 60, "id_token": token}

    def signed(self, claims):
        key = self.sign_with or self.key
        if self.algorithm == "HS256" and not self.sign_with:
            key = jwk.OctKey.import_key(SECRET)
        kid = {"kid": key.kid} if key.kid else {}
        header = {"alg": self.algorithm, **kid, **self.header}
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    def about(self, bearer):
        user = self.bearers.pop(bearer.removeprefix("Bearer "), None)
        if user is None:
            raise Refusal("invalid_token")
        shown = {name: value for name, value in user.items() if name not in ("amr", "acr")}
        return self.signed({**shown, "iss": self.issuer, "aud": CLIENT, **self.userinfo})

    def end(self, asked):
        """Where somebody is sent who goes out."""
        lacks = {"id_token_hint", "state", "post_logout_redirect_uri"} - asked.keys()
        if lacks or asked["post_logout_redirect_uri"] not in self.outs:
            raise Refusal("session/end")
        return asked["post_logout_redirect_uri"]


def unsigned(claims):
    """A token with `alg` none (RFC 7519 §6)."""
    return f"{_parts({'alg': 'none'}, claims)}."


def signed_by_hand(header, claims, secret):
    """A token with HS256, whatever bytes the secret is (RFC 7518 §3.2)."""
    text = _parts(header, claims)
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), 'sha256'))}"


def _parts(*objects):
    return ".".join(_base64(json.dumps(one).encode()) for one in objects)


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Handler(BaseHTTPRequestHandler):
    """What is asked over HTTP; `provider` is set by the class made for each."""

    timeout = 10
    provider = None

    def log_message(self, *_):
        """Nothing."""

    def do_GET(self):
        at = urlsplit(self.path)
        self.provider.used.add(at.path)
        self.answer({
            "/.well-known/openid-configuration": self.provider.metadata,
            "/jwks": lambda: jwk.KeySet([self.provider.key]).as_dict(),
            "/authorize": lambda: Lead(self.provider.authorize(parse_qsl(at.query))),
            "/userinfo": lambda: self.provider.about(self.headers.get("Authorization", "")),
            "/session/end": lambda: Lead(self.provider.end(dict(parse_qsl(at.query)))),
        }.get(at.path))  # fmt: skip

    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer(lambda: self.provider.token(dict(parse_qsl(sent))))

    def answer(self, make):
        """Say what `make` gives: a place to go to, a token, or JSON."""
        status, head, body = 200, ("Content-Type", "application/json; charset=utf-8"), ""
        try:
            what = {} if self.provider.down or make is None else make()
            if self.provider.down or make is None:
                status = 503 if self.provider.down else 404
        except Refusal as error:
            status, what = 400, {"error": str(error)}
        if isinstance(what, Lead):
            status, head = 303, ("Location", str(what))
        elif isinstance(what, str):
            head, body = ("Content-Type", "application/jwt"), what
        else:
            body = json.dumps(what)
        self.send_response(status)
        self.send_header(*head)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


class Lead(str):
    """An address to which a browser is sent."""

    __slots__ = ()


def _certificate(file):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider of the tests")])
    now, here = dt.datetime.now(dt.UTC), ipaddress.ip_address("127.0.0.1")
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(here)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    file.write_bytes(key.private_bytes(encoding, form, plain) + made.public_bytes(encoding))
    return file
