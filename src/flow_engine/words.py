"""Comparing what people type: case, accents and punctuation around it do not matter."""

import unicodedata


def normalise(text: str) -> str:
    """`" ¡Sí! "` -> `"si"`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = " ".join(plain.split())
    return words.strip(" .,;:!¡?¿\"'«»()")
