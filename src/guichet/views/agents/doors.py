# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may see a page of agents."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from guichet.agents.entry import agent_of
from guichet.agents.rights import may
from guichet.views.visitor import Visit

View = Callable[..., HttpResponse]


def agents_only(verb: str) -> Callable[[View], View]:
    """For agents whose role may `verb`; others are asked to come in, or refused."""

    def door(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: Visit, *args: Any, **kwargs: Any) -> HttpResponse:
            agent = agent_of(request)
            if agent is None:
                return redirect("login")
            if not may(agent.role, verb):
                raise PermissionDenied
            request.agent = agent
            return view(request, *args, **kwargs)

        return guarded

    return door
