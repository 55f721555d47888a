"""Values that a sentence names: "my name is Ana", "change the date to 24 March"."""

from collections.abc import Iterator
from dataclasses import dataclass

from flow_engine.words import as_keyword
from texts.catalogue import Texts

#: Most words of a sentence that names a value.
MAX_SENTENCE_WORDS = 16
#: Most words that name a question: "the number of my document".
MAX_NAMING_WORDS = 6
#: Most words that link a name and a value: "should be".
MAX_LINK_WORDS = 2


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value, and the words before it."""

    naming: frozenset[str]
    value: str


def named_value(texts: Texts, text: str) -> NamedValue | None:
    """Return the first value in a sentence, with the words that name it; None if there is none."""
    return next(named_values(texts, text), None)


def named_values(texts: Texts, text: str) -> Iterator[NamedValue]:
    """Yield the values that a sentence may have, and the words that name them.

    "To" links them only behind a word such as "change".
    """
    written = text.split()
    words = [as_keyword(word) for word in written]
    if "?" in text or len(words) > MAX_SENTENCE_WORDS:
        return
    changes = not texts.vocabulary.words("change").isdisjoint(words[:MAX_NAMING_WORDS])
    links = texts.vocabulary.words("linking", *(("change_to",) if changes else ()))
    for at in range(1, min(len(words), MAX_NAMING_WORDS + 1)):
        for length in range(MAX_LINK_WORDS, 0, -1):
            if " ".join(words[at : at + length]) in links and words[at + length :]:
                yield NamedValue(frozenset(words[:at]), " ".join(written[at + length :]))
                break
        if changes and written[at - 1].endswith((":", ",")):  # "change my name: Ana Ruiz"
            yield NamedValue(frozenset(words[:at]), " ".join(written[at:]))
