"""Answers inside a sentence: "my name is Ana Pérez", "C.C. No. 1.020.300", "a table for four"."""

import regex

from flow_engine.spoken_numbers import with_numbers
from flow_engine.words import normalise, plain_digits

#: What people say before they answer, and after it.
_OPENING = (
    r"(?:hi|hello|hey|sure|ok|okay|yes|of course|well|good (?:morning|afternoon|evening)"
    r"|hola|buenas(?: tardes| noches)?|buen d[ií]a|buenos d[ií]as|claro(?: que s[ií])?|s[ií]|bueno|pues|listo"
    r"|olá|oi|bom dia|boa (?:tarde|noite)|sim|claro que sim)\b"
)
#: How people introduce themselves in English, Spanish and Portuguese.
_NAMED = (
    r"(?:(?:my |the )?(?:full |complete )?name(?:'s|’s| is)|i am|i'm|i’m|this is|it's|it’s"
    r"|(?:they |people |you can |just )?call me"
    r"|me llamo|mi nombre(?: completo)? es|mi nombre|yo soy|soy|(?:le|te|les) (?:habla|escribe)"
    r"|(?:o )?meu nome(?: completo)? é|meu nome|me chamo|(?:eu )?sou(?: (?:o|a)\b)?"
    r"|aqui (?:é|quem fala é)(?: (?:o|a)\b)?)\b"
    r"|(?:full |complete )?name\s*[:=]|nombre(?: completo| y apellido)?\s*[:=]|nome(?: completo)?\s*[:=]"
)
_INTRODUCTION = regex.compile(
    rf"(?:{_OPENING}[\s,.!]*)*(?:{_NAMED})[\s:,]*|(?:{_OPENING}\s*[,.!]+\s*)+", regex.IGNORECASE
)
_CLOSING = regex.compile(
    r"[\s,.!]+(?:thanks|thank you|please|here|gracias|muchas gracias|por favor|obrigad[oa])[\s.!]*$",
    regex.IGNORECASE,
)
_TITLE = regex.compile(
    r"(?:mr|mrs|ms|miss|mx|dr|dra|sr|sra|srta|prof|ing|lic|doctor|doctora|señor|señora|senhor|senhora"
    r"|dona|doña|seu)\b\.?\s+(?=\S+\s)",
    regex.IGNORECASE,
)
#: Words that make a sentence, and are in no name.
_NO_NAMES = frozenset(
    [
        "you",
        "your",
        "what",
        "why",
        "where",
        "when",
        "how",
        "want",
        "tell",
        "told",
        "don't",
        "dont",
        "not",
        "because",
        "is",
        "are",
        "this",
        "that",
        "it's",
        "quiero",
        "quieren",
        "decir",
        "decirte",
        "porque",
        "para",
        "que",
        "donde",
        "cuando",
        "usted",
        "ustedes",
        "esto",
        "eso",
        "tengo",
        "saber",
        "quero",
        "querem",
        "dizer",
        "voce",
        "voces",
        "isso",
        "isto",
        "tenho",
        "nao",
    ]
)
#: Words around the number of a document, as `normalise` leaves them, without points.
_LABELS = frozenset(
    [
        "my",
        "the",
        "a",
        "is",
        "its",
        "it",
        "it's",
        "number",
        "no",
        "n",
        "nr",
        "nro",
        "num",
        "id",
        "card",
        "document",
        "passport",
        "sure",
        "ok",
        "okay",
        "yes",
        "hi",
        "hello",
        "thanks",
        "thank",
        "you",
        "please",
        "mi",
        "el",
        "la",
        "es",
        "su",
        "numero",
        "de",
        "del",
        "documento",
        "cedula",
        "ciudadania",
        "extranjeria",
        "pasaporte",
        "identidad",
        "cc",
        "ce",
        "ti",
        "dni",
        "nit",
        "rut",
        "nie",
        "identificacion",
        "claro",
        "si",
        "bueno",
        "gracias",
        "por",
        "favor",
        "hola",
        "cpf",
        "rg",
        "meu",
        "minha",
        "o",
        "e",
        "do",
        "identidade",
        "passaporte",
        "identificacao",
        "sim",
        "obrigado",
        "obrigada",
        "oi",
    ]
)
#: Longest part of a number that has no digits: the series of a passport.
MAX_SERIES_CHARS = 3


def without_introduction(text: str) -> str:
    """Return what stands between "my name is Dr." and "thanks"; all of it without such words."""
    text = text.strip()
    found = _INTRODUCTION.match(text)
    rest = text[found.end() :] if found else text
    return str(_TITLE.sub("", _CLOSING.sub("", rest), count=1))


def is_sentence(words: list[str]) -> bool:
    """Return whether words that should be a name are a sentence."""
    return any(normalise(word) in _NO_NAMES for word in words)


def number_in(text: str) -> str:
    """Return the number among words such as "my number is AB 1020300, thanks".

    Raises ValueError if there are other words.
    """
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    while words and _is_label(words[0]):
        del words[0]
    while words and _is_label(words[-1]):
        del words[-1]
    if any(len(word) > MAX_SERIES_CHARS for word in words if not any(map(str.isdigit, word))):
        raise ValueError("a number has no other words")
    return " ".join(words)


def _is_label(word: str) -> bool:
    return normalise(word).replace(".", "") in _LABELS


def count_in(text: str) -> str | None:
    """Return the only number of a sentence, in digits or in words; None if there are more."""
    numbers = [word for word in with_numbers(plain_digits(text)) if word.isdecimal()]
    if len(numbers) > 1 and "1" not in text:  # "una mesa para cuatro": the first is an article
        numbers = [number for number in numbers if number != "1"]
    return numbers[0] if len(numbers) == 1 else None
