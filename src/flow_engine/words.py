"""Comparing what people type: case, accents, marks and emoji around words do not matter."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial

#: Longest message that may be a keyword, a trigger or a choice, in characters.
MAX_KEYWORD_CHARS = 300
#: Longest phrase of courtesy, in words: "thank you very much".
MAX_COURTESY_WORDS = 4
#: Characters of which is kept what they become; there are a million, and few are used.
MAX_KEPT_CHARACTERS = 2_000
#: Marks that belong to a word: "o'clock", "e-mail", "v1.2", "10:30", "50%".
_INSIDE_WORDS = frozenset("'-.:%&@#")
#: What keyboards write for an apostrophe: curly ones, accents alone, primes.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u00b4`\u02bc\u2032\uff07", "'"))
#: U+FE0F, and the tones of skin: variants of the same emoji.
_VARIANTS = frozenset("\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")


class _Characters(dict[int, str]):
    """What each character becomes, for `str.translate`; worked out when one is met first."""

    def __init__(self, become: Callable[[str], str]) -> None:
        self._become = become

    def __missing__(self, code: int) -> str:
        become = self._become(chr(code))
        if len(self) < MAX_KEPT_CHARACTERS:
            self[code] = become
        return become


def _kept(char: str, *, with_symbols: bool) -> str:
    """Return a character that counts, a space for a mark, and nothing for what is invisible."""
    if char.isalnum() or char in _INSIDE_WORDS:
        return char
    category = unicodedata.category(char)
    if category in ("Cf", "Me") or unicodedata.combining(char) or char in _VARIANTS:
        return ""  # invisible, or on top of another character
    is_mark = category[0] in "PZC" or (category[0] == "S" and not with_symbols)
    return " " if is_mark else char


#: Words without marks, as most messages and most words of patterns are.
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
#: The points of "p.m."
_ABBREVIATED = re.compile(r"(?<=\b[^\W\d])\.(?=[^\W\d]\b)")

# One character at a time: to normalise a text sorts runs of accents, in quadratic time.
_DECOMPOSED = _Characters(partial(unicodedata.normalize, "NFKD"))
_WORDS = _Characters(partial(_kept, with_symbols=False))
_WORDS_AND_SYMBOLS = _Characters(partial(_kept, with_symbols=True))


def normalise(text: str) -> str:
    """`" ¡Sí! "`, `"*si*"` and `"SI 🙂"` -> `"si"`, `"P.M."` -> `"pm"`.

    Emoji count where there is no word.
    """
    if text.isascii() and _PLAIN.fullmatch(small := text.lower()):  # a tenth of the time
        return small
    plain = text.translate(_APOSTROPHES).casefold().translate(_DECOMPOSED)
    has_words = any(map(str.isalnum, plain))
    kept = plain.translate(_WORDS if has_words else _WORDS_AND_SYMBOLS)
    words = " ".join(kept.split()).strip(" .:-'")
    return _ABBREVIATED.sub("", words) if "." in words else words


def plain_digits(text: str) -> str:
    """Return a text with the digits of other scripts as ours."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)


@lru_cache(maxsize=32)  # a message is compared with many words
def as_keyword(message: str) -> str:
    """Return a whole message as keywords are compared; "" if it is too long to be one.

    A message of 10,000 characters may decompose to 180,000, and is compared ten times.
    """
    words = " ".join(message.split())
    return normalise(words) if len(words) <= MAX_KEYWORD_CHARS else ""


def readings(keyword: str, courtesy: Collection[str]) -> Sequence[str]:
    """Return a normalised message, and what is left of it without courtesy at its ends.

    The longest reading comes first: `"can i see the menu please"`, ... `"menu"`.
    """
    words = keyword.split()
    starts = _reachable(words, courtesy)
    cuts = _reachable(words[::-1], courtesy, backwards=True)
    ends = [len(words) - cut for cut in cuts]
    found = {" ".join(words[start:end]) for start in starts for end in ends if start < end}
    return sorted(found, key=lambda one: (-len(one), one))


def _reachable(
    words: list[str], courtesy: Collection[str], *, backwards: bool = False
) -> Collection[int]:
    """How many words at the beginning may be courtesy; `words` may be in reverse order."""
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            for end in range(start + 1, min(start + MAX_COURTESY_WORDS, len(words)) + 1):
                phrase = words[start:end][::-1] if backwards else words[start:end]
                if " ".join(phrase) in courtesy:
                    reached.add(end)
    return reached
