# SPDX-License-Identifier: GPL-3.0-or-later
"""What a procedure is: its definition, the kinds of its fields, its conditions.

Nothing here knows of Django, of a database or of a request, so that the engine can judge a
definition in a charter with the same code as the desk.
"""

from guichet.procedures.check import check
from guichet.procedures.definition import Definition, Field, Step, digest_of, make
from guichet.procedures.filling import Answers, Filled, fill, visible_fields, visible_steps
from guichet.procedures.library import library, names
from guichet.procedures.problem import Problem

__all__ = [
    "Answers",
    "Definition",
    "Field",
    "Filled",
    "Problem",
    "Step",
    "check",
    "digest_of",
    "fill",
    "library",
    "make",
    "names",
    "visible_fields",
    "visible_steps",
]
