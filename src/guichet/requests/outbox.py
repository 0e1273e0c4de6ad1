# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending what lies in the outbox: one mail, one transaction.

A mail that was handed over and not yet noted when the process was killed is sent again, under the
same Message-ID: once too often rather than never.
"""

from __future__ import annotations

import datetime as dt
import smtplib
from email.utils import formataddr

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from guichet.agents.entry import invite
from guichet.models import Agent, Host, Mail, Tenant
from guichet.requests import invitations, links
from guichet.requests.mails import LINK
from guichet.tenancy.scope import acting_for

_MOST_ATTEMPTS = 20
_LONGEST_WAIT = dt.timedelta(hours=6)
_PERMANENT = range(500, 600)  # RFC 5321 §4.2.1


def send_due() -> tuple[int, int]:
    """Send what is due, of every tenant; how many went and how many did not."""
    sent = failed = 0
    for siren in sorted(set(Host.objects.values_list("siren", flat=True))):
        done: set[int] = set()
        while (went := _send_one(siren, done)) is not None:
            sent, failed = sent + went, failed + (not went)
    return sent, failed


def _send_one(siren: str, done: set[int]) -> bool | None:
    """Send the next one of a tenant; None when none is due."""
    with acting_for(siren):
        due = (
            Mail.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(sent_at=None, failed_at=None, next_at__lte=timezone.now())
            .exclude(pk__in=done)
            .order_by("next_at", "id")
        )
        mail = due.first()
        if mail is None:
            return None
        done.add(mail.pk)
        mail.attempts += 1
        try:
            _message(Tenant.objects.get(siren=siren), mail).send()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # ValueError: what makes no header.  One town's mail holds up nobody else's.
            _put_off(mail, error)
            return False
        # What was said and to whom is no longer needed here.
        mail.sent_at, mail.body, mail.recipient, mail.error = timezone.now(), "", "", ""
        mail.save()
        return True


def _message(tenant: Tenant, mail: Mail) -> EmailMessage:
    body = mail.body
    if mail.request is not None:
        secret = links.token(tenant.siren, mail.request.link_nonce)
        with override(mail.request.language):
            address = reverse("follow", args=[secret])
        body = body.replace(LINK, f"https://{tenant.host}{address}")
    if mail.occasion == invitations.OCCASION:
        agent = Agent.objects.get(email=mail.recipient)
        secret = invite(agent)
        for language, place in invitations.LINKS.items():
            with override(language):
                address = reverse("invitation", args=[secret])
            body = body.replace(place, f"https://{tenant.host}{address}")
    reply = tenant.body.get("contact", {}).get("email")
    return EmailMessage(
        mail.subject,
        body,
        formataddr((tenant.name, tenant.body["sender"])),
        [mail.recipient],
        reply_to=[reply] if reply else None,
        headers={
            "Message-ID": f"<{mail.key}@{tenant.host}>",
            # RFC 3834 §5: no out-of-office answers to this.
            "Auto-Submitted": "auto-generated",
        },
    )


def _put_off(mail: Mail, error: Exception) -> None:
    codes = _codes(error)
    mail.error = f"{type(error).__name__} {' '.join(map(str, codes))}".strip()
    refused = bool(codes) and all(code in _PERMANENT for code in codes)
    if refused or mail.attempts >= _MOST_ATTEMPTS:
        mail.failed_at = timezone.now()
    else:
        wait = min(dt.timedelta(minutes=2**mail.attempts), _LONGEST_WAIT)
        mail.next_at = timezone.now() + wait
    mail.save()


def _codes(error: Exception) -> list[int]:
    """What the server said of each recipient; a server that takes nobody's mail is no verdict."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return []
