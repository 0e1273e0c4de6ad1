# SPDX-License-Identifier: GPL-3.0-or-later
"""Erase what a desk holds about a person (RGPD art. 17)."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from guichet.management.commands._desk import siren_of
from guichet.requests.purge import of_person, purge
from guichet.tenancy.scope import acting_for


class Command(BaseCommand):
    """``rgpd_erase HOST EMAIL [--apply]``: without it, says which requests would go."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Three."""
        parser.add_argument("host")
        parser.add_argument("email")
        parser.add_argument("--apply", action="store_true", help="erase them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the owner of the tables."""
        del args
        with acting_for(siren_of(options["host"])):
            for one in list(of_person(options["email"])):
                self.stdout.write(f"{one.number} {one.state}")
                if options["apply"]:
                    purge(one, "erasure")
        if not options["apply"]:
            self.stdout.write("Nothing was removed; --apply removes it.")
