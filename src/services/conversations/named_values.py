"""Values that people name in a sentence: "my name is Ana", "change my name to Ana"."""

from dataclasses import dataclass

from flow_engine.words import as_keyword
from texts.catalogue import Texts

#: Most words that name what a value is for: "the number of my document".
MAX_NAMING_WORDS = 6
#: Most words that link a name and a value: "should be".
MAX_LINK_WORDS = 2
#: Most words of such a sentence.
MAX_WORDS = 16


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value, and the words before it."""

    naming: frozenset[str]
    value: str


def named_value(texts: Texts, text: str) -> NamedValue | None:
    """Return the value in a sentence, and the words that name it; None if there is none.

    "To" links them only behind a word such as "change".
    """
    written = text.split()
    words = [as_keyword(word) for word in written]
    if "?" in text or len(words) > MAX_WORDS:
        return None
    changes = not texts.vocabulary.words("change").isdisjoint(words[:MAX_NAMING_WORDS])
    links = texts.vocabulary.words("linking", *(("change_to",) if changes else ()))
    for at in range(1, min(len(words), MAX_NAMING_WORDS + 1)):
        for length in range(MAX_LINK_WORDS, 0, -1):
            if " ".join(words[at : at + length]) in links and words[at + length :]:
                return NamedValue(frozenset(words[:at]), " ".join(written[at + length :]))
    return None
