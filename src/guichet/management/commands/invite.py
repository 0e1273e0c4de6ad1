# SPDX-License-Identifier: GPL-3.0-or-later
"""Send an agent the one-time link by which password and second factor are set."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guichet.management.commands._desk import siren_of
from guichet.models import Agent
from guichet.requests.invitations import queue_invitation
from guichet.tenancy.scope import acting_for


class Command(BaseCommand):
    """``invite HOST EMAIL``: the link is mailed, and shown to nobody."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two."""
        parser.add_argument("host")
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the application."""
        del args
        with acting_for(siren_of(options["host"])):
            agent = Agent.objects.filter(email=options["email"].lower(), active=True).first()
            if agent is None:
                raise CommandError(f"{options['email']} is no active agent of {options['host']}")
            queue_invitation(agent)
        self.stdout.write("The invitation lies in the outbox.")
