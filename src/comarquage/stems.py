# SPDX-License-Identifier: GPL-3.0-or-later
"""Words as they are indexed and asked for: accents folded, elisions cut, French stems.

The stemmer is Snowball's (PyStemmer), kept by its authors; FTS5 has one for English alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[0-9a-zà-öø-ÿœæ]+")
_STEMMER = Stemmer.Stemmer("french")
STOP = frozenset({
    "a", "à", "au", "aux", "avec", "ce", "ces", "cet", "cette", "d", "dans", "de", "des", "du",
    "elle", "en", "est", "et", "il", "je", "l", "la", "le", "les", "leur", "lui", "ma", "mais",
    "me", "mes", "mon", "n", "ne", "nous", "on", "ou", "par", "pas", "pour", "qu", "que", "qui",
    "quel", "quelle", "quels", "quelles", "s", "sa", "se", "ses", "si", "son", "sur", "ta",
    "te", "tes", "ton", "tu", "un", "une", "vos", "votre", "vous", "y", "c", "j", "m", "t",
    "comment", "faut",
})  # fmt: skip


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of one lower-case word, without accents."""
    return plain(_STEMMER.stemWord(word))


def plain(word: str) -> str:
    """`word` without accents."""
    folded = unicodedata.normalize("NFKD", word.replace("œ", "oe").replace("æ", "ae"))
    return folded.encode("ascii", "ignore").decode("ascii")


def words(text: str) -> list[str]:
    """Lower-case words of `text`, in order; an apostrophe ends a word."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def stems(text: str) -> list[str]:
    """Stems of the words of `text` that say something."""
    return [stem(word) for word in words(text) if word not in STOP]
