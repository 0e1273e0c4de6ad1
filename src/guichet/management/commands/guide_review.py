# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell the managers of each desk which sheets of the guide changed beside their words."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from guichet.guide.local import said_of
from guichet.guide.opened import opened
from guichet.guide.tell import tell_managers
from guichet.models import Host, Tenant
from guichet.tenancy.scope import acting_for


class Command(BaseCommand):
    """``guide_review``: after each refresh; says how many, each change is mailed once."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it as the application, one transaction for each tenant."""
        del args, options
        guide = opened()
        if guide is None:
            self.stdout.write("The guide is not there yet.")
            return
        for siren in sorted(set(Host.objects.values_list("siren", flat=True))):
            with acting_for(siren):
                tenant = Tenant.objects.get(siren=siren)
                told = tell_managers(tenant, guide) if said_of(tenant) and tenant.open else 0
            if told:
                self.stdout.write(f"{siren} sheets to look at again: {told}")
