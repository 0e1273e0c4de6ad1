# SPDX-License-Identifier: GPL-3.0-or-later
"""A resource's value in a few words, as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bastide.diagnostics import Language, Text
from bastide.model.quota import show_size

Body = dict[str, Any]

TAKEN = {
    "keep": Text(
        "login refused, mail kept and received", "connexion refusée, courrier gardé et reçu"
    ),
    "bounce": Text(
        "login and new mail refused, mail kept", "connexion et courrier refusés, boîte gardée"
    ),
}
_RENAMED = Text(
    "from {former}, with its mail; {body}", "depuis {former}, avec son courrier ; {body}"
)
_HANDED_OVER = Text(
    "new holder, empty mailbox, former mail put aside; {body}",
    "nouveau titulaire, boîte vide, ancien courrier mis de côté ; {body}",
)
# Of a record set at Cloudflare: what is there beside its value.
_BESIDE = {
    "unmarked": Text("(not written by Bastide)", "(écrit hors de Bastide)"),
    "proxied": Text("(through Cloudflare's proxy)", "(par le mandataire de Cloudflare)"),
    "ttls": Text("(several TTLs)", "(plusieurs TTL)"),
}
_QUOTED = re.compile(r'"([^"]*)"')
_COLLABORATIVE = Text("collaborative", "collaborative")
_OTHER_CONTENT = Text("(other content)", "(un autre contenu)")
_INCOMPLETE = Text("(incomplete)", "(incomplet)")
_GENERATION = Text("keys of generation {number}", "clés de génération {number}")
_PENDING = Text("(known once its key is made)", "(connue après création)")
_SIGNING = {
    "signed": Text("signed (DNSSEC)", "signée (DNSSEC)"),
    "leaving": Text(
        "signed, parents are asked to drop their DS", "signée, retrait du DS demandé aux parents"
    ),
}
# As a zone file has them (RFC 1035 §3.3.13); the serial is the host's own.
_SOA = ("ttl", "mname", "rname", "refresh", "retry", "expire", "minimum")


def show_suspension(after: Body | None, language: Language) -> str:
    """What a suspension means for the person."""
    delivery = str((after or {}).get("delivery", "keep"))
    return TAKEN.get(delivery, TAKEN["keep"]).format(language, {})


def show_succession(
    action: str, before: Body | None, after: Body | None, language: Language
) -> str:
    """Where a renamed mailbox comes from, or that another holder begins with an empty one."""
    if action == "rename":
        facts = {"former": str((before or {}).get("address")), "body": show_body(after, language)}
        return _RENAMED.format(language, facts)
    return _HANDED_OVER.format(language, {"body": show_body(after, language)})


def show_body(body: Body | None, language: Language) -> str:
    """`body` in a few words; empty for None and for what says no more than its address."""
    body = body or {}
    for key, text in (("content", _OTHER_CONTENT), ("missing", _INCOMPLETE), ("pending", _PENDING)):
        if key in body:
            return text.format(language, {})
    for key, show in _BY_KEY.items():
        if key in body and (shown := show(body, language)):
            return shown
    ttl = [str(body["ttl"])] if "ttl" in body else []
    values = ", ".join(body.get("rdata") or body.get("targets") or body.get("names") or ())
    if beside := [text.format(language, {}) for key, text in _BESIDE.items() if key in body]:
        values = " ".join([values, *beside])
    page = [str(body[key]) for key in ("to", "selector", "siren", "title") if key in body]
    return " ".join([*ttl, values]).strip() or " · ".join([*page, *body.get("lines", ())])


def _mailbox(body: Body, language: Language) -> str:
    """A mailbox here, an account of a groupware, or the way to one: size, class, host, state."""
    parts = [str(body[key]) for key in ("to", "cos") if body.get(key)]
    if body.get("quota") is not None:
        size = show_size(int(body["quota"]))
        if language == "fr":
            size = size.removesuffix("B") + "o"  # an octet is a byte: Mo, Go, To
        parts.append(size)
    if body.get("collaborative"):
        parts.append(_COLLABORATIVE.format(language, {}))
    if body.get("state") == "suspended":
        parts.append(show_suspension(body, language))
    return ", ".join(parts)


def _signing(body: Body, language: Language) -> str:
    text = _SIGNING.get(str(body["dnssec"]))
    return text.format(language, {}) if text else ""


def _generation(body: Body, language: Language) -> str:
    return _GENERATION.format(language, {"number": body["generation"]})


def _soa(body: Body, _: Language) -> str:
    return " ".join(str(body[key]) for key in _SOA if key in body)


def _moved(body: Body, _: Language) -> str:
    return ", ".join(f"{path} → {target}" for path, target in sorted(body["moved"].items()))


def _rules(body: Body, _: Language) -> str:
    """Redirect rules as Cloudflare has them: what each is for, in its own texts, and to where."""
    return ", ".join(
        f"{' '.join(_QUOTED.findall(one['when'] or ''))} → {one['to']}" for one in body["rules"]
    )


def _redirects(body: Body, _: Language) -> str:
    """Redirections as a charter asks for them."""
    return ", ".join(
        f"{' '.join([*one['hosts'], *one.get('whole', ()), *one.get('paths', ())])} → {one['to']}"
        for one in body["redirects"]
    )


def _settings(body: Body, _: Language) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(body["settings"].items()))


# The key that a body of this kind alone has, in the order in which they are looked for.
_BY_KEY: dict[str, Callable[[Body, Language], str]] = {
    "state": _mailbox,
    "quota": _mailbox,
    "dnssec": _signing,
    "generation": _generation,
    "mname": _soa,
    "moved": _moved,
    "settings": _settings,
    "rules": _rules,
    "redirects": _redirects,
}
