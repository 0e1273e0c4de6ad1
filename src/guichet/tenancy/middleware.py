# SPDX-License-Identifier: GPL-3.0-or-later
"""Host name → tenant → one transaction that sees the tenant's rows."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
)

from guichet.models import Tenant
from guichet.tenancy.scope import acting_at

_SERVER_ERRORS = 500


class OneTenant:
    """Answers 404 to a host that is nobody's; all else happens inside of one tenant."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        try:
            name = request.get_host().rpartition(":")[0] or request.get_host()
        except DisallowedHost:
            name = ""
        name = name.lower()
        with acting_at(name) as siren:
            if siren is None:
                return HttpResponseNotFound("404\n", content_type="text/plain; charset=utf-8")
            # Not the picture, which one page asks for.
            tenant = Tenant.objects.defer("banner").get(siren=siren)
            if tenant.host != name and request.method in ("GET", "HEAD"):
                # A desk that moved: links that were mailed lead to its new name.
                return HttpResponsePermanentRedirect(
                    f"https://{tenant.host}{request.get_full_path()}"
                )
            request.tenant = tenant  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= _SERVER_ERRORS:
                transaction.set_rollback(True)
        return response
