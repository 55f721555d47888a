"""The language that somebody asks for: "can u talk spanish? my mum will use it"."""

from flow_engine.words import as_keyword
from texts.vocabulary import Vocabulary


def language_asked_for(vocabulary: Vocabulary, text: str) -> str | None:
    """Return the one language that a message names; None if it denies it, or names several."""
    words = as_keyword(text).split()
    if vocabulary.denies(words):  # "I don't speak English"
        return None
    named = {vocabulary.language_named(word) for word in words} - {None}
    return named.pop() if len(named) == 1 else None
