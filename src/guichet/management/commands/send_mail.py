# SPDX-License-Identifier: GPL-3.0-or-later
"""Send what lies in the outbox; a timer runs it every minute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from guichet.requests.outbox import send_due


class Command(BaseCommand):
    """``send_mail``: says how many went; never fails because a mail server is down."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the application."""
        del args, options
        sent, failed = send_due()
        if sent or failed:
            self.stdout.write(f"{sent} sent, {failed} put off")
