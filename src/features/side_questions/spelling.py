"""What a message looks like to the model: its words, however they are spelled, and their parts."""

from collections.abc import Iterator
from itertools import pairwise

from flow_engine.short_forms import spelled_out
from flow_engine.typos import unstretched
from flow_engine.words import normalise

#: Marks of grams: the ends of a message, and what is a part of a word.
START, END, PART = "^", "$", "~"
#: Stands for every word with digits.
DIGITS = "#"
#: Lengths of the parts of words, in letters: "qué", "kien" and "quien" share some.
PART_LENGTHS = (3, 4)


def plain_words(text: str) -> list[str]:
    """Return the words of a message: "Whaaats dis??" -> "what", "is", "this"."""
    plain = unstretched(normalise(text)).replace("'", "")
    words = spelled_out(plain).split()
    return [DIGITS if any(map(str.isdecimal, word)) else word for word in words]


def grams_of(text: str) -> frozenset[str]:
    """Return the words of a message, pairs of them, and the parts of each."""
    words = plain_words(text)
    return frozenset((*words, *_pairs(words), *(part for word in words for part in _parts(word))))


def _pairs(words: list[str]) -> Iterator[str]:
    placed = [START, *words, END]
    return (f"{one} {after}" for one, after in pairwise(placed))


def _parts(word: str) -> Iterator[str]:
    placed = f"<{word}>"
    for length in PART_LENGTHS:
        for start in range(len(placed) - length + 1):
            yield PART + placed[start : start + length]
