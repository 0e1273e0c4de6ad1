# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plain (unquoted) scalar means here, and what other YAML readers would make of it.

YAML 1.1 reads ``no`` as false, ``01247`` as 679 and ``12:30`` as 750 (yaml.org/type).
Bastide reads fewer things as anything but text: ``true`` and ``false``, whole numbers
without leading zero, decimals with a point, ``null``.  Texts on which readers disagree
are *surprises*: kept as text here, told to the operator by the schema floor.
"""

from __future__ import annotations

import re
from typing import Final

PlainValue = str | int | float | bool | None

# A plain scalar that begins otherwise is text for every reader; the test is one set lookup.
# Only those, so that the two million e-mail addresses and domain names of a fleet skip the
# pattern below.
SUSPECT_FIRST: Final = frozenset("0123456789+-.~<=tfnyoTFNYO")

_PLAIN = re.compile(
    r"""
      (?P<null>   null | ~ )
    | (?P<bool>   true | false )
    | (?P<int>    0 | -?[1-9][0-9]{0,17} )
    | (?P<float>  -?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15} )
    | (?P<date>   [0-9]{4}-[0-9]{2}-[0-9]{2} )
    | (?P<yes_no> [yY] | [nN] | yes | Yes | YES | no | No | NO | on | On | ON
                | off | Off | OFF | True | TRUE | False | FALSE )
    | (?P<none>   Null | NULL )
    | (?P<zeros>  [-+]?0[0-9_]+ | [-+]?0o[0-7_]+ )
    | (?P<number> [-+]?[0-9][0-9_]* | 0x[0-9a-fA-F_]+ | 0b[01_]+
                | [-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+]?[0-9]+)? | [-+]?[0-9]+[eE][-+]?[0-9]+
                | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )
    | (?P<sixty>  [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)? )
    | (?P<time>   [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[\ \t]+)[0-9]{1,2}:[0-9:.]+.* )
    | (?P<merge>  << | = )
    """,
    re.VERBOSE,
)

# Groups that are values of another type here; the rest are surprises, but for dates, which
# are text here and are checked by the schema.
_TYPED: Final = frozenset({"null", "bool", "int", "float"})
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None}


def resolve(text: str) -> tuple[PlainValue, str | None]:
    """Value of the plain scalar `text`, and the name of the surprise when it is one.

    Names: ``yes_no``, ``none``, ``zeros``, ``number``, ``sixty``, ``time``, ``merge``.
    """
    match = _PLAIN.fullmatch(text)
    if match is None:
        return text, None
    kind = str(match.lastgroup)
    if kind == "date":
        return text, None
    if kind not in _TYPED:
        return text, kind
    if kind == "int":
        return int(text), None
    if kind == "float":
        return float(text), None
    return _WORDS[text], None


def is_text(text: str) -> bool:
    """True when every YAML reader takes the plain scalar `text` for text, or for a date."""
    if not text:
        return False
    if text[0] not in SUSPECT_FIRST:
        return True
    value, surprise = resolve(text)
    return value is text and surprise is None
