# SPDX-License-Identifier: GPL-3.0-or-later
"""What agents write: a safe subset of HTML, or plain text with blank lines between paragraphs.

Cleaned when it is shown rather than when it is stored, so that a stricter rule holds at once for
what was written before.  nh3 binds ammonia, the sanitizer of the Rust world, and is kept by its
maintainers as bleach no longer is.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3

_TAGS = {"p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "a", "abbr", "sup", "sub"}
_ATTRIBUTES = {"a": {"href", "hreflang"}, "abbr": {"title"}}
_SCHEMES = {"https", "http", "mailto", "tel"}
_LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z]")


@lru_cache(maxsize=4096)
def safe(text: str) -> str:
    """`text` as HTML in which nothing can run, load or look like another part of the page."""
    if not _LOOKS_LIKE_HTML.search(text):
        paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
        return "".join(
            f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs
        )
    return nh3.clean(
        text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="external"
    )
