# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide within the collectivity's own site: without header and footer, framed by it alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse

from guichet.models import Tenant

_LINK = re.compile(r'<a (?=[^>]*?\bhref="([^"]*)")')


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page is shown: `base` is where the guide stands, `origin` who may frame it, if any."""

    framed: bool
    base: str
    origin: str = ""

    @property
    def template(self) -> str:
        """What its templates extend."""
        return "guichet/guide/frame.html" if self.framed else "guichet/base.html"

    def at(self, name: str, *arguments: str) -> str:
        """The address of a page of the guide, shown in the same manner."""
        return reverse(f"guide-frame{name}" if self.framed else f"guide{name}", args=arguments)

    def led_out(self, html: str) -> str:
        """`html` whose links that leave the guide leave the frame, too: there is no way back in it.

        Pages of the desk would not be shown there at all, and few others are.
        """
        return _LINK.sub(self._opened, html) if self.framed else html

    def _opened(self, link: re.Match[str]) -> str:
        inside = link[1].startswith(("#", "?")) or (link[1] + "/").startswith(f"{self.base}/")
        return link[0] if inside else '<a target="_top" '


def manner_of(tenant: Tenant, *, framed: bool) -> Manner | None:
    """How to show the guide; None in a frame where the tenant has no site that could frame it."""
    base = reverse("guide-frame" if framed else "guide").rstrip("/")
    if not framed:
        return Manner(framed=False, base=base)
    site = urlsplit(tenant.body.get("site", ""))
    if site.scheme != "https" or not site.hostname:
        return None
    return Manner(framed=True, base=base, origin=f"https://{site.netloc}")
