# SPDX-License-Identifier: GPL-3.0-or-later
"""Inviting an agent by mail: the link is made when the mail is sent, and lies nowhere before."""

from __future__ import annotations

from guichet.models import Agent, Mail, Tenant
from guichet.requests.mails import queue

OCCASION = "invitation"
LINK = "{invitation}"


def queue_invitation(agent: Agent) -> Mail:
    """Put an invitation into the outbox."""
    tenant = Tenant.objects.get(siren=agent.tenant_id)
    body = (
        f"Bonjour,\n\nUn accès au guichet de {tenant.name} vous est ouvert ({agent.email}).\n"
        "Choisissez votre mot de passe et préparez une application d’authentification :\n"
        f"{LINK}\n\nCe lien est valable sept jours et ne sert qu’une fois.\n\n-- \n{tenant.name}"
    )
    subject = f"Votre accès au guichet de {tenant.name}"
    return queue(tenant.siren, OCCASION, agent.email, subject, body)
