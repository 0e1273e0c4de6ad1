# SPDX-License-Identifier: GPL-3.0-or-later
"""On which mail host the mailboxes of a collectivity lie, where the platform has several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Placement:
    """Explicit and stable: a host that is added gets nobody by itself.

    `hosts` maps a host of the inventory to the name under which the others reach it, which its
    certificate bears; `default` holds whoever `collectivities` (slug or SIREN → host) leaves out.
    """

    hosts: Mapping[str, str]
    default: str
    collectivities: Mapping[str, str] = field(default_factory=dict)

    def holder(self, slug: str, siren: str) -> str:
        """The host whose mailboxes those of this collectivity are."""
        return self.collectivities.get(slug) or self.collectivities.get(siren) or self.default

    def selector(self, host: str, selector: str) -> str:
        """The DKIM selector under which `host` signs: private keys never leave a host.

        The default host signs under the platform's own, `selector`.
        """
        return selector if host == self.default else f"{selector}--{host}"

    def others(self, selector: str) -> dict[str, str]:
        """Host → selector, of every host beside the default one."""
        return {
            host: self.selector(host, selector)
            for host in sorted(self.hosts)
            if host != self.default
        }
