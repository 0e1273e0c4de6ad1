# SPDX-License-Identifier: GPL-3.0-or-later
"""No NUL reaches a view: no browser sends one, and PostgreSQL's text cannot hold it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class NoNul:
    """Answers 400 to a form or a query that has one; stands after the check against forgery.

    That check comes first, so that nobody makes the server read a body it will refuse.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve one request."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Look at what was sent.

        Raises:
            BadRequest: There is a NUL.
        """
        del view
        for sent in (request.GET, request.POST):
            for name, values in sent.lists():
                if any("\0" in text for text in (name, *values) if isinstance(text, str)):
                    raise BadRequest("NUL")
