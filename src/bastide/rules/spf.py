# SPDX-License-Identifier: GPL-3.0-or-later
"""What an SPF record of the platform has to be, beyond its grammar (RFC 7208).

It ends with ``-all``, ``~all`` or a ``redirect``, and has no macro, which is of no use here, and no
``ptr``, which is not to be used (§5.5).
"""

from __future__ import annotations

from bastide.model.spf import MOST_QUERIES, spf_terms


def spf_fault(text: str) -> str | None:
    """The first term at which `text` is no good SPF record; None when it is one."""
    if not text.isprintable():
        return text.split(" ", maxsplit=1)[0]
    try:
        terms = spf_terms(text)
    except ValueError as error:
        return str(error)
    queries = 0
    for place, term in enumerate(terms, 1):
        queries += term.queries or term.name == "redirect="
        useless = term.name in {"ptr", "exp="} or "%" in term.value
        lets_in = term.name == "all" and term.qualifier not in {"-", "~"}
        ends = term.name in {"all", "redirect="}
        if useless or lets_in or queries > MOST_QUERIES or ends != (place == len(terms)):
            return term.text
    return None if terms else text.split(" ", maxsplit=1)[0]
