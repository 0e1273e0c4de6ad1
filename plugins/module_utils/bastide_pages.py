# SPDX-License-Identifier: GPL-3.0-or-later
"""Holding pages and nginx's maps of them: one text for one body, and the way back."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from ansible.module_utils.bastide_share import Body, is_domain

PAGES = Path("/srv/pages")
MAPS = Path("/etc/nginx/bastide")
PAGES_MAP, REDIRECTS_MAP = MAPS / "pages.map", MAPS / "redirects.map"
PATHS_MAP = MAPS / "paths.map"

LANGUAGE = re.compile(r"[a-z]{2}\Z")
# Absolute, http or https; RFC 3986 §3.3 to §3.5 without what means something to nginx
# ($ " ' ; { } \ and blanks): those must come %-encoded.
TARGET = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
    r"(?::[0-9]{1,5})?(?:[/?#](?:[A-Za-z0-9._~:/?#\[\]@!&*+,=-]|%[0-9A-Fa-f]{2}){0,1800})?\Z"
)
# Paths with or without a query, of pages that have moved; and where they lead on the same host.
PATH = re.compile(r"/[A-Za-z0-9._~/?=&%+,:@!*-]{0,500}\Z")
LANDING = re.compile(r"/(?!/)(?:[A-Za-z0-9._~:/?#\[\]@!&*+,=-]|%[0-9A-Fa-f]{2}){0,1800}\Z")
PROOFS = "/.well-known/acme-challenge/"
MOST_TEXT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ENTRY = re.compile(r'([a-z0-9.-]+)(/[^\s";]*)? "?([^\s";]+)"?;\Z')

# Complete in itself: no script, no font, no image, nothing from anywhere else (a visit to
# a town hall's page is nobody's business), contrast above 7:1 (RGAA 3.2).
_PAGE = Template("""\
<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>
body { margin: 0; background: #f7f5f0; color: #1d1d1b; font: 1.125rem/1.6 system-ui, sans-serif; }
main { max-width: 36rem; margin: 15vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 2rem; line-height: 1.2; padding-bottom: .5rem; border-bottom: 4px solid #8a5a2b; }
a { color: #1f4e79; }
</style>
$framing</head>
<body>
<main>
<h1>$title</h1>
$lines
$frame</main>
</body>
</html>
""")

# Wider than the text above it; the height is fixed, since fitting it would take a script.
_WIDER = """\
<style>
main { margin-top: 5vh; }
iframe { box-sizing: border-box; width: min(60rem, 100vw - 3rem); height: 80vh; margin: 1rem 0 2rem;
  position: relative; left: 50%; transform: translateX(-50%); border: 1px solid #6f6a5f; }
</style>
"""


def check_page(_name: str, body: Body) -> str | None:
    """Why a page of the share is not acceptable, None when it is."""
    lines = body.get("lines")
    if body.get("kind") != "holding":
        return f"{body.get('kind')!r} is no kind of page that this host makes"
    if not isinstance(body.get("language"), str) or not LANGUAGE.match(body["language"]):
        return "its language is no ISO 639-1 code"
    if not isinstance(lines, list) or not all(_is_text(one) for one in [body.get("title"), *lines]):
        return "its title and lines are no short texts"
    links = body.get("links", [])
    for one in links if isinstance(links, list) else [None]:
        if objection := _link_objection(one):
            return f"a link of it {objection}"
    if "frame" in body and (objection := _frame_objection(body["frame"])):
        return f"its frame {objection}"
    return None


def _link_objection(one: object) -> str | None:
    if not isinstance(one, dict) or one.keys() != {"to", "text"} or not _is_text(one["text"]):
        return "has no address and text"
    return "leads to no web address" if check_redirect("", one) is not None else None


def _frame_objection(one: object) -> str | None:
    if objection := _link_objection(one):
        return objection
    # What is shown in a page is as safe as the way to it.
    return None if one["to"].startswith("https://") else "shows what does not come over TLS"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_TEXT and not _CONTROL.search(value)


def check_redirect(_name: str, body: Body) -> str | None:
    """Why a redirect of the share is not acceptable, None when it is."""
    target = body.get("to")
    good = isinstance(target, str) and TARGET.match(target)
    return None if good else "its target is no web address that can stand in a map"


def check_paths(_name: str, body: Body) -> str | None:
    """Why the moved pages of a host are not acceptable, None when they are."""
    moved = body.get("moved")
    if not isinstance(moved, dict) or not moved:
        return "it moves no page"
    for path, target in moved.items():
        if not PATH.match(path) or path.lower().startswith(PROOFS):
            return f"{path!r} is no path that can stand in a map"
        if not isinstance(target, str) or not (LANDING.match(target) or TARGET.match(target)):
            return f"where {path!r} leads cannot stand in a map"
    if len({path.lower() for path in moved}) < len(moved):
        return "a path stands there twice, since case does not count"
    return None


def render(body: Body) -> str:
    """The page of a checked body, as HTML; every text of it escaped."""
    lines = "\n".join(
        [f"<p>{html.escape(line)}</p>" for line in body["lines"]]
        + [
            f'<p><a href="{html.escape(one["to"])}">{html.escape(one["text"])}</a></p>'
            for one in body.get("links", [])
        ]
    )
    frame = body.get("frame")
    return _PAGE.substitute(
        language=html.escape(body["language"]),
        title=html.escape(body["title"]),
        lines=lines,
        framing=_framing(frame["to"]) if frame else "",
        frame=_frame(frame["to"], frame["text"]) if frame else "",
    )


def _framing(address: str) -> str:
    """What the head of a page with a frame says beside.

    Its own policy: of all that nginx's allows to be framed, this host alone; both hold at once
    (CSP level 3, §8.1).
    """
    origin = html.escape("/".join(address.split("/")[:3]))
    return f'<meta http-equiv="Content-Security-Policy" content="frame-src {origin}">\n{_WIDER}'


def _frame(address: str, title: str) -> str:
    """A frame; its title is what a screen reader says of it (RGAA 2.1)."""
    return (
        f'<iframe src="{html.escape(address)}" title="{html.escape(title)}" '
        'loading="lazy" referrerpolicy="no-referrer"></iframe>\n'
    )


def page_file(host: str) -> Path:
    """Where the page of a checked host name lies."""
    return PAGES / host / "index.html"


def map_text(entries: Mapping[str, str]) -> str:
    """One of nginx's maps: ``host "value";``, sorted."""
    head = "# Written by Bastide, replaced at each change.\n"
    return head + "".join(f'{host} "{entries[host]}";\n' for host in sorted(entries))


def map_entries(text: str) -> dict[str, str]:
    """The entries of a map; lines that are none of ours are left out."""
    found = (_ENTRY.match(line) for line in text.splitlines())
    return {
        match[1] + (match[2] or ""): match[3] for match in found if match and is_domain(match[1])
    }
