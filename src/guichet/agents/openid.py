# SPDX-License-Identifier: GPL-3.0-or-later
"""Coming in through an OpenID Connect provider (ProConnect): who is let in, and on what terms.

The provider says who somebody is; who is an agent, of which town and with which role stays the
desk's.  Nobody becomes an agent by coming in.  An agent is known by the address the first time and
by the provider's subject from then on (Core 1.0 §5.7): an address that went to somebody else opens
nothing.  Where the provider asked for a second factor, the desk asks for none; else for its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone

from guichet.agents.provider import Provider, Untrue, provider_of
from guichet.config import OpenIdConnect
from guichet.models import Agent, Tenant

_WITHIN = 600  # seconds between leaving and coming back
_HERE = "openid"  # what a session keeps until then


class Denied(Exception):
    """Somebody did not go through with it at the provider."""


class Stranger(Exception):
    """The provider knows them, and the desk does not."""


def settings_for(tenant: Tenant) -> OpenIdConnect | None:
    """The provider of a tenant's agents; None where there is none."""
    from django.conf import settings

    found: OpenIdConnect | None = settings.CONFIGURATION.oidc
    if found is None or (found.sirens is not None and tenant.siren not in found.sirens):
        return None
    return found


def leave_for(settings: OpenIdConnect, session: Any, back: str) -> str:
    """The address at the provider; what is needed to come back is put into the session.

    Raises:
        guichet.agents.provider.Down: The provider does not answer.
        Untrue: It answers as somebody else.
    """
    provider = provider_of(settings)
    said = provider.metadata()
    # 43 characters each: ProConnect asks for 32, RFC 7636 §4.1 for 43.
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": back,
        "scope": settings.scope,
        "state": kept["state"],
        "nonce": kept["nonce"],
    }
    # ProConnect refuses a parameter that it does not know: what is not told is not sent.
    if "S256" in (said.get("code_challenge_methods_supported") or ()):
        digest = hashlib.sha256(kept["verifier"].encode()).digest()
        asked["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked["code_challenge_method"] = "S256"
    else:
        kept["verifier"] = ""
    if said.get("claims_parameter_supported"):
        asked["claims"] = '{"id_token":{"amr":{"essential":true}}}'
    session[_HERE] = {**kept, "at": timezone.now().timestamp()}
    return f"{said['authorization_endpoint']}?{urlencode(asked)}"


def came_back(
    settings: OpenIdConnect, session: Any, sent: dict[str, str], back: str
) -> tuple[dict[str, Any], str]:
    """The claims that the provider vouches for, and the ID token for going out.

    Whatever comes of it, what the session kept is used up: a second time finds nothing.

    Raises:
        Untrue: Not what this session left for, or not to be believed.
        Denied: Somebody said no there.
        guichet.agents.provider.Down: The provider does not answer.
    """
    kept = session.pop(_HERE, None)
    if not isinstance(kept, dict) or timezone.now().timestamp() - kept["at"] > _WITHIN:
        raise Untrue("nobody left for it")
    if not hmac.compare_digest(sent.get("state", "").encode(), kept["state"].encode()):
        raise Untrue("another state")
    provider = provider_of(settings)
    _same_issuer(provider, sent)
    if "error" in sent:
        raise Denied
    code = sent.get("code", "")
    if not 0 < len(code) <= 4096:  # noqa: PLR2004 - of any length (RFC 6749 §4.1.2), within reason
        raise Untrue("no code")
    tokens = provider.tokens(code, kept["verifier"], back)
    return provider.identity(tokens, kept["nonce"]), tokens["id_token"]


def _same_issuer(provider: Provider, sent: dict[str, str]) -> None:
    """RFC 9207 §2.4: a code of one provider is not brought to another."""
    asked = provider.metadata().get("authorization_response_iss_parameter_supported")
    if (asked or "iss" in sent) and sent.get("iss") != provider.settings.issuer:
        raise Untrue("answer of another issuer")


def agent_of(settings: OpenIdConnect, claims: dict[str, Any]) -> Agent:
    """The agent of the current tenant who these claims are about, held until the transaction ends.

    Raises:
        Stranger: There is none, or no longer, or the address is not vouched for.
    """
    subject = hashlib.sha256(f"{settings.issuer}\n{claims['sub']}".encode()).hexdigest()
    active = Agent.objects.select_for_update().filter(active=True)
    if (known := active.filter(subject=subject).first()) is not None:
        return known
    email = claims.get("email")
    vouched = settings.trust_email or claims.get("email_verified") is True
    if not isinstance(email, str) or "\0" in email or not vouched:
        raise Stranger
    # Whoever is bound to a subject is that one, whatever address another one has now.
    found = active.filter(Q(subject="") & Q(email=email.strip().lower())).first()
    if found is None:
        raise Stranger
    found.subject = subject
    found.save(update_fields=["subject"])
    return found


def second_factor(settings: OpenIdConnect, claims: dict[str, Any]) -> bool:
    """Whether the provider says that it asked for two factors (RFC 8176 §2 `mfa`, or by level)."""
    methods = claims.get("amr")
    if isinstance(methods, list) and "mfa" in methods:
        return True
    return isinstance(claims.get("acr"), str) and claims["acr"] in settings.second_factor


def way_out(settings: OpenIdConnect, token: str, back: str) -> str | None:
    """Where a session at the provider is ended (RP-Initiated Logout 1.0 §2); None: nowhere.

    Raises:
        guichet.agents.provider.Down: The provider does not answer.
        Untrue: It answers as somebody else.
    """
    address = provider_of(settings).metadata().get("end_session_endpoint")
    if not isinstance(address, str) or not address.startswith("https://"):
        return None
    asked = {
        "id_token_hint": token,
        "state": secrets.token_urlsafe(32),
        "post_logout_redirect_uri": back,
    }
    return f"{address}?{urlencode(asked)}"
