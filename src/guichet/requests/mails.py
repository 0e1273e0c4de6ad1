# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mailed on which occasion: rows of the outbox, in the transaction of their reason."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from guichet.language import FRENCH, worded
from guichet.models import Mail, Request, Tenant
from guichet.requests.wording import BINDING, OCCASIONS, fill, mentions

# Becomes the follow-up link when the mail is sent (guichet.requests.outbox).
LINK = "{link}"
# News for the service, whose language is French.
ARRIVED = "La demande {number} est arrivée : {title}."
ANSWERED = "La demande {number} a reçu un message : {title}."


def queue(
    siren: str,
    occasion: str,
    recipient: str,
    subject: str,
    body: str,
    request: Request | None = None,
) -> Mail:
    """Put a mail into the outbox."""
    return Mail.objects.create(
        tenant_id=siren,
        request=request,
        occasion=occasion,
        recipient=recipient,
        # A header is one line (RFC 5322 §2.2).
        subject=" ".join(subject.split())[:300],
        body=body,
        key=uuid.uuid4(),
        next_at=timezone.now(),
    )


def tell_citizen(request: Request, occasion: str, text: str = "") -> Mail:
    """Mail the citizen, in the language in which the request was filed.

    By the template of the procedure, else by the desk's own.
    """
    tenant = Tenant.objects.get(siren=request.tenant_id)
    with override(request.language):
        template, facts = _template(request, occasion), _facts(tenant, request, text)
        body = fill(template["body"], facts)
        if occasion == "acknowledgement":
            body += "\n\n" + "\n\n".join(mentions(request, tenant.name))
        if occasion == "refused" and request.language != FRENCH:
            # How to appeal is said in French too, as in an acknowledgement.
            with override(FRENCH):
                french = fill(_template(request, occasion)["body"], _facts(tenant, request, text))
            body += "\n\n" + _(BINDING) + "\n\n" + french
        if LINK not in body:
            body += "\n\n" + _("Suivre votre demande : %(link)s") % {"link": LINK}
    body += f"\n\n-- \n{tenant.name}"
    subject = fill(template["subject"], {**facts, "text": "", "link": ""})
    return queue(tenant.siren, occasion, request.email, subject, body, request)


def tell_service(request: Request, news: str = ARRIVED) -> Mail | None:
    """Tell the service that something happened: a number, and nothing of the content; in French."""
    tenant = Tenant.objects.get(siren=request.tenant_id)
    definition = request.version.definition
    address = definition.get("service", {}).get("email")
    if not address:
        return None
    facts = {"number": request.number, "title": definition["title"]}
    body = fill(news, facts) + (f"\n\nhttps://{tenant.host}/agents/demandes/{request.number}/\n")
    subject = f"Demande {request.number} : {definition['title']}"
    return queue(tenant.siren, "service", address, subject, body, request)


def _template(request: Request, occasion: str) -> Mapping[str, str]:
    """Subject and body in the language of the moment."""
    mails = worded(request.version.definition).get("mails", {})
    return mails.get(occasion) or worded(OCCASIONS[occasion])


def _facts(tenant: Tenant, request: Request, text: str) -> Mapping[str, str]:
    definition = worded(request.version.definition)
    return {
        "number": request.number,
        "title": definition["title"],
        "town": tenant.name,
        "service": definition.get("service", {}).get("name", tenant.name),
        "delay": definition.get("delay", ""),
        "link": LINK,
        # What people write must not become a placeholder.
        "text": text.replace("{", "(").replace("}", ")"),
    }
