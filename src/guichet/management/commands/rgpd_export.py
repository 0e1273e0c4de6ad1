# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what a desk holds about a person into a ZIP file (RGPD art. 15)."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guichet.management.commands._desk import siren_of
from guichet.printing import NotPrinted
from guichet.requests.personal import copy_of
from guichet.requests.purge import of_person
from guichet.tenancy.scope import acting_for


class Command(BaseCommand):
    """``rgpd_export HOST EMAIL FILE``: the file is the caller's alone, and must not be there."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Three."""
        parser.add_argument("host")
        parser.add_argument("email")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the owner of the tables."""
        del args
        with acting_for(siren_of(options["host"])):
            found = list(of_person(options["email"]))
            try:
                content = copy_of(found)
            except NotPrinted as error:
                raise CommandError(f"a request could not be printed ({error})") from None
        try:
            handle = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.stdout.write(f"{len(found)} requests")
