# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a request as a table; nothing here knows of a database."""

from __future__ import annotations

from guichet.procedures.words import mark, say

RECEIVED, TAKEN, WAITING = "received", "taken", "waiting"
ACCEPTED, REFUSED, FORWARDED, CLOSED = "accepted", "refused", "forwarded", "closed"

# From each state, where it can go.  What was decided can be taken up again, as an appeal to who
# decided asks for (CRPA L410-1 s.); what is closed stays closed, and its retention runs.
MOVES: dict[str, tuple[str, ...]] = {
    RECEIVED: (TAKEN, REFUSED, FORWARDED),
    TAKEN: (WAITING, ACCEPTED, REFUSED, FORWARDED),
    WAITING: (TAKEN, ACCEPTED, REFUSED, FORWARDED),
    ACCEPTED: (CLOSED, TAKEN),
    REFUSED: (CLOSED, TAKEN),
    FORWARDED: (CLOSED, TAKEN),
    CLOSED: (),
}
STATES = tuple(MOVES)
OPEN = (RECEIVED, TAKEN, WAITING)
# As citizens and agents read them.
NAMES = {
    RECEIVED: mark("Reçue"),
    TAKEN: mark("Prise en charge"),
    WAITING: mark("En attente de votre réponse"),
    ACCEPTED: mark("Acceptée"),
    REFUSED: mark("Refusée"),
    FORWARDED: mark("Transmise"),
    CLOSED: mark("Close"),
}
# What an agent does.
VERBS = {
    TAKEN: mark("Prendre en charge"),
    WAITING: mark("Demander un complément à l’usager"),
    ACCEPTED: mark("Accepter"),
    REFUSED: mark("Refuser"),
    FORWARDED: mark("Transmettre à un autre organisme"),
    CLOSED: mark("Clore"),
}
# A citizen has to be told why (CRPA L211-2: refusals are reasoned) or what is missing.
NEEDS_WORDS = frozenset({WAITING, REFUSED, FORWARDED})


def name_of(state: str) -> str:
    """A state in the language of the moment."""
    return say(NAMES[state]) if state in NAMES else state


def can_move(state: str, to: str) -> bool:
    """Whether a request in `state` may go `to`."""
    return to in MOVES.get(state, ())


def after_citizen_wrote(state: str) -> str:
    """What a message of the citizen makes of a state: what waited for it is at work again."""
    return TAKEN if state == WAITING else state
