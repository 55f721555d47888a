"""Numbers in words, in every language that there is: "twenty-one", "mil novecientos noventa"."""

from collections.abc import Iterable, Iterator, Sequence

from flow_engine.languages import LANGUAGES
from flow_engine.words import normalise

_NUMBERS = [language.numbers for language in LANGUAGES.values()]


def _table(lists: Iterable[Sequence[str]], first: int, step: int = 1) -> dict[str, int]:
    """Return the numbers by their words; each list goes from `first` upwards."""
    return {
        normalise(word): first + step * place
        for words_of in lists
        for place, words in enumerate(words_of)
        for word in words.split(",")
    }


_SMALL = _table((one.units for one in _NUMBERS), 0)
_BY_TEN = _table((one.tens for one in _NUMBERS), 30, 10)
_BY_TEN |= {word: 20 for word, value in _SMALL.items() if value == 20}
_BY_HUNDRED = _table((one.hundreds for one in _NUMBERS), 100, 100)
_PLACES = _table((one.ordinals for one in _NUMBERS), 1)
_THOUSAND = frozenset(normalise(word) for one in _NUMBERS for word in one.thousand)
_NUMBER_WORDS = frozenset((*_SMALL, *_BY_TEN, *_BY_HUNDRED, *_PLACES, *_THOUSAND))
#: Words between parts of a number: "two thousand and one", "treinta y dos".
_AND = frozenset(normalise(word) for one in _NUMBERS for word in one.joints)


def with_numbers(text: str) -> Sequence[str]:
    """Return the normalised words of a text, with digits for each number that is in words.

    "the twenty-fifth of December nineteen ninety" -> the, 25, of, december, 1990.
    """
    words = [part for word in normalise(text).split() for part in _split(word)]
    return list(_read(words))


def only_ordinal(words: Iterable[str]) -> int | None:
    """Return the place that normalised words name, if it is only one: 2 for "the second one"."""
    found = {_PLACES[word] for word in words if word in _PLACES}
    return found.pop() if len(found) == 1 else None


def _split(word: str) -> Sequence[str]:
    parts = word.split("-")
    return parts if len(parts) > 1 and all(map(_is_number, parts)) else [word]


def _is_number(word: str) -> bool:
    return word in _NUMBER_WORDS


def _read(words: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        if not _is_number(words[at]):
            yield words[at]
            at += 1
            continue
        end = _end_of_number(words, at)
        yield str(_value(words[at:end]))
        at = end


def _end_of_number(words: Sequence[str], start: int) -> int:
    """Return the place behind the words that go on with the number that starts here."""
    end = start + 1
    while end < len(words):
        here = end + 1 if words[end] in _AND and end + 1 < len(words) else end
        joined = words[here - 1] if here > end else ""
        if not _goes_on(words[start:end], words[here], joined=bool(joined)):
            return end
        end = here + 1
    return end


def _goes_on(before: Sequence[str], word: str, *, joined: bool) -> bool:
    """Return whether a word is part of the number before it: "one" of "twenty"."""
    if before[-1] in _PLACES and before[-1] not in _SMALL:
        return False
    last = before[-1]
    if word in _THOUSAND:
        return not any(one in _THOUSAND for one in before) and not joined
    if last in _THOUSAND:
        return _is_number(word)
    if word in _BY_HUNDRED:  # "two hundred", "nineteen hundred"
        return _BY_HUNDRED[word] == 100 and last in _SMALL and not joined
    if last in _BY_HUNDRED:
        return _is_number(word)
    if last in _BY_TEN:  # "twenty one", "treinta y dos"
        return 0 < _SMALL.get(word, _PLACES.get(word, 0)) < 10
    # A year in two halves: "nineteen ninety", "twenty ten".
    is_century = len(before) == 1 and _SMALL.get(last, 0) in (18, 19, 20) and not joined
    return is_century and (word in _BY_TEN or 10 <= _SMALL.get(word, 0) < 20)


def _value(words: Sequence[str]) -> int:
    total = part = 0
    for word in words:
        if word in _THOUSAND:
            total, part = (part or 1) * 1000, 0
        elif _BY_HUNDRED.get(word) == 100:
            part = (part or 1) * 100
        elif word not in _AND:
            part = _added(part, _value_of(word))
    return total + part


def _added(part: int, value: int) -> int:
    is_century = part in (18, 19, 20) and value >= 10
    return part * 100 + value if is_century else part + value


def _value_of(word: str) -> int:
    tables = (_SMALL, _BY_TEN, _BY_HUNDRED, _PLACES)
    return next(table[word] for table in tables if word in table)
