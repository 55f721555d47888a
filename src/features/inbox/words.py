"""How words are compared when operators search: case and accents do not matter.

PostgreSQL finds them by an index over the same letters (migration 0034): what changes here needs
another index.
"""

import re
import unicodedata
from collections.abc import Sequence

#: Most words of a search that are looked for.
MAX_TERMS = 8
#: Longest word that is looked for, in characters.
MAX_TERM_CHARS = 40
#: Marks that separate words: "A-17" is found by "17".
_MARKS = "-/._@+"
_WORD = re.compile(r"\w+")


def _accented() -> tuple[str, str]:
    """Return Latin letters with accents, and the same letters without them."""
    found = ((chr(code), unicodedata.normalize("NFKD", chr(code))[0]) for code in range(192, 384))
    pairs = [(letter, plain.lower()) for letter, plain in found if plain.isascii()]
    return "".join(letter for letter, _ in pairs), "".join(plain for _, plain in pairs)


_ACCENTED, _PLAIN = _accented()
#: What is replaced, and by what, letter by letter: the arguments of `translate` in SQL.
FROM, TO = _ACCENTED + _MARKS, _PLAIN + " " * len(_MARKS)
_TABLE = str.maketrans(FROM, TO)
#: Letters that have accents in the bot's languages: a pattern takes any letter in their place.
_MAY_HAVE_ACCENT = frozenset("aceinouy")


def fold(text: str) -> str:
    """Return a text as it is compared."""
    return text.translate(_TABLE).lower()


def terms(text: str) -> Sequence[str]:
    """Return the words that a search looks for."""
    found = dict.fromkeys(_WORD.findall(fold(text)))
    return [one[:MAX_TERM_CHARS] for one in found][:MAX_TERMS]


def has_terms(text: str, wanted: Sequence[str]) -> bool:
    """Return whether each wanted word begins a word of the text."""
    there = _WORD.findall(fold(text))
    return all(any(word.startswith(one) for word in there) for one in wanted)


def like_pattern(term: str) -> str:
    """Return a pattern of LIKE that fits whatever has this word, and some more.

    SQLite's LIKE knows upper and lower case of ASCII alone.
    """
    return f"%{''.join(letter if _is_plain(letter) else '_' for letter in term)}%"


def _is_plain(letter: str) -> bool:
    return letter.isascii() and letter not in _MAY_HAVE_ACCENT


def ts_query(wanted: Sequence[str]) -> str:
    """Return the words as PostgreSQL's `to_tsquery` reads them: each is the beginning of one."""
    return " & ".join(f"{one}:*" for one in wanted)
