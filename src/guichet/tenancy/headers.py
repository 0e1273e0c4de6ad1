# SPDX-License-Identifier: GPL-3.0-or-later
"""What every answer tells a browser not to do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# One style sheet, one picture, forms that lead back here: nothing else is ever loaded.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers then send `Origin: null`, and a form could not be told from a
    # forged one.  Addresses of follow-up never leave this host.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


def _within(origin: str) -> dict[str, str]:
    """Of a page that `origin`, the collectivity's own site, may show in a frame.

    X-Frame-Options has no way to name who may; browsers that know frame-ancestors pass over it
    (CSP level 3, 6.4.2.1), those that do not would show nothing.
    """
    said = {name: value for name, value in ALWAYS.items() if name != "X-Frame-Options"}
    policy = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {origin}")
    return {**said, "Content-Security-Policy": policy}


class Headers:
    """Sets them; nothing that shows personal data is kept by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        response = self.get_response(request)
        if getattr(response, "for_everybody", False):
            # The guard against forged posts looked for a session, which nothing here depends on.
            response.headers.pop("Vary", None)
        framed_by = getattr(response, "framed_by", "")
        for name, value in (_within(framed_by) if framed_by else ALWAYS).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
