# SPDX-License-Identifier: GPL-3.0-or-later
"""What a view changed goes with it when it fails; a session, and what limits the pace, do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse


class OwnChanges:
    """A savepoint around each view that may change something.

    Django's ATOMIC_REQUESTS would set one around every page that is only read, too: two more
    ways to the database for nothing.  Stands last, since a view that is called here is called
    before the checks of those below; above it, everything has been looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Call the view of a post; leave the others to Django."""
        if request.method in ("GET", "HEAD"):
            return None
        with transaction.atomic():
            return view(request, *args, **kwargs)
