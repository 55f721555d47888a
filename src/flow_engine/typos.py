"""Words with one wrong letter: "regster", "cancle", "huamn"."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

#: Fewest letters of a word in which two letters may be swapped, in which one may be missing or too
#: much, and in which one may be another one: "shop" is no "stop", and "tomas" no "temas".
SWAPPED_CHARS, MISSING_CHARS, OTHER_CHARS = 4, 5, 6
#: Most words of a phrase that may have a typo.
MAX_WORDS = 3
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}|([^\W\d_])\2+(?=\s|$)")
#: Laughter in Portuguese, which is not the agreement "k".
_LAUGHTER = re.compile(r"\bk{2,}\b")
_SAME_SYMBOLS = re.compile(r"([^\w\s])\1+")
_SAME_SYLLABLES = re.compile(r"\b(?!kkk)([^\W\d_]{2,3}?)\1+\b")
_SAME_WORDS = re.compile(r"\b(\S+)(?: \1\b)+")


def is_typo(written: str, word: str) -> bool:
    """Return whether a word is written with one letter wrong; never its first one."""
    if written == word or not written or written[0] != word[0]:
        return False
    longer, shorter = sorted((written, word), key=len, reverse=True)
    at = next((n for n, (a, b) in enumerate(zip(written, word, strict=False)) if a != b), None)
    if at is None:  # one is the beginning of the other
        return len(longer) - len(shorter) == 1 and len(longer) >= MISSING_CHARS
    if len(written) != len(word):
        return longer[at + 1 :] == shorter[at:] and len(longer) >= MISSING_CHARS
    if written[at + 1 :] == word[at + 1 :]:
        return len(word) >= OTHER_CHARS
    swapped = written[at + 1 : at + 2] + written[at : at + 1] + written[at + 2 :]
    return swapped == word[at:] and len(word) >= SWAPPED_CHARS


@lru_cache(maxsize=32)  # a message is compared with many words
def unstretched(keyword: str) -> str:
    """`"heyyy"`, `"no no no"`, `"jajaja"` and `"👏👏"` -> `"hey"`, `"no"`, `"ja"` and `"👏"`."""
    keyword = _SAME_SYMBOLS.sub(r"\1", keyword)
    keyword = _LAUGHTER.sub("kkk", keyword)
    keyword = _STRETCHED.sub(_one_letter, keyword)
    return _SAME_WORDS.sub(r"\1", _SAME_SYLLABLES.sub(r"\1", keyword))


def _one_letter(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    is_laughter = found[0] == "kkk" and not before[-1:].isalnum()
    return found[0] if is_laughter else found[1] or found[2]


class Typos:
    """Phrases that are understood with a typo in them."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_part: dict[str, set[str]] = defaultdict(set)
        for phrase in phrases:
            if phrase.count(" ") < MAX_WORDS and len(phrase) >= SWAPPED_CHARS:
                for part in _parts(phrase):
                    self._by_part[part].add(phrase)

    def find(self, written: str) -> str | None:
        """Return the phrase that `written` is a typo of; rather one of the same length."""
        if written.count(" ") >= MAX_WORDS or not written:
            return None
        near = {phrase for part in _parts(written) for phrase in self._by_part.get(part, ())}
        found = [phrase for phrase in near if _is_phrase_with_typo(written, phrase)]
        return min(found, key=lambda one: (abs(len(one) - len(written)), one), default=None)


def _parts(phrase: str) -> Iterator[str]:
    """Yield a phrase, and what is left of it without one of its letters."""
    yield phrase
    for at in range(len(phrase)):
        yield phrase[:at] + phrase[at + 1 :]


def _is_phrase_with_typo(written: str, phrase: str) -> bool:
    pairs = list(zip(written.split(), phrase.split(), strict=False))
    if written.count(" ") != phrase.count(" "):
        return False
    wrong = [(one, other) for one, other in pairs if one != other]
    return len(wrong) == 1 and is_typo(*wrong[0])
