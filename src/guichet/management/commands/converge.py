# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the tenants of this host to what its share says."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from guichet.convergence.assets import Assets
from guichet.convergence.converge import outcome
from guichet.convergence.share import SIREN, BadShare, read_share
from guichet.convergence.survey import survey

_LOCK = 0x6775_6963  # "guic": one convergence at a time


class Command(BaseCommand):
    """``converge FILE [--check]``: prints one JSON object, the result of a bulk module."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Those of a bulk module."""
        parser.add_argument("share", type=Path)
        parser.add_argument("--check", action="store_true", help="only look")
        parser.add_argument("--assets", type=Path, help="folder of the banners")
        parser.add_argument("--scope", action="append", default=[], metavar="SIREN")
        parser.add_argument("--expect", help="digest of the plan's changes")
        parser.add_argument("--lock-timeout", type=int, default=60, help="seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the owner of the tables."""
        del args
        scope = frozenset(options["scope"])
        if not all(SIREN.match(one) for one in scope):
            raise CommandError("scope holds something that is no SIREN")
        try:
            share = read_share(options["share"])
        except BadShare as error:
            text = f"The share is refused, nothing was touched: {error}"
            raise CommandError(text) from None
        except OSError as error:
            raise CommandError(f"{options['share']}: {error.strerror}") from None
        look = "_shared" if options["check"] else ""
        try:
            with connection.cursor() as cursor:
                timeout = f"{options['lock_timeout']}s"
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [timeout])
                cursor.execute(f"SELECT pg_advisory_lock{look}({_LOCK})")
        except OperationalError as error:
            why = "another run is at work" if "lock" in str(error) else "no database"
            raise CommandError(why) from None
        found = survey(share, Assets(options["assets"]), scope)
        result = outcome(found, options["expect"], act=not options["check"])
        self.stdout.write(json.dumps(result, sort_keys=True))
