"""Words with one wrong letter: "regster", "cancle", "huamn"."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from operator import eq

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


def all_unstretched(phrases: Iterable[str]) -> Iterator[str]:
    """Yield normalised phrases without stretched letters; a word of several is looked at once."""
    known: dict[str, str] = {}
    for phrase in phrases:
        words = phrase.split(" ")
        for word in words:
            if word not in known:
                known[word] = unstretched(word)
        plain = [known[word] for word in words]
        is_doubled = any(map(eq, plain, plain[1:]))
        yield _SAME_WORDS.sub(r"\1", " ".join(plain)) if is_doubled else " ".join(plain)


def _one_letter(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    is_laughter = found[0] == "kkk" and not before[-1:].isalnum()
    return found[0] if is_laughter else found[1] or found[2]


class Typos:
    """Phrases that are understood with a typo in them."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = {one for one in phrases if one.count(" ") < MAX_WORDS}
        #: their words, by what is left of each without one of its letters
        self._by_part: dict[str, list[str]] = {}
        for word in {word for phrase in self._phrases for word in phrase.split(" ")}:
            for part in _parts(word):
                self._by_part.setdefault(part, []).append(word)

    def find(self, written: str) -> str | None:
        """Return the phrase that `written` is a typo of; rather one of the same length."""
        found = self.near(written)
        return min(found, key=lambda one: (abs(len(one) - len(written)), one), default=None)

    def near(self, written: str) -> Collection[str]:
        """Return all phrases that `written` is a typo of: one of its words is."""
        words = written.split(" ")
        if len(words) > MAX_WORDS:
            return ()
        return {
            phrase
            for at, word in enumerate(words)
            for other in self._near_words(word)
            if (phrase := " ".join((*words[:at], other, *words[at + 1 :]))) in self._phrases
        }

    def _near_words(self, written: str) -> Collection[str]:
        near = {word for part in _parts(written) for word in self._by_part.get(part, ())}
        return [word for word in near if is_typo(written, word)]


def _parts(word: str) -> Collection[str]:
    """Return a word, and what is left of it without one of its letters: the first one is right."""
    if len(word) < SWAPPED_CHARS:
        return frozenset()
    return frozenset((word, *(word[:at] + word[at + 1 :] for at in range(1, len(word)))))
