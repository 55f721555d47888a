"""Compares the words of questions: stems, typos, and the small words that say nothing."""

import re
from functools import lru_cache

import snowballstemmer

from features.faq.entry import FaqEntry
from flow_engine.languages import LANGUAGES
from flow_engine.short_forms import spelled_out
from flow_engine.typos import is_typo
from flow_engine.words import normalise

STEMMERS = {
    code: snowballstemmer.stemmer(language.search.stemmer)
    for code, language in LANGUAGES.items()
    if language.search.stemmer is not None
}
#: Words that say nothing of what a question is about.
COMMON_BY_LANGUAGE = {
    code: frozenset(language.search.common.split()) for code, language in LANGUAGES.items()
}
COMMON = frozenset().union(*COMMON_BY_LANGUAGE.values())
_WORD = re.compile(r"\w+")
#: Stems of so many words are kept: they take a tenth of a millisecond each.
MAX_KEPT_WORDS = 20_000
#: Fewest letters that two forms of a word share: "hora" and "horas", "open" and "opening".
COMMON_START_CHARS = 4
#: Most letters that one form of a word has more than another.
MAX_ENDING_CHARS = 3


def small_words(text: str, language: str) -> int:
    """Return how many words of a text are small words of a language."""
    common = COMMON_BY_LANGUAGE.get(language, frozenset())
    return sum(word in common for word in spelled_out(normalise(text)).split())


def stems_of(entry: FaqEntry) -> frozenset[str]:
    text = " ".join((entry.question, *entry.also))
    languages = [entry.language] if entry.language else list(STEMMERS)
    return frozenset(stem for language in languages for stem in stems(text, language))


def whole_stems_of(entry: FaqEntry) -> frozenset[str]:
    languages = [entry.language] if entry.language else list(STEMMERS)
    found_in = (stems(one, each) for one in (entry.question, *entry.also) for each in languages)
    return frozenset(found[0] for found in found_in if len(found) == 1)


def stems(text: str, language: str | None) -> list[str]:
    """The words that say something, without their endings: "opening", "opens" -> "open"."""
    words = [word for word in _WORD.findall(spelled_out(normalise(text))) if word not in COMMON]
    return [_stem(word, language or "") for word in words]


@lru_cache(MAX_KEPT_WORDS)
def _stem(word: str, language: str) -> str:
    stemmer = STEMMERS.get(language)
    return word if stemmer is None else str(stemmer.stemWord(word))


def is_alike(one: str, other: str) -> bool:
    """Return whether two stems are forms of one word, or one of them has a typo."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    is_form = longer.startswith(shorter) and len(longer) - len(shorter) <= MAX_ENDING_CHARS
    return (is_form and len(shorter) >= COMMON_START_CHARS) or is_typo(one, other)
