"""Answers inside a sentence: "my name is Ana Pérez", "C.C. No. 1.020.300", "a table for four"."""

from collections.abc import Iterable

import regex

from flow_engine.languages import LANGUAGES
from flow_engine.short_forms import spelled_in_name
from flow_engine.spoken_numbers import with_numbers
from flow_engine.words import normalise, plain_digits


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for one of the phrases, the longest first, with any apostrophe or none."""
    longest_first = sorted({*phrases}, key=len, reverse=True)
    return "|".join(
        regex.escape(one).replace("'", "['’]?").replace("\\ ", r"\s+") for one in longest_first
    )


_NAMES = [language.names for language in LANGUAGES.values()]
_SAID_BEFORE = _any_of(phrase for one in _NAMES for phrase in one.again)
_OPENING = rf"(?:{_any_of(phrase for one in _NAMES for phrase in one.greetings)}|{_SAID_BEFORE})\b"
_NAMED = rf"(?:{_any_of(phrase for one in _NAMES for phrase in one.introductions)})(?!\w)"
#: "Sure, my name is".
_SAYING_WHO = rf"(?:{_OPENING}[\s,.!]*)*{_NAMED}[\s:,]*"
_NAME_FOLLOWS = regex.compile(_SAYING_WHO, regex.IGNORECASE)
#: How people introduce themselves: "sure, my name is", or only "sure,".
_INTRODUCTION = regex.compile(rf"{_SAYING_WHO}|(?:{_OPENING}\s*[,.!]+\s*)+", regex.IGNORECASE)
#: What says in the middle of a sentence that a name follows; "it's" may be about anything.
_INTRODUCED = regex.compile(
    rf"\b(?:{_any_of(phrase for one in _NAMES for phrase in one.mentions)})(?!\w)[\s:,]*",
    regex.IGNORECASE,
)
_CLOSING = regex.compile(
    rf"[\s,.!]+(?:{_any_of(phrase for one in _NAMES for phrase in one.closings)})[\s.!]*$",
    regex.IGNORECASE,
)
#: "Again, you already have it", and all that follows.
_AGAIN = regex.compile(rf"(?<=\w)[\s,.;()-]+(?:{_SAID_BEFORE})(?!\w).*$", regex.I | regex.S)
#: In small letters only: "Na Li" has a name of two words.
_COPULA = regex.compile(
    rf"^(?:(?:{_any_of(phrase for one in _NAMES for phrase in one.copulas)})[\s:,]+)+(?=\w)"
)
_TITLE = regex.compile(
    rf"^(?:{_any_of(title for one in _NAMES for title in one.titles)})\b\.?\s+(?=\S+\s)",
    regex.IGNORECASE,
)
#: Words that stand between the names of a person: "Ana María de la Cruz".
PARTICLES = frozenset(normalise(word) for one in _NAMES for word in one.particles)
#: Words that make a sentence, and are in no name.
_NO_NAMES = frozenset(normalise(word) for one in _NAMES for word in one.not_in_names)
_ARTICLES = frozenset(normalise(word) for one in _NAMES for word in one.articles)
_NO_BEGINNINGS = frozenset(normalise(word) for one in _NAMES for word in one.no_beginnings)
#: Words around the number of a document, as `normalise` leaves them, without points.
_LABELS = frozenset(
    part
    for language in LANGUAGES.values()
    for word in language.documents.words
    for part in normalise(word).split()
)
#: Digits in words by language, as in a voice note: "A B one two three".
_DIGITS = [
    {
        normalise(name): str(digit)
        for digit, names in enumerate(language.numbers.units[:10])
        for name in names.split(",")
    }
    for language in LANGUAGES.values()
]
#: What stands before a number and a colon: "passport no.:".
_LABELLED = regex.compile(r"^\D*:\s")
#: A day in numbers.
_DAY = regex.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?:\d\d)?|\d{4}-\d{1,2}-\d{1,2}")
#: Longest part of a number that has no digits: the series of a passport.
MAX_SERIES_CHARS = 3


def without_introduction(text: str) -> str:
    """Return what stands between "my name is Dr." and "thanks"; all of it without such words."""
    text = text.strip()
    found = _INTRODUCTION.match(text)
    rest = _COPULA.sub("", text[found.end() :] if found else text)
    rest = _CLOSING.sub("", _AGAIN.sub("", rest))
    return str(_TITLE.sub("", rest, count=1))


def introduced(text: str) -> bool:
    """Return whether a text says that a name follows: "my name is"."""
    return _NAME_FOLLOWS.match(text.strip()) is not None


def names_in(text: str) -> Iterable[str]:
    """Yield what stands behind each "my name is" of a text."""
    return (_COPULA.sub("", text[found.end() :]) for found in _INTRODUCED.finditer(text))


def is_sentence(words: list[str]) -> bool:
    """Return whether words that should be a name are a sentence, or say that somebody has none."""
    plain = [normalise(word) for word in words]
    is_thing = len(plain) == len(["the", "workshop"]) and plain[0] in _ARTICLES
    is_document = all(map(_is_label, words))  # "my id card"
    is_no_name = is_thing or is_document or plain[0] in _NO_BEGINNINGS
    spelled = " ".join(map(spelled_in_name, plain)).split()
    return is_no_name or not _NO_NAMES.isdisjoint([*plain, *spelled, " ".join(plain)])


def number_in(text: str) -> str:
    """Return the number among words such as "my number is AB 1020300, thanks".

    Raises ValueError if there are other words.
    """
    text = _LABELLED.sub("", text)
    words = _with_digits([word for word in text.split() if any(map(str.isalnum, word))])
    while words and _is_label(words[0]) and not _is_series(words):
        del words[0]
    while words and _is_label(words[-1]):
        del words[-1]
    if any(map(_is_no_part, words)) or any(map(_is_syllable, words[1:-1])):
        raise ValueError("a number has no other words")
    if len(words) > 1 and any(map(is_day_in_numbers, words)):
        raise ValueError("a number has no day beside it")
    return " ".join(words)


def is_day_in_numbers(word: str) -> bool:
    """Return whether a word is a day such as "25/12/1990", which is part of no other number."""
    return _DAY.fullmatch(word.strip(" .,;")) is not None


def _is_no_part(word: str) -> bool:
    return len(word) > MAX_SERIES_CHARS and not any(map(str.isdigit, word))


def _is_syllable(word: str) -> bool:
    """Return whether a word of two or three letters stands where a number has single ones."""
    return word.isalpha() and len(word) > 1


def _is_series(words: list[str]) -> bool:
    """Return whether words begin with a letter of a number: "A 123", and not "a passport"."""
    return len(words) > 1 and words[0].isupper() and not _is_label(words[1]) and len(words[0]) == 1


def _with_digits(words: list[str]) -> list[str]:
    """Return words with digits for those that say one, where two or more follow each other.

    "Um" alone is a pause in English; before "dois" it is one.
    """
    plain = [normalise(word) for word in words]
    said = list(words)
    for digits in _DIGITS:
        for at, word in enumerate(plain):
            beside = plain[max(at - 1, 0) : at] + plain[at + 1 : at + 2]
            if word in digits and any(one in digits for one in beside):
                said[at] = digits[word]
    return said


def _is_label(word: str) -> bool:
    return normalise(word).replace(".", "") in _LABELS


def count_in(text: str) -> str | None:
    """Return the only number of a sentence, in digits or in words; None if there are more."""
    numbers = [word for word in with_numbers(plain_digits(text)) if word.isdecimal()]
    if len(numbers) > 1 and "1" not in text:  # "una mesa para cuatro": the first is an article
        numbers = [number for number in numbers if number != "1"]
    return numbers[0] if len(numbers) == 1 else None
