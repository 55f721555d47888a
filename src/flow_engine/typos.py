"""Words with one wrong letter, "regster"; and the things that a question names: "the *parking*"."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from operator import eq

from flow_engine.languages import LANGUAGES
from flow_engine.short_forms import spelled_out
from flow_engine.words import normalise

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


_WORD = re.compile(r"[^\W\d_]+")
#: Shorter words are no names of things.
MIN_THING_LETTERS = 3
#: Fewest letters that forms of one word begin with, and most that one has behind them.
MIN_COMMON_LETTERS, MAX_ENDING_LETTERS = 4, 2


def _words(name: str) -> frozenset[str]:
    texts = (getattr(language.search, name) for language in LANGUAGES.values())
    return frozenset(word for text in texts for word in normalise(text).split())


_BEFORE, _AFTER = _words("before_things"), _words("after_things")
#: Words that are no things: those that say nothing, and days.
_NO_THINGS = _words("common").union(
    _BEFORE,
    _AFTER,
    *(
        normalise(names.replace(",", " ")).split()
        for language in LANGUAGES.values()
        for names in (*language.dates.weekdays, *language.dates.relative, *language.dates.months)
    ),
)


def words_in(text: str) -> Sequence[str]:
    """Return the words of a text, normalised, with short forms spelled out."""
    return _WORD.findall(spelled_out(normalise(text)))


def things_in(text: str, around: Collection[str] = ()) -> Iterator[str]:
    """Yield the words, normalised, behind an article or the like, before "is", and the last one.

    Words that say nothing of what a question is about are passed over, and so are days. Words that
    stand `around` others are things only behind an article: "the *show*", "show me".
    """
    words = words_in(text)
    is_thing = [len(word) >= MIN_THING_LETTERS and word not in _NO_THINGS for word in words]
    is_said = [found and word not in around for found, word in zip(is_thing, words, strict=True)]
    last = max((at for at, found in enumerate(is_said) if found), default=-1)
    for at, (before, word, after) in enumerate(
        zip(["", *words], words, [*words[1:], ""], strict=False)
    ):
        is_behind = is_thing[at] and before in _BEFORE
        if is_behind or (is_said[at] and (at == last or after in _AFTER)):
            yield word


def is_among(word: str, known: Collection[str]) -> bool:
    """Return whether a word is known, maybe with a typo or in another form."""
    if word in known:
        return True
    alike = (one for one in known if one[0] == word[0])
    return any(is_typo(word, one) or _is_form(word, one) for one in alike)


def _is_form(one: str, other: str) -> bool:
    pairs = zip(one, other, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    longest = max(len(one), len(other))
    return shared >= MIN_COMMON_LETTERS and longest - shared <= MAX_ENDING_LETTERS
