# SPDX-License-Identifier: GPL-3.0-or-later
"""Inviting an agent by mail: the link is made when the mail is sent, and lies nowhere before."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guichet.language import current
from guichet.models import Agent, Mail, Tenant
from guichet.requests.mails import queue

OCCASION = "invitation"
# Where the link goes, by the language of its page.
LINKS = {"fr": "{invitation}", "en": "{invitation:en}"}


def queue_invitation(agent: Agent) -> Mail:
    """Put an invitation into the outbox, in the language of who invites."""
    tenant = Tenant.objects.get(siren=agent.tenant_id)
    body = _(
        "Bonjour,\n\nUn accès au guichet de %(town)s vous est ouvert (%(email)s).\n"
        "Choisissez votre mot de passe et préparez une application d’authentification :\n"
        "%(link)s\n\nCe lien est valable sept jours et ne sert qu’une fois."
    ) % {"town": tenant.name, "email": agent.email, "link": LINKS[current()]}
    body += f"\n\n-- \n{tenant.name}"
    subject = _("Votre accès au guichet de %(town)s") % {"town": tenant.name}
    return queue(tenant.siren, OCCASION, agent.email, subject, body)
