# SPDX-License-Identifier: GPL-3.0-or-later
"""Following a request by its link: the state, the messages, an answer."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guichet.files import Unacceptable, download
from guichet.language import worded
from guichet.models import Event, File, Message, Request
from guichet.printing import Paper, printed
from guichet.procedures import make, visible_steps
from guichet.procedures.filling import visible_fields
from guichet.procedures.kinds.base import block
from guichet.procedures.kinds.email import ADDRESS
from guichet.rates import RESEND, WRITE, exceeded, origin, too_much
from guichet.requests import links, mails
from guichet.requests.acting import Impossible, citizen_writes
from guichet.requests.numbers import NUMBER
from guichet.requests.receipt import receipt as receipt_of
from guichet.requests.states import CLOSED
from guichet.views.errors import too_often
from guichet.views.shown import summary
from guichet.views.visitor import Visit


def of_link(secret: str) -> Request:
    """The request of a link, or 404."""
    if not links.is_token(secret):
        raise Http404
    rows = Request.objects.select_related("version", "procedure")
    found = rows.filter(link_digest=links.digest(secret)).first()
    if found is None:
        raise Http404
    return found


def find(request: Visit) -> HttpResponse:
    """Ask for the link again: by number and address, and whatever they are with one answer."""
    if request.method != "POST":
        return render(request, "guichet/find.html", {"asked": False})
    if exceeded(RESEND, origin(request)):
        return too_often(request)
    number = request.POST.get("number", "").strip()
    email = request.POST.get("email", "").strip()
    problems = []
    if not NUMBER.match(number):
        problems.append(("number", _("Numéro de demande"), _("Exemple : 2026-000123")))
    if not ADDRESS.match(email):
        problems.append(("email", _("Adresse électronique"), _("Exemple : nom@exemple.fr")))
    if problems:
        facts = {
            "problems": problems,
            "number": number,
            "email": email,
            "wrong": {one: text for one, __, text in problems},
        }
        return render(request, "guichet/find.html", facts, status=422)
    found = Request.objects.select_related("version").filter(number=number, email__iexact=email)
    if (one := found.first()) is not None:
        mails.tell_citizen(one, "link")
    return render(request, "guichet/find.html", {"asked": True})


def follow(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of a request."""
    return _page(request, secret, of_link(secret))


def _page(
    request: HttpRequest, secret: str, found: Request, text: str = "", problem: str = ""
) -> HttpResponse:
    definition = make(worded(found.version.definition))
    answers = found.answers
    said = Message.objects.filter(request=found, internal=False).prefetch_related("files")
    facts = {
        "secret": secret,
        "filed": found,
        "title": definition.title,
        "service": definition.data.get("service", {}).get("name", ""),
        "closed": found.state == CLOSED,
        "messages": said,
        "moves": Event.objects.filter(request=found, kind__in=["filed", "moved"]),
        "files": File.objects.filter(request=found, message=None).defer("content"),
        "parts": [
            (step.title, summary(visible_fields(step, answers), answers))
            for _, step in visible_steps(definition, answers)
        ],
        "text": text,
        "problem": problem,
    }
    return render(request, "guichet/follow.html", facts, status=422 if problem else 200)


@require_POST
def write(request: Visit, secret: str) -> HttpResponse:
    """A message of the citizen."""
    found = of_link(secret)
    if exceeded(WRITE, origin(request)) or too_much(request):
        return too_often(request)
    text = block({"": request.POST.getlist("text")})
    try:
        citizen_writes(found, text, request.FILES.getlist("files"))
    except (Impossible, Unacceptable) as error:
        return _page(request, secret, of_link(secret), text, str(error))
    return redirect("follow", secret)


def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """The acknowledgement as PDF."""
    del request
    found = of_link(secret)
    return pdf(receipt_of(found), f"accuse-de-reception-{found.number}.pdf")


def pdf(paper: Paper, name: str) -> HttpResponse:
    """A PDF to keep."""
    (content,) = printed([paper])
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def file(request: HttpRequest, secret: str, key: uuid.UUID) -> HttpResponse:
    """A file of the request; one that agents keep for themselves is none of it."""
    del request
    found = of_link(secret)
    row = File.objects.filter(request=found, key=key).exclude(message__internal=True).first()
    if row is None:
        raise Http404
    return download(row)
