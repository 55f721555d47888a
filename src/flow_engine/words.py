"""Comparing what people type: case, accents and punctuation around it do not matter."""

import unicodedata

#: Longest message that may be a keyword, a trigger or a choice, in characters.
MAX_KEYWORD_CHARS = 300


def normalise(text: str) -> str:
    """`" ¡Sí! "` -> `"si"`."""
    # One character at a time: `normalize` sorts a run of accents, in quadratic time.
    decomposed = "".join(unicodedata.normalize("NFKD", char) for char in text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = " ".join(plain.split())
    return words.strip(" .,;:!¡?¿\"'«»()")


def as_keyword(message: str) -> str:
    """Return a whole message as keywords are compared; "" if it is too long to be one.

    A message of 10,000 characters may decompose to 180,000, and is compared ten times.
    """
    words = " ".join(message.split())
    return normalise(words) if len(words) <= MAX_KEYWORD_CHARS else ""
