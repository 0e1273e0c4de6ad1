# SPDX-License-Identifier: GPL-3.0-or-later
"""A page for what its reader has answered: pure functions over a rendered page.

Answers are written ``T11657,-T11658``: variables of the source that are true, or false (`-`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

MOST = 200  # answers in one address
_ANSWER = re.compile(r"(-?)(T[0-9]{1,9})\Z")
_TOKEN = re.compile(r"[&|~]\(|[!?]?T[0-9]{1,9}|[,)]")
_MARK = re.compile(r"<!--(?:if ([^>]*?)|(fi))-->(<details)?")
_CHOICE = re.compile(
    r'<!--choice ([^>]*?)--><a href="([^"?]*)\?r=[^"]*"([^>]*)>(.*?)</a>'
    r"<span hidden>(.*?)</span><!--chosen-->",
    re.DOTALL,
)

State = Mapping[str, bool]


def state_of(text: str) -> dict[str, bool]:
    """Answers out of an address; what is none is passed over, never an error."""
    state: dict[str, bool] = {}
    for part in text.split(",")[:MOST]:
        match = _ANSWER.match(part.strip())
        if match:
            state[match[2]] = not match[1]
    return state


def written(state: State) -> str:
    """`state` as it stands in addresses."""
    return ",".join(f"{'' if value else '-'}{name}" for name, value in state.items())


def holds(expression: str, state: State) -> bool | None:
    """Whether a condition is met: None where that is still open (Kleene's logic)."""
    return _holds(_tree(expression), state)


Tree = tuple[str, tuple["Tree", ...]]


@lru_cache(maxsize=8192)
def _tree(expression: str) -> Tree:
    stack: list[tuple[str, list[Tree]]] = [("&", [])]
    for piece in _TOKEN.findall(expression):
        if piece.endswith("("):
            stack.append((piece[0], []))
        elif piece == ")":
            if len(stack) > 1:
                sign, parts = stack.pop()
                stack[-1][1].append((sign, tuple(parts)))
        elif piece != ",":
            stack[-1][1].append((piece, ()))
    return "&", tuple(stack[0][1])


def _holds(tree: Tree, state: State) -> bool | None:
    sign, parts = tree
    if sign in {"&", "|", "~"}:
        values = [_holds(part, state) for part in parts]
        if sign == "~":
            return None if values[0] is None else not values[0]
        decided = sign == "|"  # what one part alone decides
        if decided in values:
            return decided
        return None if None in values else not decided
    value = state.get(sign.lstrip("!?"))
    if sign.startswith("?"):
        return value is None
    return None if value is None else value != sign.startswith("!")


def answered(html: str, state: State, address: str) -> str:
    """`html` without the parts whose condition is certainly not met, cases that are met opened.

    Links of the questionnaire take the answers so far with them; `address` (``guide:/part/F1``)
    is where the whole page is.  Without answers the page stays as it is.
    """
    if not state:
        return html.replace("<!--slot:answers:-->", "")
    out: list[str] = []
    hidden = 0  # how many conditions that are not met we are in
    left_out = 0
    depth: list[bool] = []
    at = 0
    for mark in _MARK.finditer(html):
        if not hidden:
            out.append(html[at : mark.start()])
        at = mark.end()
        details = mark[3] or ""
        if mark[2]:
            if depth and not depth.pop():
                hidden -= 1
        else:
            met = holds(mark[1] or "", state)
            depth.append(met is not False)
            if met is False:
                hidden += 1
                left_out += hidden == 1
            elif met and details:
                details = "<details open"
        if not hidden:
            out.append(details)
    if not hidden:
        out.append(html[at:])
    page = _CHOICE.sub(lambda match: _choice(match, state), "".join(out))
    return page.replace("<!--slot:answers:-->", _notice(address, left_out))


def _notice(address: str, left_out: int) -> str:
    parts = f"{left_out} partie{'s' * (left_out > 1)} sans rapport avec vos réponses"
    told = f" ({parts} ne sont pas affichées)" if left_out > 1 else ""
    told = f" ({parts} n’est pas affichée)" if left_out == 1 else told
    return (
        f'<p class="answers">Cette page tient compte de vos réponses{told}. '
        f'<a href="{address}">Afficher toute la page</a></p>'
    )


def _choice(match: re.Match[str], state: State) -> str:
    own = state_of(match[1])
    if all(state.get(name) == value for name, value in own.items()):
        rest = {name: value for name, value in state.items() if name not in own}
        again = f"?r={written(rest)}" if rest else ""
        label = match[5].strip() or match[4]
        return (
            f'<strong class="chosen">{label}</strong> '
            f'<a href="{match[2]}{again}#questions"{match[3]}>Modifier'
            f'<span class="sr"> : {label}</span></a>'
        )
    joined = written({**state, **own})
    return f'<a href="{match[2]}?r={joined}#questions"{match[3]}>{match[4]}</a>'
