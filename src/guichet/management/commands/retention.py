# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove requests whose retention is over, and drafts, sessions and mails of no more use."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from guichet.models import Host
from guichet.requests import purge
from guichet.tenancy.scope import acting_for


class Command(BaseCommand):
    """``retention [--apply]``: without it, says what would go; numbers only, nobody's name."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One."""
        parser.add_argument("--apply", action="store_true", help="remove it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the owner of the tables, one transaction for each tenant."""
        del args
        now = timezone.now()
        for siren in sorted(set(Host.objects.values_list("siren", flat=True))):
            with acting_for(siren):
                found = list(purge.over(now))
                if found:
                    self.stdout.write(f"{siren} over: {' '.join(one.number for one in found)}")
                for one in purge.forgotten(now):
                    self.stdout.write(f"{siren} never closed, kept: {one.number}")
                for name, rows in purge.leftovers(now).items():
                    count = rows.delete()[0] if options["apply"] else rows.count()  # type: ignore[attr-defined]
                    if count:
                        self.stdout.write(f"{siren} {name}: {count}")
                for one in found if options["apply"] else ():
                    purge.purge(one, "retention")
        if not options["apply"]:
            self.stdout.write("Nothing was removed; --apply removes it.")
