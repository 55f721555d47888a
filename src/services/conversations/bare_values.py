"""A value without what stands around it: "Ríos" of "no, perdón, es Ríos, por favor"."""

from collections.abc import Sequence

from flow_engine.words import as_keyword
from texts.catalogue import Texts

#: Groups of words that stand around a value, and say nothing of it.
AROUND = ("linking", "apology", "correction", "courtesy", "filler")
#: Most words of a phrase that stands around a value: "thank you very much".
MAX_PHRASE_WORDS = 4
#: Marks around a word that are no part of it.
_MARKS = " ,.;:!()\"'“”«»"


def bare_value(texts: Texts, written: Sequence[str], *also: str) -> list[str]:
    """Return words without those of AROUND, and of the groups in `also`, at both ends."""
    around = texts.vocabulary.words(*AROUND, *also)
    left = [word for word in written if any(map(str.isalnum, word))]
    while (count := _around_beginning(around, left)) and left:
        del left[:count]
    while left and (count := _around_end(around, left)):
        del left[-count:]
    if not left:
        return []
    left[0] = left[0].lstrip(_MARKS)
    left[-1] = left[-1].rstrip(_MARKS)
    return left


def _around_beginning(around: frozenset[str], words: Sequence[str]) -> int:
    lengths = range(min(MAX_PHRASE_WORDS, len(words)), 0, -1)
    return next((one for one in lengths if _phrase(words[:one]) in around), 0)


def _around_end(around: frozenset[str], words: Sequence[str]) -> int:
    lengths = range(min(MAX_PHRASE_WORDS, len(words)), 0, -1)
    return next((one for one in lengths if _phrase(words[-one:]) in around), 0)


def _phrase(words: Sequence[str]) -> str:
    return " ".join(map(as_keyword, words))
