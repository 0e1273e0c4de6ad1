# SPDX-License-Identifier: GPL-3.0-or-later
"""Which desk a command is about."""

from django.core.management.base import CommandError

from guichet.models import Host


def siren_of(host: str) -> str:
    """The tenant of a desk's host name."""
    found = Host.objects.filter(name=host.lower()).first()
    if found is None:
        raise CommandError(f"{host} is no desk of this host")
    return found.siren
